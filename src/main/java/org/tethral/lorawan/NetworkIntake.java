package org.tethral.lorawan;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tethral.account.CommunityId;
import org.tethral.codec.CodecFailed;
import org.tethral.codec.Decoding;
import org.tethral.codec.Uplink;
import org.tethral.device.DeviceId;
import org.tethral.device.Inbox;
import org.tethral.device.KeptMessages;
import org.tethral.device.Protocol;
import org.tethral.ingest.Answer;
import org.tethral.ingest.Inbound;
import org.tethral.ingest.Ingest;
import org.tethral.json.Json;
import org.tethral.kernel.Document;
import org.tethral.lorawan.Integration.Count;
import org.tethral.payload.Malformed;
import org.tethral.space.DownlinkNews;

/// The way in for what network servers tell, whichever way it comes: reads it, decodes an uplink
/// with its device's codec, and offers what it says to the pipeline. An uplink of a device that
/// nobody registered is kept in the inbox.
public final class NetworkIntake {

    private static final String UNKNOWN = "unknown DevEUI";
    private static final Duration ROOM_WAIT_MAX = Duration.ofSeconds(1);
    private static final Logger LOG = LoggerFactory.getLogger(NetworkIntake.class);

    /// What became of it. Whichever it is, it need not come again.
    public enum Outcome {
        STORED,
        KEPT,
        REFUSED
    }

    /// A message of a network server, as it came.
    ///
    /// @param event what kind of message it is, where the message does not say so itself
    /// @param community the only one to whose devices it may speak; null: any
    public record Told(
            Network network, String event, Document message, @Nullable CommunityId community) {}

    /// What the intake works with.
    record Parts(
            KnownDevices devices,
            KeptMessages kept,
            Addresses addresses,
            DownlinkNews news,
            CommandNews commands,
            Ingest ingest,
            InstantSource clock) {}

    private final Parts parts;

    NetworkIntake(Parts parts) {
        this.parts = parts;
    }

    /// About which device it is; empty: it is of no use to us.
    ///
    /// @throws Malformed it cannot be read
    Optional<NetworkEvent> read(Told told, Integration by) throws Malformed {
        var now = parts.clock().instant();
        by.received(now);
        try {
            var event =
                    told.network()
                            .read(told.event(), told.message(), now, parts.addresses()::named);
            if (event.isEmpty()) {
                by.count(Count.STORED);
            }
            return event;
        } catch (Malformed e) {
            by.failed(Count.MALFORMED, "a message cannot be read: " + e.getMessage(), now);
            throw e;
        }
    }

    /// Returns when what it says is on its way; waits while the queue is full, and for the codec.
    ///
    /// @param event what was read of it
    /// @param done told when it is durable, on any thread; at once where nothing is to be stored
    /// @throws org.tethral.kernel.StorageException nobody can tell at the moment whose it is, or
    ///   keep it; nothing is stored
    void take(Told told, NetworkEvent event, Integration by, Consumer<Outcome> done)
            throws InterruptedException {
        var origin = event.origin();
        var known = parts.devices().find(origin.devEui());
        if (known.isEmpty()) {
            keep(told, event);
            by.count(Count.KEPT);
            done.accept(Outcome.KEPT);
            return;
        }
        var device = known.get();
        if (!mayTell(told.community(), device)) {
            by.failed(
                    Count.REFUSED,
                    origin.devEui() + " is a device of another community",
                    parts.clock().instant());
            done.accept(Outcome.KEPT); // answered like a DevEUI that nobody knows
            return;
        }
        parts.addresses().heard(told.network(), origin);
        offer(event, device, by, done);
        tellOfDownlink(event);
    }

    static boolean mayTell(@Nullable CommunityId community, KnownDevices.Known device) {
        return community == null || community.equals(device.device().community());
    }

    private void offer(
            NetworkEvent event, KnownDevices.Known device, Integration by, Consumer<Outcome> done)
            throws InterruptedException {
        var decoding = decoded(event, device).orElse(null);
        if (decoding instanceof CodecFailed failed) {
            by.failed(
                    Count.CODEC_FAILED,
                    "the codec of " + device.device().id() + " failed: " + failed,
                    parts.clock().instant());
        }
        var messages = new ArrayList<Inbound>(parts.commands().steps(event, device.device()));
        messages.addAll(Translation.of(event, device.device(), decoding, parts.clock().instant()));
        if (messages.isEmpty()) {
            by.count(Count.STORED);
            done.accept(Outcome.STORED);
            return;
        }
        var left = new AtomicInteger(messages.size());
        var outcome = new AtomicReference<>(Outcome.STORED);
        for (var message : messages) {
            offer(
                    message,
                    bytes(event),
                    answer -> {
                        if (!isStored(answer, event, by)) {
                            outcome.set(Outcome.REFUSED);
                        }
                        if (left.decrementAndGet() == 0) {
                            done.accept(count(by, outcome.get()));
                        }
                    });
        }
    }

    private static Outcome count(Integration by, Outcome outcome) {
        if (outcome == Outcome.STORED) {
            by.count(Count.STORED);
        }
        return outcome;
    }

    private static Optional<Decoding> decoded(NetworkEvent event, KnownDevices.Known device) {
        return event instanceof NetworkEvent.Uplink uplink && uplink.payload().length > 0
                ? device.codec()
                        .map(codec ->
                                codec.decode(
                                        new Uplink(
                                                uplink.payload(),
                                                uplink.port(),
                                                uplink.origin().at(),
                                                device.variables())))
                : Optional.empty();
    }

    private static int bytes(NetworkEvent event) {
        return event instanceof NetworkEvent.Uplink uplink ? uplink.payload().length : 0;
    }

    private void offer(Inbound message, int bytes, Ingest.Reply reply) throws InterruptedException {
        while (!parts.ingest().offer(message, bytes, reply)) {
            awaitRoom(message.device().id());
        }
    }

    private void awaitRoom(DeviceId device) throws InterruptedException {
        var room = new Semaphore(0);
        parts.ingest().whenRoom(device, room::release);
        // whoever closes the pipeline tells nobody
        var _ = room.tryAcquire(ROOM_WAIT_MAX.toMillis(), TimeUnit.MILLISECONDS);
    }

    private boolean isStored(Answer answer, NetworkEvent event, Integration by) {
        var devEui = event.origin().devEui();
        var reason =
                switch (answer) {
                    case Answer.Stored _, Answer.UnknownCommand _ -> null;
                    case Answer.UnknownDevice _ -> {
                        parts.devices().forget(devEui);
                        yield "the device is not registered any more";
                    }
                    case Answer.DisabledDevice _ -> "the device is disabled";
                    case Answer.Unstorable(var why) -> "the database does not take it: " + why;
                    case Answer.VersionIsNow _ ->
                            throw new IllegalStateException("no answer to a report: " + answer);
                };
        if (reason == null) {
            return true;
        }
        by.failed(Count.REFUSED, devEui + ": " + reason, parts.clock().instant());
        LOG.atDebug()
                .addKeyValue("dev_eui", devEui)
                .addKeyValue("reason", reason)
                .log("message of a network server refused");
        return false;
    }

    private void tellOfDownlink(NetworkEvent event) {
        var news = parts.news();
        var at = event.origin().at();
        switch (event) {
            case NetworkEvent.Transmitted(_, var downlink) ->
                    downlink.ifPresent(id -> news.transmitted(id, at));
            case NetworkEvent.Acknowledged(_, var downlink, var acknowledged) ->
                    downlink.ifPresent(id -> news.acknowledged(id, acknowledged, at));
            case NetworkEvent.Logged logged when logged.endsDownlink() ->
                    news.failed(
                            logged.downlink().orElse(null),
                            logged.origin().devEui(),
                            logged.code() + ": " + logged.description());
            case NetworkEvent.Logged _,
                    NetworkEvent.Uplink _,
                    NetworkEvent.Joined _,
                    NetworkEvent.Status _,
                    NetworkEvent.Located _ -> {}
        }
    }

    private void keep(Told told, NetworkEvent event) {
        var now = parts.clock().instant();
        var identity = event.origin().devEui().value();
        var knock =
                new Inbox.Entry(
                        identity, Protocol.LORAWAN, told.network().word(), UNKNOWN, 1, now, now);
        var kind = told.network().word() + "/" + told.event();
        parts.kept()
                .keep(
                        knock,
                        event instanceof NetworkEvent.Uplink
                                ? new KeptMessages.Message(
                                        identity,
                                        event.origin().id(),
                                        now,
                                        told.community(),
                                        kind,
                                        Json.bytes(told.message()))
                                : null);
    }
}
