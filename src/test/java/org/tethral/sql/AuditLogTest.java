package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.sql.Devices.NOW;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.tethral.account.Actor;
import org.tethral.account.AuditEntry;
import org.tethral.account.AuditLog;
import org.tethral.account.CommunityId;
import org.tethral.kernel.Document;
import org.tethral.kernel.Page;
import org.tethral.kernel.Value;

@EachEngine
class AuditLogTest {

    private static final CommunityId OTHER = new CommunityId(new UUID(4, 4));

    private final Database database;
    private final AuditLog log;

    AuditLogTest(TestDatabase test) {
        this.database = test.database();
        this.log = new SqlAuditLog(database);
        database.write("clear", session -> session.sql("DELETE FROM audit_logs").update());
    }

    @Test
    void keepsAnEntryAsItWasWritten() {
        var whole = entry(1, "ada", "device.update", "pump", CommunityId.DEFAULT);
        var bare =
                new AuditEntry(
                        new UUID(9, 9),
                        NOW.plusSeconds(2),
                        Actor.system("command_line"),
                        "device.remove",
                        "device",
                        "pump",
                        null,
                        null,
                        null,
                        null);
        log.add(whole);
        log.add(bare);
        assertThat(log.list(AuditLog.Filter.ALL, Page.Request.first(10)).items())
                .containsExactly(bare, whole);
    }

    @Test
    void givesEveryEntryOnceThoughManyShareOneMoment() {
        var entries =
                IntStream.range(0, 23)
                        .mapToObj(i -> entry(i / 10, "ada", "device.update", "d" + i, null))
                        .toList();
        log.add(entries);
        var seen = new ArrayList<AuditEntry>();
        var page = log.list(AuditLog.Filter.ALL, Page.Request.first(5));
        while (true) {
            seen.addAll(page.items());
            if (page.nextCursor() == null) {
                break;
            }
            page = log.list(AuditLog.Filter.ALL, new Page.Request(5, page.nextCursor()));
        }
        assertThat(seen).containsExactlyInAnyOrderElementsOf(entries);
        assertThat(seen).isSortedAccordingTo((a, b) -> b.at().compareTo(a.at()));
    }

    @Test
    void findsByWhoWhatWhereAndWhen() {
        var ada = entry(1, "ada", "device.update", "pump", CommunityId.DEFAULT);
        var bob = entry(2, "bob", "device.remove", "pump", OTHER);
        var rule = entry(3, "bob", "alert_rule.add", "hot", OTHER);
        log.add(List.of(ada, bob, rule));
        assertThat(find(new AuditLog.Filter(OTHER, null, null, null, null, null, null)))
                .containsExactly(rule, bob);
        assertThat(
                        find(
                                new AuditLog.Filter(
                                        null, Actor.session("ada"), null, null, null, null, null)))
                .containsExactly(ada);
        assertThat(
                        find(
                                new AuditLog.Filter(
                                        null, Actor.apiKey("ada"), null, null, null, null, null)))
                .isEmpty();
        assertThat(find(new AuditLog.Filter(null, null, "device.remove", null, null, null, null)))
                .containsExactly(bob);
        assertThat(find(new AuditLog.Filter(null, null, null, "device", "pump", null, null)))
                .containsExactly(bob, ada);
        assertThat(
                        find(
                                new AuditLog.Filter(
                                        null,
                                        null,
                                        null,
                                        null,
                                        null,
                                        NOW.plusSeconds(2),
                                        NOW.plusSeconds(3))))
                .containsExactly(bob);
    }

    /// Many rows, so that the planner would rather not scan them all.
    @Test
    void findsByAnIndexWithoutSorting() {
        log.add(
                IntStream.range(0, 20_000)
                        .mapToObj(i ->
                                entry(
                                        i,
                                        "actor-" + i % 7,
                                        "device.a" + i % 6,
                                        "d" + i % 9,
                                        new CommunityId(new UUID(5, i % 5))))
                        .toList());
        if (database.dialect() == Dialect.POSTGRESQL) {
            database.write("analyze", session -> session.sql("ANALYZE audit_logs").update());
        }
        var one = new CommunityId(new UUID(5, 3));
        var ada = Actor.session("actor-3");
        for (var filter :
                List.of(
                        AuditLog.Filter.ALL,
                        new AuditLog.Filter(one, null, null, null, null, null, null),
                        new AuditLog.Filter(null, ada, null, null, null, null, null),
                        new AuditLog.Filter(one, ada, null, null, null, null, null),
                        new AuditLog.Filter(null, null, "device.a3", null, null, null, null),
                        new AuditLog.Filter(null, null, null, "device", "d3", null, null),
                        new AuditLog.Filter(
                                null, null, null, null, null, NOW, NOW.plusSeconds(60)))) {
            assertThat(plan(filter))
                    .as("%s", filter)
                    .contains("audit_logs_by_")
                    .doesNotContain("SCAN audit_logs\n", "Seq Scan", "TEMP B-TREE", "Sort");
        }
    }

    private String plan(AuditLog.Filter filter) {
        var explain = database.dialect().choose("EXPLAIN QUERY PLAN ", "EXPLAIN ");
        var column =
                switch (database.dialect()) {
                    case SQLITE -> "detail";
                    case POSTGRESQL -> "QUERY PLAN";
                    case COCKROACHDB -> "info";
                };
        return database.read(
                "explain",
                session ->
                        String.join(
                                        "\n",
                                        SqlAuditLog.where(filter)
                                                .in(session, explain + SqlAuditLog.statement())
                                                .set(10)
                                                .list(row -> row.text(column)))
                                + "\n");
    }

    private List<AuditEntry> find(AuditLog.Filter filter) {
        return log.list(filter, Page.Request.first(100)).items();
    }

    private static AuditEntry entry(
            int second, String who, String action, String object, @Nullable CommunityId community) {
        return new AuditEntry(
                UUID.randomUUID(),
                NOW.plusSeconds(second),
                Actor.session(who),
                action,
                action.substring(0, action.indexOf('.')),
                object,
                community,
                Document.of("name", Value.of("old")),
                Document.of("name", Value.of("new")),
                "10.0.0.1");
    }
}
