package org.tethral.polling;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tethral.device.ConnectingDevice;
import org.tethral.device.Protocol;
import org.tethral.ingest.Answer;
import org.tethral.ingest.Inbound;
import org.tethral.ingest.Ingest;
import org.tethral.ingest.Posting;
import org.tethral.source.Channel;
import org.tethral.source.ChannelStore;
import org.tethral.source.Entry;
import org.tethral.source.Health;
import org.tethral.source.Position;
import org.tethral.source.Progress;

/// Stores entries of one channel, and in the same commit how far it is read with them: neither is
/// ever there without the other.
final class Storing {

    /// Entries in one report.
    static final int ENTRIES_TOGETHER_MAX = 500;

    /// About what an entry takes in memory, for the bound of the inbound queue.
    private static final int ENTRY_BYTES = 400;

    private static final Logger LOG = LoggerFactory.getLogger(Storing.class);

    /// Entries, and where the channel stands with them.
    ///
    /// @param history they are of before what is known of the device
    record Portion(List<Entry> entries, Position position, boolean history) {
        Portion {
            entries = List.copyOf(entries);
        }
    }

    /// The device takes nothing at present; what was read stays where it is.
    static final class NotTaken extends Exception {
        private static final long serialVersionUID = 1L;

        NotTaken(String reason) {
            super(reason, null, false, false);
        }
    }

    private final Channel channel;
    private final ChannelStore.Held lease;
    private final ConnectingDevice device;
    private final Ingest ingest;
    private final InstantSource clock;
    private final PollingMeters meters;

    Storing(Channel channel, ChannelStore.Held lease, Polling.Shared shared) {
        this.channel = channel;
        this.lease = lease;
        this.ingest = shared.ingest();
        this.clock = shared.clock();
        this.meters = shared.meters();
        this.device = ConnectingDevice.named(channel.device()).askingBy(Protocol.THINGSPEAK);
    }

    /// Returns when it is durable.
    ///
    /// @return entries that the database will never take; the others are stored
    /// @throws NotTaken nothing of it is stored
    int store(Portion portion) throws InterruptedException, NotTaken {
        var measurements = new ArrayList<Inbound.Measurement>();
        for (var entry : portion.entries()) {
            var values = entry.values(channel);
            if (!values.values().isEmpty()) {
                measurements.add(
                        new Inbound.Measurement(entry.at(), entry.messageId(channel), values));
            }
        }
        if (measurements.isEmpty()) {
            note(portion.position(), null);
            return 0;
        }
        var answer =
                offer(
                        measurements,
                        order(portion),
                        new Posting.Read(new Progress(lease, portion.position(), null)));
        return switch (answer) {
            case Answer.Stored _ -> {
                meters.stored(measurements.size());
                yield 0;
            }
            case Answer.Unstorable(var reason) -> oneByOne(portion, measurements, reason);
            case Answer.UnknownDevice _ -> throw new NotTaken("the device is not registered");
            case Answer.DisabledDevice _ -> throw new NotTaken("the device is disabled");
            case Answer.UnknownCommand _, Answer.VersionIsNow _ ->
                    throw new IllegalStateException("no answer to a report: " + answer);
        };
    }

    /// One of them cannot be stored: it must not keep the others from it.
    private int oneByOne(Portion portion, List<Inbound.Measurement> measurements, String reason)
            throws InterruptedException {
        var refused = 0;
        for (var measurement : measurements) {
            var answer = offer(List.of(measurement), order(portion), null);
            if (answer instanceof Answer.Stored) {
                meters.stored(1);
            } else {
                refused++;
            }
        }
        LOG.atWarn()
                .addKeyValue("device_id", channel.device())
                .addKeyValue("channel", channel.name())
                .addKeyValue("entries", refused)
                .addKeyValue("reason", reason)
                .log("entries of a channel cannot be stored");
        note(portion.position().missing(refused), null);
        return refused;
    }

    private static Inbound.Order order(Portion portion) {
        return portion.history() ? Inbound.Order.History.INSTANCE : Inbound.Order.Arrival.INSTANCE;
    }

    private Answer offer(
            List<Inbound.Measurement> measurements, Inbound.Order order, @Nullable Posting beside)
            throws InterruptedException {
        var answer = new CompletableFuture<Answer>();
        var report = new Inbound.Report(device, clock.instant(), measurements, order);
        var bytes = ENTRY_BYTES * measurements.size();
        while (!(beside == null
                ? ingest.offer(report, bytes, answer::complete)
                : ingest.offer(report, beside, bytes, answer::complete))) {
            var room = new CompletableFuture<Boolean>();
            ingest.whenRoom(device.id(), () -> room.complete(true));
            await(room);
        }
        return await(answer);
    }

    /// Writes down where the channel stands, and how that fares; null: as it is.
    void note(@Nullable Position position, @Nullable Health health) throws InterruptedException {
        var answer = new CompletableFuture<Answer>();
        var posting = new Posting.Read(new Progress(lease, position, health));
        while (!ingest.post(posting, ENTRY_BYTES, answer::complete)) {
            var room = new CompletableFuture<Boolean>();
            ingest.whenRoomToPost(posting, () -> room.complete(true));
            await(room);
        }
        await(answer);
    }

    private static <T> T await(CompletableFuture<T> future) throws InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("answers are values", e);
        }
    }
}
