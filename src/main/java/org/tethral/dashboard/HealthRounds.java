package org.tethral.dashboard;

import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tethral.device.DeviceId;
import org.tethral.kernel.Routine;
import org.tethral.kernel.StorageException;

/// Judges the health of devices, on a thread of its own: soon after their state changed, and all of
/// them in turn, because batteries and time need no change of state. Nothing is done per message.
/// What it knows is in the database: several nodes may do the same.
public final class HealthRounds implements AutoCloseable {

    static final Duration LOOK_EVERY = Duration.ofSeconds(2);

    /// Of 100,000 devices each is looked at about every ten minutes; of few, every two seconds.
    static final int IN_TURN_MAX = 350;

    /// What does not fit has its turn.
    static final int CHANGED_WAITING_MAX = 20_000;

    private static final int AT_ONCE_MAX = 500;
    private static final Logger LOG = LoggerFactory.getLogger(HealthRounds.class);

    private final HealthStore store;
    private final InstantSource clock;
    private final Set<DeviceId> changed = ConcurrentHashMap.newKeySet();
    private final Routine routine =
            new Routine("health", LOOK_EVERY, this::look, HealthRounds::failed);
    private @Nullable DeviceId lookedAt;

    public HealthRounds(HealthStore store, InstantSource clock) {
        this.store = store;
        this.clock = clock;
    }

    public void start() {
        routine.start();
    }

    /// Its state changed. On any thread; returns at once.
    public void changed(DeviceId device) {
        if (changed.size() < CHANGED_WAITING_MAX) {
            changed.add(device);
        }
    }

    private static void failed(RuntimeException failure) {
        switch (failure) {
            case StorageException e ->
                    LOG.atDebug()
                            .addKeyValue("reason", e.getMessage())
                            .log("cannot judge the health of devices now");
            default -> LOG.atError().setCause(failure).log("judging the health of devices failed");
        }
    }

    /// One look: at those that changed, and at the next ones in turn.
    public void look() {
        var now = clock.instant();
        var taken = List.copyOf(changed);
        for (int i = 0; i < taken.size(); i += AT_ONCE_MAX) {
            var some = taken.subList(i, Math.min(taken.size(), i + AT_ONCE_MAX));
            some.forEach(changed::remove); // who changes in between is looked at again
            judge(store.of(some, now));
        }
        var next = store.next(lookedAt, IN_TURN_MAX, now);
        judge(next);
        lookedAt = next.size() < IN_TURN_MAX ? null : next.getLast().device();
    }

    private void judge(List<HealthStore.Patient> patients) {
        var scores = new LinkedHashMap<DeviceId, Integer>();
        for (var patient : patients) {
            var score = Health.of(patient.vitals());
            if (score != patient.score()) {
                scores.put(patient.device(), score);
            }
        }
        if (!scores.isEmpty()) {
            store.keep(scores);
        }
    }

    @Override
    public void close() {
        routine.close();
    }
}
