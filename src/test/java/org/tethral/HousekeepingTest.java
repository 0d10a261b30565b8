package org.tethral;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.tethral.account.AuditEntry;
import org.tethral.account.AuditLog;
import org.tethral.account.CommunityId;
import org.tethral.device.ConnectingDevice;
import org.tethral.device.DeviceId;
import org.tethral.device.DeviceStore.History;
import org.tethral.device.Evictions;
import org.tethral.ingest.Inbound;
import org.tethral.ingest.Ingest;
import org.tethral.kernel.Document;
import org.tethral.kernel.Page;
import org.tethral.kernel.Value;
import org.tethral.retention.Policy;
import org.tethral.sql.Fleet;
import org.tethral.sql.SqlAuditLog;
import org.tethral.sql.SqlJournal;
import org.tethral.sql.SqlRetention;
import org.tethral.sql.TestDatabase;

class HousekeepingTest {

    private static final Instant NOW = TestDatabase.NOW;
    private static final Duration MONTH = Duration.ofDays(30);

    @Test
    void leavesARowForEachDeviceThatIsRemovedForBeingOffline() throws Exception {
        try (var test = TestDatabase.sqlite()) {
            var devices = new Fleet(test.database()).addAll("d", 2);
            var seen = NOW.minus(MONTH).minusSeconds(1_000);
            goOffline(test, devices.getFirst(), seen);
            var evicted = new ArrayList<DeviceId>();
            var evictions = new Evictions();
            evictions.listen((device, _) -> evicted.add(device));
            var keeper =
                    Housekeeping.of(
                            () ->
                                    new Policy(
                                            Policy.standard().periods(),
                                            Policy.EVENTS_HELD_STANDARD,
                                            MONTH,
                                            History.KEEP),
                            test.database(),
                            evictions,
                            "n",
                            InstantSource.fixed(NOW),
                            new SplittableRandom(1),
                            new SimpleMeterRegistry());
            keeper.round();
            keeper.round();
            assertThat(evicted).containsExactly(devices.getFirst());
            var entries =
                    new SqlAuditLog(test.database())
                            .list(AuditLog.Filter.ALL, Page.Request.first(10))
                            .items();
            assertThat(entries)
                    .singleElement()
                    .isEqualTo(
                            new AuditEntry(
                                    entries.getFirst().id(),
                                    NOW,
                                    SqlRetention.ACTOR,
                                    "device.remove",
                                    "device",
                                    "d0",
                                    CommunityId.DEFAULT,
                                    Document.of("name", Value.of("d0"))
                                            .with("last_seen_at", Value.of(seen.toString())),
                                    null,
                                    null));
        }
    }

    private static void goOffline(TestDatabase test, DeviceId device, Instant seen) {
        try (var ingest =
                new Ingest(
                        1,
                        lane ->
                                SqlJournal.open(
                                        test.database(), "n", lane, new SplittableRandom(1)),
                        InstantSource.fixed(NOW),
                        new SimpleMeterRegistry())) {
            ingest.start();
            var measured = new Inbound.Measurement(seen, null, Document.of("t", Value.of(1)));
            var connecting = ConnectingDevice.named(device);
            ingest.submit(new Inbound.Report(connecting, seen, List.of(measured))).join();
            ingest.submit(new Inbound.Silent(connecting, seen.plusSeconds(500))).join();
        }
    }
}
