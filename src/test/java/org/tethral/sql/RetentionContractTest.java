package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.sql.RetentionRig.daysAgo;
import static org.tethral.sql.RetentionRig.policy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tethral.account.Actor;
import org.tethral.command.DispatchStep;
import org.tethral.command.Target;
import org.tethral.device.ConnectingDevice;
import org.tethral.device.DeviceId;
import org.tethral.device.MessageId;
import org.tethral.event.Priority;
import org.tethral.ingest.Answer;
import org.tethral.ingest.Inbound;
import org.tethral.ingest.Ingest;
import org.tethral.kernel.Document;
import org.tethral.kernel.Page;
import org.tethral.kernel.Value;
import org.tethral.retention.Kept;
import org.tethral.retention.Policy;
import org.tethral.state.StateName;

/// What is older than its time goes, to the microsecond; what is as old stays.
@EachEngine
class RetentionContractTest {

    private static final Instant NOW = TestDatabase.NOW;
    private static int names;

    private final Database database;
    private final RetentionRig rig;
    private final String name = "keeps-" + names++;

    RetentionContractTest(TestDatabase test) {
        this.database = test.database();
        this.rig = new RetentionRig(database);
    }

    @BeforeEach
    void register() {
        rig.register(name);
    }

    private long ofDevice(String table) {
        return rig.count(table, "device_id = '" + name + "'");
    }

    /// With message ids, and a change of state beside each.
    private void report(List<Instant> times) {
        try (var ingest =
                new Ingest(
                        SqlJournal.lanes(database),
                        lane ->
                                SqlJournal.open(
                                        database,
                                        name,
                                        lane,
                                        new SplittableRandom(name.hashCode() + lane)),
                        InstantSource.fixed(NOW),
                        new SimpleMeterRegistry())) {
            ingest.start();
            var answers = new ArrayList<CompletableFuture<Answer>>();
            var device = ConnectingDevice.named(new DeviceId(name));
            for (int i = 0; i < times.size(); i++) {
                var values = Document.of("t", Value.of(i));
                answers.add(
                        ingest.submit(
                                new Inbound.Report(
                                        device,
                                        times.get(i),
                                        List.of(
                                                new Inbound.Measurement(
                                                        times.get(i),
                                                        new MessageId("m" + i),
                                                        values)))));
                answers.add(
                        ingest.submit(
                                new Inbound.StateReport(
                                        device,
                                        times.get(i),
                                        new StateName("s" + i),
                                        null,
                                        Actor.device(name))));
            }
            answers.forEach(answer -> assertThat(answer.join()).isInstanceOf(Answer.Stored.class));
        }
    }

    private void giveProfile(String retains) {
        var profile = Devices.profile(name);
        new SqlProfileStore(database).add(profile);
        rig.execute(
                "UPDATE device_profiles SET retention = %s WHERE id = ?"
                        .formatted(database.dialect().choose("?", "CAST(? AS jsonb)")),
                sql -> sql.set(retains).set(profile.id().value()));
        rig.execute(
                "UPDATE devices SET profile_id = ? WHERE device_id = ?",
                sql -> sql.set(profile.id().value()).set(name));
    }

    @Test
    void keepsSnapshotsOfAProfileAsLongAsItSaysAndTheirRollupsLonger() {
        giveProfile("{\"snapshots\": 10}");
        report(List.of(daysAgo(30), daysAgo(10).minusNanos(1_000), daysAgo(10), NOW));
        var other = "other-" + name;
        new SqlDeviceStore(database).add(Devices.plain(other), null, Devices.ACTOR);
        rig.execute(
                """
                INSERT INTO reading_rollups
                    (device_id, metric, bucket, bucket_start, count, min, max, sum, first, last, first_at, last_at)
                SELECT ?, metric, bucket, bucket_start, count, min, max, sum, first, last, first_at, last_at
                FROM reading_rollups WHERE device_id = ?
                """,
                sql -> sql.set(other).set(name));
        var rollups = ofDevice("reading_rollups");

        rig.run(Policy.standard(), Kept.SNAPSHOTS);

        var left =
                new SqlHistoryStore(database, _ -> {})
                        .newest(new DeviceId(name), Page.Request.first(10));
        assertThat(left.items())
                .extracting(one -> one.timestamp())
                .containsExactly(NOW, daysAgo(10));
        assertThat(ofDevice("message_receipts")).isEqualTo(2);
        assertThat(ofDevice("reading_rollups")).isEqualTo(rollups).isPositive();
        rig.execute("DELETE FROM reading_rollups WHERE device_id = ?", sql -> sql.set(other));
        rig.verify();
        assertThat(rig.run(Policy.standard(), Kept.SNAPSHOTS)).isZero();
    }

    @Test
    void takesWhatIsTooOldForAllAwayWhole() throws SQLException {
        var march = YearMonth.of(2026, 3);
        if (database.dialect() == Dialect.POSTGRESQL) {
            database.write("make a month", session -> Partitions.make(session, march));
        }
        var old = Instant.parse("2026-03-05T00:00:00Z");
        report(List.of(old, NOW));
        addSnapshots(old, 2_500);

        assertThat(rig.run(Policy.standard(), Kept.SNAPSHOTS)).isGreaterThanOrEqualTo(2_501);

        assertThat(ofDevice("device_state_snapshots")).isEqualTo(1);
        assertThat(ofDevice("message_receipts")).isEqualTo(1);
        if (database.dialect() == Dialect.SQLITE) {
            assertThat(rig.count("snapshot_buckets", "bucket = 77")).isZero();
        } else if (database.dialect() == Dialect.POSTGRESQL) {
            assertThat(rig.count("pg_class", "relname = '" + Partitions.name(march) + "'"))
                    .isZero();
        }
        rig.verify();
    }

    /// In a bucket of their own on SQLite.
    private void addSnapshots(Instant at, int rows) {
        var sqlite = database.dialect() == Dialect.SQLITE;
        database.write(
                "add snapshots",
                session -> {
                    var insert =
                            session.sql(
                                    "INSERT INTO device_state_snapshots (device_id, timestamp, sequence, state_data%s) VALUES (?, ?, ?, '{}'%s)"
                                            .formatted(
                                                    sqlite ? ", bucket" : "",
                                                    sqlite ? ", 77" : ""));
                    for (int i = 0; i < rows; i++) {
                        insert.set(name).set(at.plusSeconds(i)).set(77 * 200_000L + i).add();
                    }
                    return insert.batch().length;
                });
        if (sqlite) {
            rig.execute(
                    "INSERT INTO snapshot_buckets VALUES (77, ?, ?)",
                    sql -> sql.set(at).set(at.plusSeconds(rows)));
        }
    }

    @Test
    void keepsRollupsForTwoYears() {
        var cut = NOW.minus(Kept.ROLLUPS.standard());
        for (var metric : List.of("a", "b")) {
            for (var at : List.of(cut.minusNanos(1_000), cut, NOW)) {
                rig.execute(
                        """
                        INSERT INTO reading_rollups
                            (device_id, metric, bucket, bucket_start, count, min, max, sum, first, last, first_at, last_at)
                        VALUES (?, ?, '1h', ?, 1, 1, 1, 1, 1, 1, ?, ?)
                        """,
                        sql -> sql.set(name).set(metric).set(at).set(at).set(at));
            }
        }
        assertThat(rig.run(Policy.standard(), Kept.ROLLUPS)).isEqualTo(2);
        assertThat(ofDevice("reading_rollups")).isEqualTo(4);
        rig.execute("DELETE FROM reading_rollups WHERE device_id = ?", sql -> sql.set(name));
    }

    @Test
    void leavesStateChangesThatStillJoinUp() {
        report(List.of(daysAgo(30), daysAgo(20), daysAgo(10), daysAgo(5)));
        assertThat(ofDevice("state_changes")).isEqualTo(5); // the first from unknown to online

        rig.run(policy(Kept.STATE_CHANGES, 10), Kept.STATE_CHANGES);

        assertThat(ofDevice("state_changes")).isEqualTo(2);
        rig.verify();
        rig.execute(
                "DELETE FROM state_changes WHERE device_id = ? AND timestamp = ?",
                sql -> sql.set(name).set(daysAgo(5)));
        assertThat(Verify.of(database)).anyMatch(finding -> finding.example().contains(name));
        rig.execute("DELETE FROM state_changes WHERE device_id = ?", sql -> sql.set(name));
        rig.execute(
                "UPDATE device_states SET current_state = 'unknown' WHERE device_id = ?",
                sql -> sql.set(name));
    }

    @Test
    void removesCommandsThatEndedWithTheirDispatches() {
        var device = new DeviceId(name);
        var more = new Fleet(database).addAll(name + "-", 1_500);
        try (var rig = new CommandRig(database, name)) {
            var ended = rig.command(new Target.Listed(more), more.size(), Priority.NORMAL, null);
            rig.issue(ended, more);
            var open = rig.command(new Target.Listed(List.of(device)), 1, Priority.NORMAL, null);
            rig.issue(open, List.of(device));
            for (var one : more) {
                rig.step(ended.id(), one, new DispatchStep.Cancelled(Actor.system("test")), 1);
            }
        }
        var dispatches = rig.count("command_dispatches", "TRUE");
        rig.execute(
                "UPDATE command_logs SET created_at = ?, completed_at = CASE WHEN completed_at IS NULL THEN NULL ELSE %s END"
                        .formatted(database.dialect().choose("?", "CAST(? AS timestamptz)")),
                sql -> sql.set(daysAgo(200)).set(daysAgo(181)));

        var removed = rig.run(Policy.standard(), Kept.COMMANDS);

        assertThat(removed).isEqualTo(1_501);
        assertThat(rig.count("command_dispatches", "TRUE")).isEqualTo(dispatches - 1_500);
        assertThat(ofDevice("command_dispatches")).isEqualTo(1);
        rig.verify();
    }

    @Test
    void isDoneByOneNodeAtATime() {
        var lease = Duration.ofMinutes(2);
        assertThat(rig.retention.take(Kept.ALERTS, "a", NOW, lease)).isTrue();
        assertThat(rig.retention.take(Kept.ALERTS, "b", NOW.plusSeconds(100), lease)).isFalse();
        assertThat(rig.retention.take(Kept.ALERTS, "a", NOW.plusSeconds(100), lease)).isTrue();
        assertThat(rig.retention.take(Kept.ALERTS, "b", NOW.plusSeconds(200), lease)).isFalse();
        assertThat(rig.retention.take(Kept.ALERTS, "b", NOW.plusSeconds(221), lease)).isTrue();
        rig.retention.end(Kept.ALERTS, "b", NOW, 5);
        assertThat(rig.retention.take(Kept.ALERTS, "a", NOW, lease)).isTrue();
        rig.retention.end(Kept.ALERTS, "a", NOW, 5);
    }
}
