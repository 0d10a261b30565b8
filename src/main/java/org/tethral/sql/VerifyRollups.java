package org.tethral.sql;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;
import org.tethral.device.DeviceId;
import org.tethral.kernel.Document;
import org.tethral.state.Bucket;
import org.tethral.state.Readings;
import org.tethral.state.Rollup;

/// Makes the roll-ups of some devices again from their snapshots, and compares. A roll-up may lack
/// the last seconds of a running server, so it must lie between what is marked as rolled up and all
/// that there is.
final class VerifyRollups {

    private static final int DEVICES_MAX = 200;
    private static final int SNAPSHOTS_PER_DEVICE_MAX = 20_000;

    private final Database database;
    private long checked;
    private long broken;
    private String example = "";

    VerifyRollups(Database database) {
        this.database = database;
    }

    private record Key(String metric, Bucket bucket, long start) {}

    private record Kept(long at, long sequence, Document values) {}

    Verify.Finding check() {
        var devices = database.read("choose devices", VerifyRollups::sample);
        for (var device : devices) {
            database.snapshot("verify roll-ups of " + device, session -> compare(session, device));
        }
        return new Verify.Finding(
                "roll-ups agree with the snapshots (looked at: " + devices.size() + " devices)",
                checked,
                broken,
                example);
    }

    /// Spread over all that ever reported.
    private static List<DeviceId> sample(Session session) throws SQLException {
        var count =
                session.sql("SELECT count(*) FROM device_states WHERE reported_version > 0")
                        .number();
        return session.sql(
                        """
                        SELECT device_id FROM (
                            SELECT device_id, row_number() OVER (ORDER BY device_id) AS place
                            FROM device_states WHERE reported_version > 0) AS numbered
                        WHERE place % ? = 0 ORDER BY device_id LIMIT ?
                        """)
                .set(Math.max(1, count / DEVICES_MAX))
                .set(DEVICES_MAX)
                .list(Row::device);
    }

    private boolean compare(Session session, DeviceId device) throws SQLException {
        var newest = newest(session, device);
        if (newest.isEmpty()) {
            return true;
        }
        var complete = newest.size() <= SNAPSHOTS_PER_DEVICE_MAX;
        var all = complete && reports(session, device) == newest.size();
        var oldest = newest.getLast().at();
        var rolledUp = rolledUp(session);
        var least = new HashMap<Key, Rollup>();
        var most = new HashMap<Key, Rollup>();
        for (var one : newest.reversed()) {
            add(most, device, one);
            if (rolledUp.test(one.sequence())) {
                add(least, device, one);
            }
        }
        var kept = kept(session, device, oldest);
        Set<Key> keys = new HashSet<>(kept.keySet());
        keys.addAll(least.keySet());
        var mayBeGone = removedBefore(session);
        keys.removeIf(key -> key.start() < mayBeGone);
        for (var key : keys) {
            // the interval of the oldest one may have had more, that is no longer there or was not
            // read
            var whole = all || key.start() > oldest;
            if (whole || complete && key.bucket().startOf(oldest) == key.start()) {
                judge(
                        device,
                        key,
                        kept.get(key),
                        least.get(key),
                        whole ? most.get(key) : null,
                        whole);
            }
        }
        return true;
    }

    private static long reports(Session session, DeviceId device) throws SQLException {
        return session.sql("SELECT reported_version FROM device_states WHERE device_id = ?")
                .set(device)
                .number();
    }

    private static long removedBefore(Session session) throws SQLException {
        return session.sql(
                        "SELECT removed_before FROM retention WHERE kept = 'rollups' AND removed_before IS NOT NULL")
                .find(row -> row.micros("removed_before"))
                .orElse(Long.MIN_VALUE);
    }

    private void judge(
            DeviceId device,
            Key key,
            @Nullable Rollup kept,
            @Nullable Rollup least,
            @Nullable Rollup most,
            boolean whole) {
        checked++;
        var count = count(kept);
        var right = count >= count(least) && (!whole || count <= count(most));
        if (right && whole && kept != null && most != null && count == count(most)) {
            right =
                    kept.min() == most.min()
                            && kept.max() == most.max()
                            && close(kept.sum(), most.sum());
        }
        if (!right) {
            broken++;
            example =
                    "%s: %s of %s has %d readings in its roll-up, %d in the snapshots"
                            .formatted(
                                    device,
                                    key.metric(),
                                    key.bucket().word(),
                                    count,
                                    count(most == null ? least : most));
        }
    }

    private static long count(@Nullable Rollup rollup) {
        return rollup == null ? 0 : rollup.count();
    }

    /// Sums depend a little on the order in which they were made.
    private static boolean close(double a, double b) {
        return Math.abs(a - b) <= 1e-9 * Math.max(1, Math.max(Math.abs(a), Math.abs(b)));
    }

    private static void add(Map<Key, Rollup> rollups, DeviceId device, Kept one) {
        Readings.forEach(
                one.values(),
                (metric, value) -> {
                    for (var bucket : Bucket.values()) {
                        rollups.merge(
                                new Key(metric, bucket, bucket.startOf(one.at())),
                                Rollup.of(device, metric, bucket, one.at(), value),
                                Rollup::merged);
                    }
                });
    }

    private static List<Kept> newest(Session session, DeviceId device) throws SQLException {
        return session.sql(
                        """
                        SELECT timestamp, sequence, state_data FROM device_state_snapshots
                        WHERE device_id = ? %s ORDER BY timestamp DESC, sequence DESC LIMIT ?
                        """
                                .formatted(
                                        session.dialect()
                                                .choose(
                                                        "AND bucket IN (SELECT bucket FROM snapshot_buckets)",
                                                        "")))
                .set(device)
                .set(SNAPSHOTS_PER_DEVICE_MAX + 1)
                .list(row ->
                        new Kept(
                                row.micros("timestamp"),
                                row.number("sequence"),
                                row.document("state_data")));
    }

    private static Map<Key, Rollup> kept(Session session, DeviceId device, long oldest)
            throws SQLException {
        var rollups = new HashMap<Key, Rollup>();
        session.sql("SELECT * FROM reading_rollups WHERE device_id = ?")
                .set(device)
                .each(row -> {
                    var bucket = bucket(row.text("bucket"));
                    var rollup = RollupRows.read(device, row.text("metric"), bucket, row);
                    if (rollup.bucketStart() >= bucket.startOf(oldest)) {
                        rollups.put(new Key(rollup.metric(), bucket, rollup.bucketStart()), rollup);
                    }
                });
        return rollups;
    }

    private static Bucket bucket(String word) throws SQLException {
        for (var bucket : Bucket.values()) {
            if (bucket.word().equals(word)) {
                return bucket;
            }
        }
        throw new SQLException("no bucket " + word);
    }

    private record Waiting(long first, long end) {}

    /// Which snapshots are marked as being in the roll-ups.
    private static LongPredicate rolledUp(Session session) throws SQLException {
        if (session.dialect() == Dialect.SQLITE) {
            var mark = session.sql("SELECT max(rolled_up_to) FROM ingest_progress").number();
            return sequence -> sequence <= mark;
        }
        var waiting = new ArrayList<Waiting>();
        session.sql("SELECT unnest(blocks) AS start, rolled_up_to FROM ingest_progress")
                .each(row -> {
                    var start = row.number("start");
                    waiting.add(
                            new Waiting(
                                    Math.max(start, row.number("rolled_up_to") + 1),
                                    start + SnapshotBlocks.SIZE));
                });
        return sequence ->
                waiting.stream().noneMatch(one -> sequence >= one.first() && sequence < one.end());
    }
}
