package org.tethral.sql;

import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;
import org.tethral.dashboard.FleetCounts;
import org.tethral.dashboard.FleetStore;
import org.tethral.dashboard.OpenAlert;

public final class SqlFleetStore implements FleetStore {

    /// Of those who correct the counts, one at a time.
    private static final long REPAIR_LOCK = 7_013_204_410_051_237L;

    private final Database database;

    public SqlFleetStore(Database database) {
        this.database = database;
    }

    /// CockroachDB has no such triggers.
    @Override
    public boolean maintains() {
        return database.dialect() != Dialect.COCKROACHDB;
    }

    @Override
    public FleetCounts maintained(@Nullable CommunityId community) {
        return database.read(
                        "read the fleet's counts",
                        session -> maintained(session, community).find(FleetRows::read))
                .orElse(FleetCounts.NONE);
    }

    static Sql maintained(Session session, @Nullable CommunityId community) throws SQLException {
        if (community == null) {
            return session.sql(FleetRows.MAINTAINED.replace("{where}", ""));
        }
        return session.sql(FleetRows.MAINTAINED.replace("{where}", "WHERE community_id = ?"))
                .set(community)
                .set(community);
    }

    @Override
    public FleetCounts counted(@Nullable CommunityId community) {
        return database.snapshot(
                "count the fleet",
                session ->
                        FleetRows.sum(
                                devices(session, community)
                                        .find(FleetRows::read)
                                        .orElse(FleetCounts.NONE),
                                alerts(session, community)
                                        .find(FleetRows::read)
                                        .orElse(FleetCounts.NONE)));
    }

    static Sql devices(Session session, @Nullable CommunityId community) throws SQLException {
        return of(community).in(session, FleetRows.countDevices(session.dialect()));
    }

    static Sql alerts(Session session, @Nullable CommunityId community) throws SQLException {
        return of(community)
                .and("resolved_at IS NULL", _ -> {})
                .in(session, FleetRows.COUNT_ALERTS);
    }

    private static Where of(@Nullable CommunityId community) {
        return new Where().equal("community_id", community == null ? null : community.value());
    }

    @Override
    public long messages(@Nullable CommunityId community, Instant since) {
        return database.read(
                "count messages", session -> messages(session, community, since).number());
    }

    static Sql messages(Session session, @Nullable CommunityId community, Instant since)
            throws SQLException {
        return of(community)
                .and("minute >= ?", sql -> sql.set(since))
                .in(session, "SELECT coalesce(sum(messages), 0) FROM message_counts {where}");
    }

    @Override
    public List<OpenAlert> openAlerts(@Nullable CommunityId community, int limit) {
        return database.read(
                "list open alerts",
                session ->
                        openAlerts(session, "", community)
                                .set(limit)
                                .list(row ->
                                        new OpenAlert(
                                                AlertRows.alert(row), row.text("device_name"))));
    }

    static Sql openAlerts(Session session, String explain, @Nullable CommunityId community)
            throws SQLException {
        return new Where()
                .and("a.resolved_at IS NULL", _ -> {})
                .equal("a.community_id", community == null ? null : community.value())
                .in(
                        session,
                        explain
                                + """
                                SELECT a.id, a.rule_id, a.node_id, a.community_id, a.severity, a.value, a.message,
                                       a.triggered_at, a.acknowledged_at, a.acknowledged_by, a.acknowledgement,
                                       a.resolved_at, a.resolved_by, a.resolution,
                                       coalesce(d.name, a.node_id) AS device_name
                                FROM alert_history a LEFT JOIN devices d ON d.device_id = a.node_id {where}
                                ORDER BY a.triggered_at DESC, a.id DESC LIMIT ?
                                """);
    }

    @Override
    public int sumUp(int limit) {
        if (pending() == 0) {
            return 0;
        }
        return database.write(
                "sum up the fleet's counts",
                session -> {
                    var sums = new TreeMap<UUID, FleetCounts>();
                    var taken = new int[1];
                    session.sql(FleetRows.TAKE_CHANGES)
                            .set(limit)
                            .each(row -> {
                                taken[0]++;
                                sums.merge(
                                        row.uuid("community_id"),
                                        FleetRows.read(row),
                                        FleetRows::sum);
                            });
                    add(session, FleetRows.SUM_UP, sums);
                    return taken[0];
                });
    }

    private long pending() {
        return database.read(
                "look for changed counts",
                session ->
                        session.sql(
                                        "SELECT count(*) FROM (SELECT 1 FROM fleet_count_changes LIMIT 1) AS one")
                                .number());
    }

    private static void add(Session session, String statement, Map<UUID, FleetCounts> sums)
            throws SQLException {
        if (sums.isEmpty()) {
            return;
        }
        var add = session.sql(statement);
        for (var sum : sums.entrySet()) {
            FleetRows.bind(add.set(sum.getKey()), sum.getValue()).add();
        }
        add.batch();
    }

    /// Looks first, so that nobody waits for a database in which all is right.
    @Override
    public int repair() {
        return database.snapshot("compare the fleet's counts", SqlFleetStore::corrections).isEmpty()
                ? 0
                : database.write(
                        "correct the fleet's counts",
                        session -> {
                            if (session.dialect() == Dialect.POSTGRESQL) {
                                // the next statement sees what the one before left
                                session.sql("SELECT pg_advisory_xact_lock(?)")
                                        .set(REPAIR_LOCK)
                                        .find(_ -> true);
                            }
                            var corrections = corrections(session);
                            add(session, FleetRows.ADD, corrections);
                            return corrections.size();
                        });
    }

    private static Map<UUID, FleetCounts> corrections(Session session) throws SQLException {
        var corrections = new TreeMap<UUID, FleetCounts>();
        session.sql(FleetRows.corrections(session.dialect()))
                .each(row -> corrections.put(row.uuid("community_id"), FleetRows.read(row)));
        return corrections;
    }

    @Override
    public void forgetMessages(Instant before) {
        database.write(
                "forget how many messages there were",
                session ->
                        session.sql("DELETE FROM message_counts WHERE minute < ?")
                                .set(before)
                                .update());
    }
}
