package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.tethral.account.CommunityId;
import org.tethral.command.CommandStatus;
import org.tethral.command.CommandStore;
import org.tethral.command.Target;
import org.tethral.device.DeviceId;
import org.tethral.event.Priority;

/// How the engines find commands.
@EachEngine
class CommandPlansTest {

    private final Database database;

    CommandPlansTest(TestDatabase test) {
        this.database = test.database();
    }

    @Test
    void findsEverythingByAnIndex() {
        fillUp();
        assertThat(
                        plan(
                                SqlDispatchQueue.DUE.formatted(database.dialect().oneOf()),
                                sql -> sql.set(CommandRig.NOW).set(List.of("x")).set(100)))
                // PostgreSQL may sort the few that it finds
                .contains("command_dispatches_due")
                .doesNotContain("SCAN d", "Seq Scan on command_dispatches", "TEMP B-TREE");
        assertThat(
                        plan(
                                SqlDispatchQueue.WAITING.formatted("?"),
                                sql -> sql.set("plan-7").set(0).set(CommandRig.NOW).set(10)))
                .contains("command_dispatches_waiting")
                .doesNotContain("SCAN d", "Seq Scan on command_dispatches", "TEMP B-TREE");
        var filters =
                List.of(
                        new CommandStore.Filter(null, CommandStatus.PENDING, null, null),
                        new CommandStore.Filter(null, null, "pump", null),
                        new CommandStore.Filter(CommunityId.DEFAULT, null, null, null));
        for (var filter : filters) {
            var where = SqlCommandStore.where(filter);
            assertThat(
                            plan(session ->
                                    where.in(
                                                    session,
                                                    explain()
                                                            + SqlCommandStore.list(
                                                                    filter, "l.command_id"))
                                            .set(100)))
                    .contains("command_logs_")
                    .doesNotContain("SCAN l\n", "Seq Scan on command_logs", "TEMP B-TREE", "Sort");
        }
    }

    private String plan(String statement, Where.Binding binding) {
        return plan(session -> {
            var sql = session.sql(explain() + statement);
            binding.bind(sql);
            return sql;
        });
    }

    private String plan(SqlWork<Sql> statement) {
        return new Plans(database).of(statement);
    }

    private String explain() {
        return new Plans(database).explain();
    }

    /// Most have ended, as after some months.
    private void fillUp() {
        try (var rig = new CommandRig(database, "plans")) {
            for (int i = 0; i < 4_000; i++) {
                var device = new DeviceId("plan-" + i % 50);
                var type = i % 40 == 0 ? "pump" : "valve";
                var one = rig.command(new Target.OfType(type), 1, Priority.LOW, null);
                rig.ingest().post(rig.issued(one, type, device), 0, _ -> {});
            }
        }
        database.write(
                "end most",
                session ->
                        session.sql(
                                        """
                                        UPDATE command_dispatches SET status = 'ack_success', next_attempt_at = NULL,
                                            ended_at = expires_at
                                        WHERE device_id <> 'plan-7'
                                        """)
                                .update());
        database.write(
                "end most",
                session ->
                        session.sql(
                                        """
                                        UPDATE command_logs SET pending_count = 0, timeout_count = 1
                                        WHERE device_type = 'valve'
                                        """)
                                .update());
        if (database.dialect() == Dialect.POSTGRESQL) {
            database.write(
                    "analyze",
                    session -> session.sql("ANALYZE command_dispatches, command_logs").update());
        }
    }
}
