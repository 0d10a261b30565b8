package org.tethral.mqtt;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.tethral.command.CommandId;
import org.tethral.device.ConnectingDevice;
import org.tethral.device.Link;
import org.tethral.device.Protocol;
import org.tethral.ingest.Answer;
import org.tethral.ingest.Inbound;
import org.tethral.ingest.Ingest;
import org.tethral.kernel.StorageException;
import org.tethral.kernel.Value;
import org.tethral.payload.Malformed;
import org.tethral.payload.MappedPayload;
import org.tethral.payload.ThingsBoardPayload;
import org.tethral.payload.ThingsBoardRpc;
import org.tethral.payload.TopicMap;
import org.tethral.payload.TopicMaps;

/// What a gateway tells of the devices behind it: by the ThingsBoard gateway API, or on mapped
/// topics. A name that it may not use goes to the inbox, and never ends its connection: that one
/// serves other devices too. On the event loop; look-ups off it.
final class GatewayTraffic {

    /// Devices behind one gateway that are remembered.
    static final int DEVICES_MAX = 10_000;

    static final int DEVICES_PER_MESSAGE_MAX = 1_000;

    private static final Duration REMEMBERED_FOR = Duration.ofSeconds(60);

    private record Known(Optional<ConnectingDevice> device, long untilNanos) {}

    /// A device that the gateway said is connected.
    private record Present(ConnectingDevice device, Link link) {}

    /// What a message tells of one device.
    @FunctionalInterface
    private interface Tale {
        List<Inbound> of(ConnectingDevice device) throws Malformed;
    }

    /// @param devices that it tells of, in its order, each with what it tells
    private record Message(Map<String, Tale> devices, int bytes, Acknowledgement asked) {}

    private final DeviceTraffic traffic;
    private final Conversation conversation;
    private final Surroundings around;
    private final Map<String, Known> known = new HashMap<>();
    private final Map<String, Present> present = new LinkedHashMap<>();
    private final GatewayCommands commands;

    GatewayTraffic(DeviceTraffic traffic, Surroundings around) {
        this.traffic = traffic;
        this.conversation = traffic.conversation();
        this.around = around;
        this.commands = new GatewayCommands(traffic, around);
    }

    GatewayCommands commands() {
        return commands;
    }

    void take(Destination.Gateway kind, byte[] payload, Acknowledgement acknowledgement)
            throws Malformed {
        var devices =
                switch (kind) {
                    case CONNECT, DISCONNECT ->
                            Map.<String, Value>of(
                                    ThingsBoardPayload.gatewayDevice(payload), Value.Null.NULL);
                    case TELEMETRY, ATTRIBUTES -> ThingsBoardPayload.gateway(payload);
                };
        if (devices.size() > DEVICES_PER_MESSAGE_MAX) {
            throw new Malformed(
                    "a message tells of at most " + DEVICES_PER_MESSAGE_MAX + " devices");
        }
        var tales = new LinkedHashMap<String, Tale>();
        devices.forEach((name, value) -> tales.put(name, one -> inbound(kind, one, value)));
        take(new Message(tales, payload.length, acknowledgement));
    }

    /// What a device behind it answers to a call.
    void answered(byte[] payload, Acknowledgement acknowledgement) throws Malformed {
        var answer = ThingsBoardRpc.gatewayAnswer(payload);
        traffic.commands()
                .numbers()
                .find(
                        answer.device(),
                        Integer.toString(answer.number()),
                        id -> answered(answer, id, payload, acknowledgement),
                        refusal -> traffic.refuse(acknowledgement, refusal));
    }

    private void answered(
            ThingsBoardRpc.GatewayAnswer answer,
            CommandId command,
            byte[] payload,
            Acknowledgement acknowledgement) {
        var now = conversation.connection().receivedAt();
        Tale tale =
                device -> List.of(new Inbound.CommandStep(device, now, command, answer.answer()));
        var message =
                new Message(Map.of(answer.device().value(), tale), payload.length, acknowledgement);
        orRefuse(message, () -> take(message));
    }

    @FunctionalInterface
    private interface Step {
        void run() throws Malformed;
    }

    private void orRefuse(Message message, Step step) {
        try {
            step.run();
        } catch (Malformed e) {
            traffic.refuse(
                    message.asked(),
                    new Refusal(Reason.PAYLOAD_FORMAT_INVALID, String.valueOf(e.getMessage())));
        }
    }

    /// A message on a mapped topic: of the device itself, or of one behind it.
    void take(TopicMaps.Match match, byte[] payload, Acknowledgement acknowledgement)
            throws Malformed {
        var self = traffic.device();
        if (match.kind() == TopicMap.Rule.Kind.NOTHING) {
            accept(acknowledgement);
            return;
        }
        if (match.device().equals(self.id().value())) {
            // whether it is there is seen from its connection
            var told = new ArrayList<>(mapped(match, payload, self));
            told.removeIf(MappedPayload::saysWhetherThere);
            offer(told, payload.length, acknowledgement);
            return;
        }
        var tales = Map.<String, Tale>of(match.device(), device -> mapped(match, payload, device));
        take(new Message(tales, payload.length, acknowledgement));
    }

    private List<Inbound> mapped(TopicMaps.Match match, byte[] payload, ConnectingDevice device)
            throws Malformed {
        var connection = conversation.connection();
        return MappedPayload.read(
                match,
                payload,
                new MappedPayload.Context(
                        device,
                        connection.receivedAt(),
                        connection.remoteAddress(),
                        around.settings().node(),
                        around.random()));
    }

    private void take(Message message) throws Malformed {
        var unknown = unknown(message.devices().keySet());
        if (unknown.isEmpty()) {
            tell(message);
        } else {
            find(message, unknown);
        }
    }

    private Set<String> unknown(Set<String> names) {
        var now = System.nanoTime();
        var unknown = new LinkedHashSet<String>();
        for (var name : names) {
            var one = known.get(name);
            if (one == null || now - one.untilNanos() >= 0) {
                unknown.add(name);
            }
        }
        return unknown;
    }

    /// Nothing more is read meanwhile, so that the messages stay in their order.
    private void find(Message message, Set<String> names) {
        var outbox = conversation.connection().loop().outbox();
        var gateway = traffic.device().id();
        var started =
                around.lookups()
                        .start(() -> {
                            Runnable next;
                            try {
                                var found = around.gatewayDevices().find(gateway, names);
                                next = () -> found(message, found);
                            } catch (StorageException e) {
                                next = () -> failed(message);
                            }
                            outbox.addAndRing(next);
                        });
        if (started) {
            conversation.connection().intake().pause(Intake.Pause.LOOKUP);
        } else {
            traffic.refuse(
                    message.asked(),
                    new Refusal(Reason.QUOTA_EXCEEDED, "too many look-ups at a time"));
        }
    }

    private void failed(Message message) {
        traffic.refuse(
                message.asked(), new Refusal(Reason.NOT_STORABLE, "the database does not answer"));
        conversation.connection().intake().resume(Intake.Pause.LOOKUP);
    }

    private void found(Message message, GatewayDevices.Found found) {
        switch (found) {
            case GatewayDevices.Found.NoGateway _ ->
                    traffic.refuse(
                            message.asked(),
                            new Refusal(
                                    Reason.NOT_AUTHORIZED,
                                    "device "
                                            + traffic.device().id()
                                            + " is not registered as a gateway"));
            case GatewayDevices.Found.Devices(var devices) -> {
                remember(message, devices);
                orRefuse(message, () -> tell(message));
            }
        }
        conversation.flushLater();
        conversation.connection().intake().resume(Intake.Pause.LOOKUP);
    }

    private void remember(Message message, Map<String, Optional<ConnectingDevice>> devices) {
        if (known.size() + devices.size() > DEVICES_PER_MESSAGE_MAX) {
            known.keySet().retainAll(message.devices().keySet());
        }
        var until = System.nanoTime() + REMEMBERED_FOR.toNanos();
        devices.forEach((name, device) -> known.put(name, new Known(device, until)));
    }

    private void tell(Message message) throws Malformed {
        var told = new ArrayList<Inbound>();
        var strangers = new ArrayList<String>();
        for (var entry : message.devices().entrySet()) {
            var one = known.get(entry.getKey());
            if (one != null && one.device().isPresent()) {
                told.addAll(entry.getValue().of(one.device().get()));
            } else {
                strangers.add(entry.getKey());
            }
        }
        turnAway(strangers);
        if (!strangers.isEmpty() && told.isEmpty() && refuseAll(message, strangers)) {
            return;
        }
        offer(told, message.bytes(), message.asked());
    }

    private void offer(List<Inbound> told, int bytes, Acknowledgement asked) {
        if (told.isEmpty()) {
            accept(asked);
            return;
        }
        if (told.size() == 1) {
            traffic.offer(told.getFirst(), bytes, asked, traffic.commands().reply(asked));
            return;
        }
        var reply = together(told.size(), traffic.keepingItsId(asked));
        for (var one : told) {
            traffic.offer(one, bytes / told.size(), reply);
        }
    }

    /// False: an MQTT 3.1.1 gateway would lose its connection over it, and with it all its devices.
    /// It gets its yes, as that speaks of registered devices only.
    private boolean refuseAll(Message message, List<String> strangers) {
        if (!conversation.hello().version5()) {
            return false;
        }
        traffic.refuse(
                message.asked(),
                new Refusal(
                        Reason.NOT_STORABLE,
                        "not registered in the gateway's community: "
                                + String.join(
                                        ", ",
                                        strangers.subList(0, Math.min(5, strangers.size())))));
        return true;
    }

    private void accept(Acknowledgement asked) {
        asked.settle(null);
        conversation.flushLater();
    }

    private void turnAway(List<String> strangers) {
        for (var name : strangers) {
            around.meters().refused("gateway", Reason.NOT_AUTHORIZED);
            around.rejections()
                    .rejected(
                            name,
                            Protocol.MQTT,
                            conversation.connection().remoteAddress(),
                            "unknown device behind gateway " + traffic.device().id());
        }
    }

    private List<Inbound> inbound(Destination.Gateway kind, ConnectingDevice device, Value value)
            throws Malformed {
        var now = conversation.connection().receivedAt();
        var name = device.id().value();
        return switch (kind) {
            case TELEMETRY ->
                    List.of(
                            new Inbound.Report(
                                    device, now, ThingsBoardPayload.telemetry(value, now)));
            case ATTRIBUTES ->
                    List.of(
                            new Inbound.Report(
                                    device,
                                    now,
                                    List.of(ThingsBoardPayload.attributes(value, now))));
            case CONNECT -> {
                if (present.containsKey(name) || present.size() >= DEVICES_MAX) {
                    yield List.of(new Inbound.Heartbeat(device, now));
                }
                var link = link();
                present.put(name, new Present(device, link));
                commands.connected(device);
                yield List.of(new Inbound.Connected(device, now, link));
            }
            case DISCONNECT -> {
                var was = present.remove(name);
                commands.disconnected(device);
                var reason = "disconnected by gateway " + gateway();
                yield was == null
                        ? List.of()
                        : List.of(new Inbound.Disconnected(device, now, was.link(), false, reason));
            }
        };
    }

    /// The gateway is gone: so are those behind it.
    void close() {
        commands.close();
        var now = around.clock().instant();
        var reason = "gateway " + gateway() + " is gone";
        for (var one : present.values()) {
            traffic.offer(
                    new Inbound.Disconnected(one.device(), now, one.link(), false, reason),
                    0,
                    around.meters().unacknowledged());
        }
        present.clear();
    }

    private String gateway() {
        return traffic.device().id().value();
    }

    private Link link() {
        return new Link(
                new UUID(around.random().nextLong(), around.random().nextLong()),
                Protocol.MQTT,
                conversation.connection().remoteAddress(),
                around.settings().node());
    }

    /// Answers when the last of several messages is answered: yes if all were, else the first no.
    private static Ingest.Reply together(int count, Ingest.Reply whole) {
        var left = new AtomicInteger(count);
        var no = new AtomicReference<@Nullable Answer>();
        return answer -> {
            if (!(answer instanceof Answer.Stored)) {
                no.compareAndSet(null, answer);
            }
            if (left.decrementAndGet() == 0) {
                var first = no.get();
                whole.answered(first == null ? answer : first);
            }
        };
    }
}
