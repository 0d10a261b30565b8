package org.tethral.sql;

import java.sql.SQLException;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.tethral.retention.RetentionStore.Sweep;

/// Goes along the commands, whose ids rise with time, until one is young enough; what has ended
/// early enough goes, its dispatches first, so that none is ever there without its command.
final class CommandSweep implements Sweep {

    private static final int COMMANDS_PER_STEP = 100;

    private final Database database;
    private final Instant from;
    private UUID after = new UUID(0, 0);

    CommandSweep(Database database, Instant from) {
        this.database = database;
        this.from = from;
    }

    private record Old(UUID id, Instant issuedAt, @Nullable Instant endedAt) {}

    /// @param reached all commands up to it are looked at
    private record Outcome(Step step, UUID reached) {}

    @Override
    public Step step() {
        var outcome = database.write("remove old commands", this::step);
        after = outcome.reached();
        return outcome.step();
    }

    private Outcome step(Session session) throws SQLException {
        var commands =
                session.sql(
                                """
                                SELECT command_id, created_at, completed_at FROM command_logs
                                WHERE command_id > ? ORDER BY command_id LIMIT ?
                                """)
                        .set(after)
                        .set(COMMANDS_PER_STEP)
                        .list(row ->
                                new Old(
                                        row.uuid("command_id"),
                                        row.time("created_at"),
                                        row.maybeTime("completed_at")));
        var removed = 0;
        var reached = after;
        for (var command : commands) {
            if (!command.issuedAt().isBefore(from)) {
                return new Outcome(new Step(removed, true), reached);
            }
            if (command.endedAt() != null && command.endedAt().isBefore(from)) {
                removed += dispatches(session, command.id(), SqlRetention.ROWS_PER_STEP - removed);
                if (removed >= SqlRetention.ROWS_PER_STEP) {
                    return new Outcome(new Step(removed, false), reached); // the rest of it next
                }
                removed +=
                        session.sql("DELETE FROM command_logs WHERE command_id = ?")
                                .set(command.id())
                                .update();
            }
            reached = command.id();
        }
        return new Outcome(new Step(removed, commands.size() < COMMANDS_PER_STEP), reached);
    }

    private static int dispatches(Session session, UUID command, int limit) throws SQLException {
        return session.sql(
                        """
                        DELETE FROM command_dispatches WHERE (command_id, device_id) IN (
                            SELECT command_id, device_id FROM command_dispatches WHERE command_id = ? LIMIT ?)
                        """)
                .set(command)
                .set(limit)
                .update();
    }
}
