package org.tethral.sql;

import java.sql.SQLException;
import java.time.Instant;
import org.tethral.retention.RetentionStore.Sweep;

/// Goes from device to device, and removes of each what is too old: some devices, or some rows of
/// one, in each step.
abstract class DeviceSweep implements Sweep {

    private final Database database;
    private final DeviceWalk walk;
    private String reached = "";

    DeviceSweep(Database database, DeviceWalk walk) {
        this.database = database;
        this.walk = walk;
    }

    /// Removes rows of the device from before then.
    ///
    /// @return how many, at most `limit`; fewer: there are no more
    abstract int remove(Session session, String device, Instant from, int limit)
            throws SQLException;

    private record Outcome(Step step, String reached) {}

    @Override
    public final Step step() {
        var stops = database.read("look for old rows", session -> walk.after(session, reached));
        if (stops.isEmpty()) {
            return new Step(0, true);
        }
        var outcome =
                database.write(
                        "remove old rows",
                        session -> {
                            var removed = 0;
                            var last = reached;
                            for (var stop : stops) {
                                var limit = SqlRetention.ROWS_PER_STEP - removed;
                                var rows =
                                        stop.from() == null
                                                ? 0
                                                : remove(
                                                        session, stop.device(), stop.from(), limit);
                                removed += rows;
                                if (rows == limit) {
                                    break; // with this one the next step begins
                                }
                                last = stop.device();
                            }
                            return new Outcome(new Step(removed, false), last);
                        });
        reached = outcome.reached();
        return outcome.step();
    }
}
