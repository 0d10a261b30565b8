package org.tethral;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.tethral.account.AuditEntry;
import org.tethral.account.AuditLog;
import org.tethral.device.Device;
import org.tethral.device.Evictions;
import org.tethral.kernel.Document;
import org.tethral.kernel.Micros;
import org.tethral.kernel.Value;
import org.tethral.retention.Keeper;
import org.tethral.retention.Policy;
import org.tethral.sql.Database;
import org.tethral.sql.SqlAuditLog;
import org.tethral.sql.SqlRetention;

/// That what is too old goes, and devices that are offline for too long where that is wanted.
final class Housekeeping {

    private Housekeeping() {}

    static Keeper of(
            LiveSettings settings,
            Tethral.Storage kept,
            Entrance entrance,
            String node,
            InstantSource clock,
            RandomGenerator random,
            MeterRegistry meters) {
        return of(
                settings::retention,
                kept.database(),
                entrance.evictions(),
                node,
                clock,
                random,
                meters);
    }

    static Keeper of(
            Supplier<Policy> policy,
            Database database,
            Evictions evictions,
            String node,
            InstantSource clock,
            RandomGenerator random,
            MeterRegistry meters) {
        var audit = new SqlAuditLog(database);
        return new Keeper(
                new SqlRetention(database),
                policy,
                device -> {
                    evictions.evict(device.deviceId(), "removed: offline for too long");
                    tell(audit, device, clock, random);
                },
                node,
                clock,
                meters);
    }

    private static void tell(
            AuditLog audit, Device device, InstantSource clock, RandomGenerator random) {
        var seenAt = device.presence().lastSeenAt();
        audit.add(
                new AuditEntry(
                        new UUID(random.nextLong(), random.nextLong()),
                        Micros.truncated(clock.instant()),
                        SqlRetention.ACTOR,
                        "device.remove",
                        "device",
                        device.deviceId().value(),
                        device.about().community(),
                        Document.of("name", Value.of(device.about().name()))
                                .with(
                                        "last_seen_at",
                                        seenAt == null
                                                ? Value.Null.NULL
                                                : Value.of(seenAt.toString())),
                        null,
                        null));
    }
}
