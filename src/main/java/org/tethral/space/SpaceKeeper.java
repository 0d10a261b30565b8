package org.tethral.space;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;
import org.tethral.device.DeviceId;
import org.tethral.event.Lookout;
import org.tethral.kernel.Document;
import org.tethral.kernel.Page;
import org.tethral.state.HistoryStore;
import org.tethral.state.Interval;
import org.tethral.state.Snapshot;
import org.tethral.state.StateName;

/// Keeps spaces what they should be: by what their sensors report, by reservations that begin and
/// end, by overrides that run out. On a thread of its own. What was committed while nobody looked,
/// or does not fit its queue, is read from the history: each space knows up to which report it was
/// looked at.
public final class SpaceKeeper implements AutoCloseable {

    /// Waiting to be looked at; what comes beyond is looked up when there is time.
    static final int SIGHTINGS_WAITING_MAX = 16_384;

    private static final Duration LOOK_EVERY = Duration.ofMillis(250);
    private static final Duration SENSORS_READ_EVERY = Duration.ofSeconds(5);
    private static final Duration CATCH_UP_EVERY = Duration.ofSeconds(10);

    /// Written together: what other writers wait for is short.
    private static final int SIGHTINGS_AT_ONCE_MAX = 200;

    private static final int DUE_AT_ONCE_MAX = 100;
    private static final int SENSORS_AT_ONCE_MAX = 200;

    /// Of one sensor, where what was missed is looked up; the newest count.
    private static final int SNAPSHOTS_LOOKED_UP_MAX = 1_000;

    private static final Instant NEVER = Instant.parse("9999-01-01T00:00:00Z");

    private final SpaceWork work;
    private final HistoryStore history;
    private final Runnable changed;
    private final InstantSource clock;
    private final BlockingQueue<Sighting> waiting = new ArrayBlockingQueue<>(SIGHTINGS_WAITING_MAX);
    private final Lookout lookout =
            new Lookout("spaces", LOOK_EVERY, this::round, _ -> missed = true);
    private volatile Map<DeviceId, Optional<String>> sensors = Map.of();
    private volatile boolean sensorsChanged = true;
    private volatile boolean missed = true;
    private long sensorsReadNanos;
    private long caughtUpNanos;

    /// @param changed something may wait for a display now; returns at once
    public SpaceKeeper(
            SpaceWork work, HistoryStore history, Runnable changed, InstantSource clock) {
        this.work = work;
        this.history = history;
        this.changed = changed;
        this.clock = clock;
    }

    public void start() {
        lookout.start();
    }

    /// What sensors said, to be looked at by this node.
    public int waiting() {
        return waiting.size();
    }

    /// A device reported values. On any thread; returns at once.
    public void reported(DeviceId device, Instant timestamp, long sequence, Document values) {
        var field = sensors.get(device);
        if (field != null) {
            var occupancy = Occupancy.of(values, field.orElse(null));
            if (occupancy != null) {
                offer(new Sighting(device, notAfterNow(timestamp), sequence, occupancy));
            }
        }
    }

    /// A device's state changed. On any thread; returns at once.
    public void moved(DeviceId device, Instant at, StateName to) {
        if (sensors.containsKey(device)) {
            var occupancy = Occupancy.ofWord(to.value());
            if (occupancy != null) {
                offer(new Sighting(device, notAfterNow(at), 0, occupancy));
            }
        }
    }

    /// A clock that is fast shall not outdo every report to come.
    private Instant notAfterNow(Instant timestamp) {
        var now = clock.instant();
        return timestamp.isAfter(now) ? now : timestamp;
    }

    private void offer(Sighting sighting) {
        if (!waiting.offer(sighting)) {
            missed = true;
        }
        lookout.ring();
    }

    /// Somebody changed which devices serve spaces, or when something is due. Returns at once.
    public void look() {
        sensorsChanged = true;
        lookout.ring();
        changed.run();
    }

    /// True: more waits.
    boolean round() {
        readSensors();
        var more = false;
        var nanos = System.nanoTime();
        if (missed || nanos - caughtUpNanos > CATCH_UP_EVERY.toNanos()) {
            missed = false;
            caughtUpNanos = nanos;
            // before what is newer, so that the trail has each change
            catchUp();
            more = due(work.settleLeft(clock.instant(), DUE_AT_ONCE_MAX));
        }
        var taken = new ArrayList<Sighting>();
        waiting.drainTo(taken, SIGHTINGS_AT_ONCE_MAX);
        var now = clock.instant();
        see(taken, now);
        more |= !waiting.isEmpty();
        more |= due(work.advanceReservations(now, DUE_AT_ONCE_MAX));
        more |= due(work.endOverrides(now, DUE_AT_ONCE_MAX));
        return more;
    }

    private boolean due(int done) {
        if (done > 0) {
            changed.run();
        }
        return done == DUE_AT_ONCE_MAX;
    }

    private void see(List<Sighting> sightings, Instant now) {
        if (!sightings.isEmpty()) {
            work.see(sightings, now);
            changed.run();
        }
    }

    private void readSensors() {
        var nanos = System.nanoTime();
        if (sensorsChanged || nanos - sensorsReadNanos > SENSORS_READ_EVERY.toNanos()) {
            sensorsChanged = false;
            sensorsReadNanos = nanos;
            var before = sensors;
            sensors = Map.copyOf(work.sensors());
            // what a new one reported in between was not heard
            missed |= !before.keySet().containsAll(sensors.keySet());
        }
    }

    /// Looks up what sensors reported since they were looked at.
    private void catchUp() {
        @Nullable DeviceId after = null;
        while (!lookout.isOver()) {
            var part = work.behind(after, SENSORS_AT_ONCE_MAX);
            var now = clock.instant();
            var found = new ArrayList<Sighting>();
            for (var behind : part) {
                found.addAll(missedOf(behind, now));
            }
            for (int i = 0; i < found.size(); i += SIGHTINGS_AT_ONCE_MAX) {
                see(
                        found.subList(i, Math.min(found.size(), i + SIGHTINGS_AT_ONCE_MAX)),
                        clock.instant());
            }
            work.readTo(part, now);
            if (part.size() < SENSORS_AT_ONCE_MAX) {
                return;
            }
            after = part.getLast().sensor();
        }
    }

    private List<Sighting> missedOf(SpaceWork.Behind behind, Instant now) {
        var found = new ArrayList<Sighting>();
        for (var snapshot : since(behind)) {
            var occupancy = Occupancy.of(snapshot.values(), behind.field().orElse(null));
            // of a clock that is fast: it counted when it came, or the next one will
            if (occupancy != null && !snapshot.timestamp().isAfter(now)) {
                found.add(
                        new Sighting(
                                behind.sensor(),
                                snapshot.timestamp(),
                                snapshot.sequence(),
                                occupancy));
            }
        }
        var word = Occupancy.ofWord(behind.state().value());
        if (word != null && !behind.stateSince().isAfter(now)) {
            found.add(new Sighting(behind.sensor(), behind.stateSince(), 0, word));
        }
        found.removeIf(one -> !one.isNewerThan(behind.seenAt(), behind.seenSequence()));
        found.sort(Comparator.comparing(Sighting::at).thenComparingLong(Sighting::sequence));
        return found;
    }

    private List<Snapshot> since(SpaceWork.Behind behind) {
        var seenAt = behind.seenAt();
        return seenAt == null
                ? history.newest(behind.sensor(), Page.Request.first(1)).items()
                : history.range(
                                behind.sensor(),
                                new Interval(seenAt, NEVER),
                                true,
                                Page.Request.first(SNAPSHOTS_LOOKED_UP_MAX))
                        .items();
    }

    @Override
    public void close() {
        lookout.close();
    }
}
