package org.tethral.sql;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.tethral.device.DeviceId;
import org.tethral.kernel.Micros;
import org.tethral.kernel.Page;
import org.tethral.state.Aggregate;
import org.tethral.state.HistoryStore;
import org.tethral.state.Interval;
import org.tethral.state.Reading;
import org.tethral.state.Readings;
import org.tethral.state.Snapshot;

/// Reads of `device_state_snapshots` and `reading_rollups`.
public final class SqlHistoryStore implements HistoryStore {

    private static final String NEWEST = "newest";
    private static final String RANGE = "range";

    /// Rows held at once where a whole range is gone through.
    private static final int PART = 1_000;

    private static final Interval ALWAYS =
            new Interval(Instant.EPOCH, Instant.parse("9999-01-01T00:00:00Z"));

    private final Database database;
    private final Consumer<DeviceId> settle;

    /// @param settle brings the kept roll-ups of a device up to what is committed: see
    ///   [org.tethral.ingest.Ingest#settleRollups]
    public SqlHistoryStore(Database database, Consumer<DeviceId> settle) {
        this.database = database;
        this.settle = settle;
    }

    @Override
    public Page<Snapshot> newest(DeviceId device, Page.Request page) {
        return page(NEWEST, device, ALWAYS, true, page);
    }

    @Override
    public Page<Snapshot> range(
            DeviceId device, Interval interval, boolean newestFirst, Page.Request page) {
        return page(RANGE, device, interval, newestFirst, page);
    }

    private Page<Snapshot> page(
            String list,
            DeviceId device,
            Interval interval,
            boolean newestFirst,
            Page.Request page) {
        var cursor = Cursor.decode(list, 2, page);
        var after =
                cursor == null ? null : new SnapshotRows.Key(cursor.number(0), cursor.number(1));
        var rows = read(request(device, interval, newestFirst, after, page.limit() + 1));
        return Cursor.page(
                list,
                rows,
                page,
                last ->
                        Cursor.of(
                                Long.toString(Micros.of(last.timestamp())),
                                Long.toString(last.sequence())));
    }

    /// Part by part, each a short read: a slow consumer holds up no checkpoint and no other reader.
    @Override
    public void stream(DeviceId device, Interval interval, Consumer<Snapshot> consumer) {
        var request = request(device, interval, false, null, PART);
        for (var rows = read(request); !rows.isEmpty(); rows = read(request)) {
            rows.forEach(consumer);
            if (rows.size() < PART) {
                return;
            }
            request = request.following(rows.getLast(), PART);
        }
    }

    @Override
    public List<Reading> readings(DeviceId device, String metric, Interval interval, int limit) {
        var readings = new ArrayList<Reading>();
        var request = request(device, interval, false, null, Math.min(PART, limit));
        while (readings.size() < limit) {
            var rows = read(request);
            for (var snapshot : rows) {
                Readings.forEach(
                        snapshot.values(),
                        metric,
                        value -> {
                            if (readings.size() < limit) {
                                readings.add(new Reading(snapshot.timestamp(), value));
                            }
                        });
            }
            if (rows.size() < request.limit()) {
                break;
            }
            request = request.following(rows.getLast(), PART);
        }
        return readings;
    }

    @Override
    public List<Aggregate> aggregates(
            DeviceId device, String metric, Interval interval, Duration step) {
        settle.accept(device);
        return database.read(
                "aggregate " + metric + " of " + device,
                session -> new AggregateRows(session, device, metric, step).read(interval));
    }

    private List<Snapshot> read(SnapshotRows.Request request) {
        return database.read(
                "read the history of " + request.device(),
                session -> SnapshotRows.read(session, request));
    }

    private static SnapshotRows.Request request(
            DeviceId device,
            Interval interval,
            boolean newestFirst,
            SnapshotRows.@Nullable Key after,
            int limit) {
        return new SnapshotRows.Request(
                device,
                Micros.of(interval.from()),
                Micros.of(interval.to()),
                newestFirst,
                after,
                limit);
    }
}
