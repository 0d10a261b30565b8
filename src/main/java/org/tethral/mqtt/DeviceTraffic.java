package org.tethral.mqtt;

import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tethral.account.Actor;
import org.tethral.broker.SessionChange;
import org.tethral.broker.Subscription;
import org.tethral.broker.Will;
import org.tethral.device.ConnectingDevice;
import org.tethral.device.Link;
import org.tethral.ingest.Answer;
import org.tethral.ingest.Decision;
import org.tethral.ingest.Fact;
import org.tethral.ingest.Inbound;
import org.tethral.ingest.Ingest;
import org.tethral.ingest.Posting;
import org.tethral.payload.Malformed;
import org.tethral.payload.NativePayload;
import org.tethral.payload.ThingsBoardPayload;

/// What a device says, into the inbound queue, and what it is told. Its parts are made when they
/// are first needed, as most devices only report.
final class DeviceTraffic implements Traffic {

    private static final Logger LOG = LoggerFactory.getLogger(DeviceTraffic.class);
    private static final Duration TELL_ALIVE_EVERY = Decision.SEEN_STEP.dividedBy(2);

    /// The platform tells a device what is newest; nothing of that is worth more than QoS 1.
    private static final int QOS_MAX = 1;

    /// What the queue did not take: it goes first as soon as there is room.
    private record Offer(
            Inbound message, @Nullable Posting beside, int bytes, Ingest.Reply reply) {}

    private final Conversation conversation;
    private final Surroundings around;
    private final ConnectingDevice device;
    private final Link link;
    private @Nullable DesiredFeed desired;
    private @Nullable AttributesAnswers attributes;
    private @Nullable DeviceCommands commands;
    private @Nullable GatewayTraffic gateway;
    private @Nullable Queue<Offer> stalled;
    private @Nullable Instant toldAlive;
    private String lastTopic = "";
    private Destination lastDestination = Destination.Nowhere.FOREIGN;

    DeviceTraffic(
            Conversation conversation, Surroundings around, ConnectingDevice device, Link link) {
        this.conversation = conversation;
        this.around = around;
        this.device = device;
        this.link = link;
    }

    ConnectingDevice device() {
        return device;
    }

    Conversation conversation() {
        return conversation;
    }

    private DesiredFeed desired() {
        if (desired == null) {
            desired = new DesiredFeed(this, around);
        }
        return desired;
    }

    private AttributesAnswers attributes() {
        if (attributes == null) {
            attributes = new AttributesAnswers(this, around);
        }
        return attributes;
    }

    private GatewayTraffic gateway() {
        if (gateway == null) {
            gateway = new GatewayTraffic(this, around);
        }
        return gateway;
    }

    DeviceCommands commands() {
        if (commands == null) {
            commands = new DeviceCommands(this, around);
        }
        return commands;
    }

    @Override
    public int qosMax() {
        return QOS_MAX;
    }

    @Override
    public void take(MqttPublishMessage message, String topic, Acknowledgement acknowledgement) {
        take(topic, ByteBufUtil.getBytes(message.payload()), acknowledgement);
    }

    private void take(String topic, byte[] payload, Acknowledgement acknowledgement) {
        try {
            switch (destination(topic)) {
                case Destination.Own own ->
                        offer(inbound(own, payload), payload.length, acknowledgement);
                case Destination.AttributesRequest request ->
                        attributes().answer(request, payload, acknowledgement);
                case Destination.Gateway kind -> gateway().take(kind, payload, acknowledgement);
                case Destination.Mapped(var match) ->
                        gateway().take(match, payload, acknowledgement);
                case Destination.CommandAnswer(var command) ->
                        commands().answered(command, payload, acknowledgement);
                case Destination.CallAnswer(var number) ->
                        commands().answered(number, payload, acknowledgement);
                case Destination.GatewayAnswer _ -> gateway().answered(payload, acknowledgement);
                case Destination.Call call ->
                        DeviceCalls.take(this, around, call, payload, acknowledgement);
                case Destination.Claim _ ->
                        ClaimRequest.take(this, around, payload, acknowledgement);
                case Destination.Nowhere nowhere -> refuse(acknowledgement, no(nowhere, topic));
            }
        } catch (Malformed e) {
            refuse(
                    acknowledgement,
                    new Refusal(Reason.PAYLOAD_FORMAT_INVALID, String.valueOf(e.getMessage())));
        }
    }

    private Destination destination(String topic) {
        if (!topic.equals(lastTopic)) {
            lastDestination = Destination.of(topic, device.id(), around.settings().topicMaps());
            lastTopic = topic;
        }
        return lastDestination;
    }

    private Refusal no(Destination.Nowhere nowhere, String topic) {
        return switch (nowhere) {
            case FOREIGN ->
                    new Refusal(
                            Reason.NOT_AUTHORIZED,
                            "device " + device.id() + " must not publish to " + topic);
            case NOT_SERVED ->
                    new Refusal(Reason.TOPIC_NAME_INVALID, "nothing is served at topic " + topic);
        };
    }

    void refuse(Acknowledgement acknowledgement, Refusal refusal) {
        conversation.uplink().refuse(acknowledgement, refusal);
    }

    private Inbound inbound(Destination.Own destination, byte[] payload) throws Malformed {
        var now = conversation.connection().receivedAt();
        return switch (destination) {
            case REPORT -> new Inbound.Report(device, now, NativePayload.report(payload, now));
            case STATE -> state(now, payload);
            case EVENT ->
                    new Inbound.EventReport(
                            device,
                            now,
                            NativePayload.event(payload, device, now, around.random()));
            case TELEMETRY ->
                    new Inbound.Report(device, now, ThingsBoardPayload.telemetry(payload, now));
            case ATTRIBUTES ->
                    new Inbound.Report(
                            device, now, List.of(ThingsBoardPayload.attributes(payload, now)));
        };
    }

    private Inbound state(Instant now, byte[] payload) throws Malformed {
        var message = NativePayload.state(payload);
        return new Inbound.StateReport(
                device, now, message.state(), message.reason(), Actor.device(device.id().value()));
    }

    /// Into the queue, in order. Where the queue is full the connection is not read until there is
    /// room.
    void offer(Inbound message, int bytes, Acknowledgement acknowledgement) {
        offer(message, packetIdKept(acknowledgement), bytes, acknowledgement);
    }

    void offer(Inbound message, int bytes, Ingest.Reply reply) {
        offer(message, null, bytes, reply);
    }

    /// @param reply instead of the acknowledgement
    void offer(Inbound message, int bytes, Acknowledgement acknowledgement, Ingest.Reply reply) {
        offer(message, packetIdKept(acknowledgement), bytes, reply);
    }

    /// A QoS 2 message of a session that is kept is not taken twice, also after a restart: its
    /// packet id is written with it.
    private Posting.@Nullable Sessions packetIdKept(Acknowledgement acknowledgement) {
        var id = conversation.session().id();
        return id != null && acknowledgement.kind() == Acknowledgement.Kind.PUBREC
                ? Posting.Sessions.of(new SessionChange.IdKept(id, acknowledgement.packetId()))
                : null;
    }

    /// For a message of which several are made: the packet id is kept when all of them are stored,
    /// and then it is acknowledged.
    Ingest.Reply keepingItsId(Acknowledgement acknowledgement) {
        var kept = packetIdKept(acknowledgement);
        return kept == null
                ? acknowledgement
                : answer -> {
                    if (!(answer instanceof Answer.Stored)) {
                        acknowledgement.answered(answer);
                    } else {
                        var _ = around.broker().postings().post(kept.changes(), 0, acknowledgement);
                    }
                };
    }

    private void offer(Inbound message, @Nullable Posting beside, int bytes, Ingest.Reply reply) {
        if (stalled == null && offered(message, beside, bytes, reply)) {
            return;
        }
        if (stalled == null) {
            stalled = new ArrayDeque<>(1);
            conversation.connection().intake().pause(Intake.Pause.QUEUE_FULL);
            whenRoom(message);
        }
        stalled.add(new Offer(message, beside, bytes, reply));
    }

    private boolean offered(
            Inbound message, @Nullable Posting beside, int bytes, Ingest.Reply reply) {
        return beside == null
                ? around.ingest().offer(message, bytes, reply)
                : around.ingest().offer(message, beside, bytes, reply);
    }

    private void whenRoom(Inbound message) {
        var outbox = conversation.connection().loop().outbox();
        around.ingest().whenRoom(message.device().id(), () -> outbox.addAndRing(this::retry));
    }

    /// Also after the connection has closed: what was taken from it is not dropped.
    private void retry() {
        var waiting = stalled;
        if (waiting == null) {
            return;
        }
        for (var offer = waiting.peek(); offer != null; offer = waiting.peek()) {
            if (!offered(offer.message(), offer.beside(), offer.bytes(), offer.reply())) {
                whenRoom(offer.message());
                return;
            }
            waiting.remove();
        }
        stalled = null;
        conversation.connection().intake().resume(Intake.Pause.QUEUE_FULL);
    }

    /// Told to the platform, though not each of a client that pings in a loop, and not worth
    /// waiting for.
    @Override
    public void alive() {
        var now = conversation.connection().receivedAt();
        if (toldAlive == null
                || Duration.between(toldAlive, now).abs().compareTo(TELL_ALIVE_EVERY) >= 0) {
            toldAlive = now;
            around.ingest()
                    .offer(new Inbound.Heartbeat(device, now), 0, around.meters().unacknowledged());
        }
    }

    /// The desired values of the device were changed. What nobody subscribed to makes no work.
    void desiredChanged(Fact.DesiredChanged change) {
        if (!conversation.session().subscriptions().isEmpty()) {
            desired().changed(change);
        }
    }

    @Override
    public void subscribed(List<Subscription> fresh) {
        desired().subscribed(fresh);
    }

    @Override
    public void subscriptionsChanged() {
        if (commands != null || CommandFeed.wanted(this)) {
            commands().look();
        }
        if (gateway != null) {
            gateway.commands().look();
        }
    }

    @Override
    public void resumed() {
        subscriptionsChanged();
        if (!conversation.session().subscriptions().isEmpty()) {
            desired().subscribed(conversation.session().subscriptions());
        }
    }

    @Override
    public void pump() {
        if (commands != null) {
            commands.pump();
        }
        if (desired != null) {
            desired.pump();
        }
    }

    /// A will that the platform can make nothing of is left out: the platform itself says when a
    /// device is gone, and one that cannot be told another will must not be locked out over it.
    @Override
    public void say(Will will) {
        try {
            if (destination(will.topic().text()) instanceof Destination.Own own) {
                tell(inbound(own, will.payload()));
                return;
            }
        } catch (Malformed e) {
            LOG.atDebug().addKeyValue("device_id", device.id()).log(String.valueOf(e.getMessage()));
        }
        around.meters().refused("will", Reason.TOPIC_NAME_INVALID);
    }

    @Override
    public void closed(boolean timedOut, String reason) {
        if (commands != null) {
            commands.close();
        }
        if (gateway != null) {
            gateway.close();
        }
        tell(new Inbound.Disconnected(device, around.clock().instant(), link, timedOut, reason));
    }

    /// In the end also where the queue is full at the moment.
    private void tell(Inbound last) {
        if (!around.ingest().offer(last, 0, around.meters().unacknowledged())) {
            around.ingest().whenRoom(device.id(), () -> tell(last));
        }
    }
}
