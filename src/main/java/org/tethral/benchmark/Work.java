package org.tethral.benchmark;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.tethral.account.Actor;
import org.tethral.device.ConnectingDevice;
import org.tethral.ingest.Inbound;
import org.tethral.kernel.Document;
import org.tethral.kernel.Micros;
import org.tethral.kernel.Value;
import org.tethral.state.StateName;

/// Inbound messages as a protocol would hand them over: each device in turn reports three values,
/// and with one report in twenty changes its state.
final class Work {

    private static final int CHANGES_ONE_IN = 20;
    private static final int DOCUMENTS = 4_096;
    private static final StateName[] STATES = {new StateName("idle"), new StateName("busy")};

    private final List<ConnectingDevice> devices;
    private final List<Document> documents = new ArrayList<>(DOCUMENTS);
    private final int[] states;
    private final SplittableRandom random;
    private long count;

    Work(List<ConnectingDevice> devices, long seed) {
        this.devices = devices;
        this.states = new int[devices.size()];
        this.random = new SplittableRandom(seed);
        for (int i = 0; i < DOCUMENTS; i++) {
            documents.add(
                    Document.of("temperature", Value.of(random.nextInt(1_000, 3_500) / 100.0))
                            .with("humidity", Value.of(random.nextInt(300, 900) / 10.0))
                            .with("battery", Value.of(random.nextLong(1, 101))));
        }
    }

    /// The next report, and the change of state that goes with it, where one does.
    ///
    /// @param timestamp as the device gives it
    List<Inbound> next(Instant timestamp, Instant receivedAt) {
        var index = (int) (count++ % devices.size());
        var device = devices.get(index);
        var values = documents.get(random.nextInt(DOCUMENTS));
        var report =
                new Inbound.Report(
                        device,
                        receivedAt,
                        List.of(
                                new Inbound.Measurement(
                                        Micros.truncated(timestamp), null, values)));
        if (random.nextInt(CHANGES_ONE_IN) != 0) {
            return List.of(report);
        }
        states[index] ^= 1;
        var change =
                new Inbound.StateReport(
                        device,
                        receivedAt,
                        STATES[states[index]],
                        null,
                        Actor.device(device.id().value()));
        return List.of(report, change);
    }

    /// The time of a report when `reports` of them, of all devices together, fill the time before
    /// `end` evenly.
    Instant spread(long reports, Duration before, Instant end) {
        var round = count / devices.size();
        var rounds = Math.max(1, reports / devices.size());
        return end.minus(before).plus(before.multipliedBy(round).dividedBy(rounds));
    }
}
