package org.tethral.sql;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.tethral.account.Actor;
import org.tethral.device.Device;
import org.tethral.device.DeviceId;
import org.tethral.device.DeviceStore.History;
import org.tethral.kernel.Document;
import org.tethral.retention.Ages;
import org.tethral.retention.Kept;
import org.tethral.retention.RetentionStore;

public final class SqlRetention implements RetentionStore {

    /// Rows that one transaction removes, so that nobody waits for long.
    static final int ROWS_PER_STEP = 1_000;

    static final Sweep NOTHING = () -> new Sweep.Step(0, true);

    public static final Actor ACTOR = Actor.system("retention");

    private final Database database;

    public SqlRetention(Database database) {
        this.database = database;
    }

    @Override
    public boolean take(Kept kept, String node, Instant now, Duration until) {
        return database.write(
                "take the sweep over " + kept.word(),
                session ->
                        session.sql(
                                                """
                                                INSERT INTO retention (kept, node, lease_until, removed) VALUES (?, ?, ?, 0)
                                                ON CONFLICT (kept) DO UPDATE SET node = excluded.node, lease_until = excluded.lease_until
                                                WHERE retention.node IS NULL OR retention.node = excluded.node OR retention.lease_until < ?
                                                """)
                                        .set(kept.word())
                                        .set(node)
                                        .set(now.plus(until))
                                        .set(now)
                                        .update()
                                == 1);
    }

    @Override
    public void end(Kept kept, String node, Instant now, long removed) {
        database.write(
                "end the sweep over " + kept.word(),
                session ->
                        session.sql(
                                        """
                                        UPDATE retention SET node = NULL, lease_until = NULL, ran_at = ?, removed = removed + ?
                                        WHERE kept = ? AND node = ?
                                        """)
                                .set(now)
                                .set(removed)
                                .set(kept.word())
                                .set(node)
                                .update());
    }

    @Override
    public Sweep sweep(Ages ages) {
        var profiles =
                ages.kept().ofProfile()
                        ? database.read(
                                "read how long profiles keep",
                                session ->
                                        session.sql("SELECT retention FROM device_profiles")
                                                .list(row -> row.document("retention")))
                        : List.<Document>of();
        var latest = ages.latest(profiles);
        if (latest == null) {
            return NOTHING;
        }
        note(ages.kept(), latest);
        return switch (ages.kept()) {
            case SNAPSHOTS ->
                    database.dialect() == Dialect.SQLITE
                            ? new BucketSweep(database, ages, profiles)
                            : new PartitionSweep(database, ages, profiles);
            case ROLLUPS -> new RollupSweep(database, ages);
            case STATE_CHANGES -> new StateChangeSweep(database, ages);
            case EVENTS -> new EventSweep(database, ages);
            case COMMANDS -> new CommandSweep(database, latest);
            case CONNECTIONS ->
                    oldest(
                            "device_connection_logs",
                            "id",
                            "timestamp < ? ORDER BY timestamp, id",
                            latest);
            case ALERTS ->
                    oldest(
                            "alert_history",
                            "id",
                            "triggered_at < ? AND resolved_at < ? ORDER BY triggered_at, id",
                            latest);
            case ACTUATIONS ->
                    oldest(
                            "actuations",
                            "id",
                            "created_at < ? AND next_attempt_at IS NULL ORDER BY created_at, id",
                            latest);
            case RESERVATIONS ->
                    oldest(
                            "reservations",
                            "id",
                            "starts_at < ? AND ends_at < ? AND due_at IS NULL ORDER BY starts_at, id",
                            latest);
            case MESSAGE_IDS ->
                    oldest(
                            "message_receipts",
                            "device_id, message_id",
                            "received_at < ? ORDER BY received_at",
                            latest);
        };
    }

    private Sweep oldest(String table, String key, String oldest, Instant from) {
        return new OldestSweep(database, table, key, oldest, from);
    }

    /// Before anything goes, so that whoever checks the tables knows what may be missing.
    private void note(Kept kept, Instant latest) {
        database.write(
                "note from when on " + kept.word() + " are kept",
                session ->
                        session.sql(
                                        """
                                        UPDATE retention SET removed_before = ?
                                        WHERE kept = ? AND (removed_before IS NULL OR removed_before < ?)
                                        """)
                                .set(latest)
                                .set(kept.word())
                                .set(latest)
                                .update());
    }

    /// SQL for the moment before which rows of a kind may be gone.
    static String removedBefore(Dialect dialect, Kept kept) {
        return "coalesce((SELECT removed_before FROM retention WHERE kept = '%s'), %s)"
                .formatted(kept.word(), dialect.choose("-9e18", "'-infinity'"));
    }

    @Override
    public List<Device> longOffline(Instant before, int limit) {
        var devices = new SqlDeviceStore(database);
        return database
                .read(
                        "find devices that are long offline",
                        session ->
                                session.sql(
                                                """
                                                SELECT device_id FROM devices
                                                WHERE status = 'offline' AND last_seen_at < ? AND lifecycle <> 'maintenance'
                                                ORDER BY device_id LIMIT ?
                                                """)
                                        .set(before)
                                        .set(limit)
                                        .list(Row::device))
                .stream()
                .flatMap(id -> devices.find(id).stream())
                .toList();
    }

    static boolean isOffline(Session session, DeviceId id, Instant before) throws SQLException {
        return session.sql(
                                "SELECT count(*) FROM devices WHERE device_id = ? AND status = 'offline' AND last_seen_at < ?")
                        .set(id)
                        .set(before)
                        .number()
                == 1;
    }

    @Override
    public boolean removeOffline(Device device, Instant before, History history, Instant now) {
        return new SqlDeviceStore(database)
                .removeOffline(device.deviceId(), before, history, ACTOR, now);
    }
}
