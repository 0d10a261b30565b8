package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import org.tethral.retention.Kept;
import org.tethral.retention.Policy;

/// Sweeps over a database, and looks at what they leave.
final class RetentionRig {

    static final Instant NOW = TestDatabase.NOW;

    final Database database;
    final SqlRetention retention;

    RetentionRig(Database database) {
        this.database = database;
        this.retention = new SqlRetention(database);
    }

    static Instant daysAgo(int days) {
        return NOW.minus(Duration.ofDays(days));
    }

    int run(Policy policy, Kept kept) {
        assertThat(retention.take(kept, "n", NOW, Duration.ofMinutes(1))).isTrue();
        var sweep = retention.sweep(policy.ages(kept, NOW));
        var removed = 0;
        for (var step = sweep.step(); ; step = sweep.step()) {
            removed += step.removed();
            assertThat(step.removed()).isLessThanOrEqualTo(5_000);
            if (step.last()) {
                retention.end(kept, "n", NOW, removed);
                return removed;
            }
        }
    }

    static Policy policy(Kept kept, int days) {
        return Policy.standard().with(kept, Duration.ofDays(days));
    }

    @FunctionalInterface
    interface Binding {
        void bind(Sql sql) throws SQLException;
    }

    int execute(String text, Binding binding) {
        return database.write(
                "change",
                session -> {
                    var sql = session.sql(text);
                    binding.bind(sql);
                    return sql.update();
                });
    }

    long count(String table, String where) {
        return database.read(
                "count",
                session ->
                        session.sql("SELECT count(*) FROM " + table + " WHERE " + where).number());
    }

    void verify() {
        assertThat(Verify.of(database))
                .allSatisfy(finding -> assertThat(finding.broken()).as("%s", finding).isZero());
    }

    /// A device that has been there for longer than anything is kept.
    void register(String name) {
        new SqlDeviceStore(database).add(Devices.plain(name), null, Devices.ACTOR);
        execute(
                "UPDATE devices SET created_at = ? WHERE device_id = ?",
                sql -> sql.set(TestDatabase.NOW.minus(Duration.ofDays(400))).set(name));
    }
}
