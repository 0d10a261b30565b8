package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.sql.Devices.NOW;

import java.time.Instant;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.tethral.device.DeviceId;
import org.tethral.device.Overdue;
import org.tethral.device.Profile;

@EachEngine
class OverdueTest {

    private final Database database;
    private final Overdue overdue;

    OverdueTest(TestDatabase test) {
        this.database = test.database();
        this.overdue = new SqlOverdue(database);
    }

    @Test
    void findsThoseThatAreOverdueLongestFirstAndLeavesOtherNodesTheirs() {
        online("late", NOW.minusSeconds(5), null);
        online("latest", NOW.minusSeconds(50), "node-1");
        online("others", NOW.minusSeconds(500), "node-2");
        new SqlNodes(database).beat("node-2", NOW);
        online("in time", NOW.plusSeconds(1), null);
        Devices.add(database, "never seen");
        var found = overdue.overdue(NOW, "node-1", 10);
        assertThat(found)
                .extracting(device -> device.id().value())
                .containsExactly("latest", "late");
        assertThat(found.getFirst().offlineAfter()).isEqualTo(Profile.OFFLINE_AFTER_DEFAULT);
        assertThat(overdue.overdue(NOW, "node-1", 1))
                .extracting(device -> device.id())
                .containsExactly(new DeviceId("latest"));

        new SqlNodes(database).leave("node-2"); // it died, or was shut down
        assertThat(overdue.overdue(NOW, "node-1", 1))
                .extracting(device -> device.id())
                .containsExactly(new DeviceId("others"));
    }

    @Test
    void findsThemByAnIndexHoweverManyDevicesThereAre() {
        new SqlDeviceStore(database)
                .addAll(
                        IntStream.range(0, 3_000)
                                .mapToObj(i -> Devices.plain("fleet-" + i))
                                .toList(),
                        Devices.ACTOR);
        new SqlNodes(database).beat("node-9", NOW);
        // all online, a tenth of them overdue
        database.write(
                "go online",
                session ->
                        session.sql(
                                        """
                                        UPDATE devices SET status = 'online', is_online = ?, connection_node = 'node-9',
                                            overdue_at = CASE WHEN device_id LIKE '%7' THEN ? ELSE ? END
                                        WHERE device_id LIKE 'fleet-%'
                                        """)
                                .set(true)
                                .set(NOW.minusSeconds(9))
                                .set(NOW.plusSeconds(9))
                                .update());
        if (database.dialect() == Dialect.POSTGRESQL) {
            database.write("analyze", session -> session.sql("ANALYZE devices").update());
        }
        var plan =
                database.read(
                        "explain",
                        session ->
                                String.join(
                                        "\n",
                                        session.sql(
                                                        database.dialect()
                                                                        .choose(
                                                                                "EXPLAIN QUERY PLAN ",
                                                                                "EXPLAIN ")
                                                                + SqlOverdue.statement(
                                                                        database.dialect()))
                                                .set(NOW)
                                                .set("node-9")
                                                .set(10)
                                                .list(row ->
                                                        row.text(
                                                                switch (database.dialect()) {
                                                                    case SQLITE -> "detail";
                                                                    case POSTGRESQL -> "QUERY PLAN";
                                                                    case COCKROACHDB -> "info";
                                                                }))));
        assertThat(plan)
                .contains("devices_overdue")
                .doesNotContain("SCAN d\n", "TEMP B-TREE", "Seq Scan on devices", "Sort");
        assertThat(overdue.overdue(NOW, "node-9", 1_000)).hasSizeGreaterThanOrEqualTo(300);
    }

    private void online(String id, Instant overdueAt, @Nullable String node) {
        if (new SqlDeviceStore(database).find(new DeviceId(id)).isEmpty()) {
            Devices.add(database, id);
        }
        database.write(
                "online",
                session ->
                        session.sql(
                                        """
                                        UPDATE devices SET status = 'online', is_online = ?, overdue_at = ?,
                                                           connection_node = ?
                                        WHERE device_id = ?
                                        """)
                                .set(true)
                                .set(overdueAt)
                                .set(node)
                                .set(id)
                                .update());
    }
}
