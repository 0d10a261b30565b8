package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.tethral.sql.Crowd.NOW;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tethral.account.Actor;
import org.tethral.account.AuditLog;
import org.tethral.account.CommunityId;
import org.tethral.alert.AlertStore;
import org.tethral.alert.Severity;
import org.tethral.command.CommandStatus;
import org.tethral.command.CommandStore;
import org.tethral.device.DeviceFilter;
import org.tethral.device.DeviceId;
import org.tethral.device.Status;
import org.tethral.event.EventLog;
import org.tethral.event.Priority;
import org.tethral.kernel.Page;
import org.tethral.state.Interval;

/// No question that is put often goes through a table, or sorts more than it found.
@EachEngine
class HotQueryPlansTest {

    /// SQLite goes through a whole table, or through a whole index that it does not name.
    private static final Pattern SCAN_ON_SQLITE =
            Pattern.compile(
                    "(?m)^SCAN (?!json_each|event_subscriptions|fleet_count|kept|CONSTANT ROW|\\()"
                            + "(?!.*(USING (COVERING )?INDEX|VIRTUAL TABLE)).*$");

    /// Nothing is gone through where there is nothing: partitions of months to come.
    private static final Pattern SCAN_ON_POSTGRESQL =
            Pattern.compile(
                    "Seq Scan on (?!nodes|device_profiles|event_subscriptions|fleet_count|alert_rules|event_sequence)\\S+.*\\(cost=(?!0\\.00\\.\\.0\\.00).*");

    private static final Pattern SORT_ON_SQLITE =
            Pattern.compile("(?m)^USE TEMP B-TREE FOR (?!LAST|RIGHT).*$");

    /// It may sort the few that it finds: to fetch a hundred in the order of a table is less work
    /// than in the order of an index.
    private static final int SORTED_ON_POSTGRESQL_MAX = 500;

    private static final Pattern SORT_ON_POSTGRESQL =
            Pattern.compile("\\bSort  \\(cost=\\S+ rows=(\\d+)");

    private static final Page.Request PAGE = Page.Request.first(100);
    private static final DeviceId DEVICE = new DeviceId(Crowd.id(7));
    private static final CommunityId SMALL = Crowd.SMALL;

    private final TestDatabase test;

    HotQueryPlansTest(TestDatabase test) {
        this.test = test;
        // CockroachDB words its plans in another way, and has other indexes
        assumeThat(test.database().dialect()).isNotEqualTo(Dialect.COCKROACHDB);
    }

    /// How many rows there are.
    Crowd.Size size() {
        return Crowd.Size.SMALL;
    }

    @BeforeEach
    void fill() {
        new Crowd(test.database(), size()).fill();
    }

    private void assertGoesStraight(
            Map<String, Runnable> queries, Explained explained, boolean maySort) {
        var complaints = new ArrayList<String>();
        queries.forEach((name, query) -> {
            var plans = explained.of(query);
            assertThat(plans).as(name).isNotEmpty();
            for (var plan : plans) {
                if (goesAlong(plan.statement())) {
                    continue;
                }
                if (scans(plan.steps()) || !maySort && sorts(plan.steps())) {
                    complaints.add(name + "\n" + plan.statement() + "\n" + plan.steps());
                }
            }
        });
        assertThat(complaints).isEmpty();
    }

    /// A page of everything lies at one end of the table; and buckets are few, one for 200,000
    /// rows.
    private static boolean goesAlong(String statement) {
        return statement.contains("FROM snapshot_buckets")
                || !statement.contains("WHERE")
                        && statement.contains("ORDER BY sequence DESC LIMIT ?");
    }

    private boolean isSqlite() {
        return test.database().dialect() == Dialect.SQLITE;
    }

    private boolean scans(String steps) {
        return (isSqlite() ? SCAN_ON_SQLITE : SCAN_ON_POSTGRESQL).matcher(steps).find();
    }

    private boolean sorts(String steps) {
        return isSqlite()
                ? SORT_ON_SQLITE.matcher(steps).find()
                : SORT_ON_POSTGRESQL
                        .matcher(steps)
                        .results()
                        .anyMatch(sort -> Long.parseLong(sort.group(1)) > SORTED_ON_POSTGRESQL_MAX);
    }

    @Test
    void listsDevicesByAnIndexInItsOrder() {
        try (var explained = new Explained(test)) {
            var store = new SqlDeviceStore(explained.database());
            var queries = new LinkedHashMap<String, Runnable>();
            devices().forEach((name, filter) -> queries.put(name, () -> store.list(filter, PAGE)));
            assertGoesStraight(queries, explained, false);
            queries.clear();
            texts().forEach((name, filter) -> queries.put(name, () -> store.list(filter, PAGE)));
            assertGoesStraight(queries, explained, true);
        }
    }

    private static Map<String, DeviceFilter> devices() {
        var filters = new LinkedHashMap<String, DeviceFilter>();
        filters.put("all", DeviceFilter.ALL);
        filters.put("community", DeviceFilter.ALL.of(SMALL));
        filters.put("status", filter(null, Status.OFFLINE, null, null, null, null, null));
        filters.put(
                "status of a community",
                filter(SMALL, Status.OFFLINE, null, null, null, null, null));
        filters.put("type", filter(null, null, "pump", null, null, null, null));
        filters.put("capability", filter(null, null, null, "heat", null, null, null));
        filters.put(
                "capability of a community", filter(SMALL, null, null, "heat", null, null, null));
        filters.put("metadata name", filter(null, null, null, null, "rare", null, null));
        filters.put("metadata", filter(null, null, null, null, "site", "north 100", null));
        return filters;
    }

    private static Map<String, DeviceFilter> texts() {
        return Map.of(
                "text", filter(null, null, null, null, null, null, "umber 77"),
                "text of a community", filter(SMALL, null, null, null, null, null, "CROWD-12"));
    }

    private static DeviceFilter filter(
            @Nullable CommunityId community,
            @Nullable Status status,
            @Nullable String type,
            @Nullable String capability,
            @Nullable String key,
            @Nullable String value,
            @Nullable String search) {
        return new DeviceFilter(
                community,
                status,
                null,
                null,
                null,
                null,
                type,
                capability,
                null,
                key,
                value,
                search);
    }

    @Test
    void readsWhatADeviceIsAndDidByAnIndexInItsOrder() {
        try (var explained = new Explained(test)) {
            var states = new SqlStateStore(explained.database());
            var history = new SqlHistoryStore(explained.database(), _ -> {});
            var connections = new SqlConnectionLog(explained.database());
            var hour = new Interval(NOW.minusSeconds(3_600), NOW);
            var queries = new LinkedHashMap<String, Runnable>();
            queries.put("latest state", () -> states.find(DEVICE));
            queries.put("newest snapshots", () -> history.newest(DEVICE, PAGE));
            queries.put("snapshots by time", () -> history.range(DEVICE, hour, false, PAGE));
            queries.put(
                    "hourly averages",
                    () -> history.aggregates(DEVICE, "t", hour, Duration.ofHours(1)));
            queries.put("state changes", () -> states.changes(DEVICE, PAGE));
            queries.put("state changes by time", () -> states.changes(DEVICE, hour, PAGE));
            queries.put("connections of a device", () -> connections.list(DEVICE, PAGE));
            assertGoesStraight(queries, explained, false);
        }
    }

    @Test
    void findsEventsByAnIndexInItsOrder() {
        try (var explained = new Explained(test)) {
            var log = new SqlEventLog(explained.database());
            var queries = new LinkedHashMap<String, Runnable>();
            queries.put("all", () -> log.list(EventLog.Filter.ALL, PAGE));
            queries.put("type", () -> log.list(events(null, "leak", null, null, null), PAGE));
            queries.put("source", () -> log.list(events(null, null, "platform", null, null), PAGE));
            queries.put("device", () -> log.list(events(null, null, null, DEVICE, null), PAGE));
            queries.put(
                    "priority",
                    () -> log.list(events(null, null, null, null, Priority.HIGH), PAGE));
            queries.put("community", () -> log.list(events(SMALL, null, null, null, null), PAGE));
            queries.put("after a sequence", () -> log.after(17, 100));
            queries.put("before a time", () -> log.before(NOW.minusSeconds(500)));
            queries.put("by id", () -> log.find("crowd 7"));
            assertGoesStraight(queries, explained, false);
        }
    }

    /// So a small tenant of a large platform pays for its own rows.
    @Test
    void listsWhatIsOfACommunityAlongAnIndexThatBeginsWithIt() {
        try (var explained = new Explained(test)) {
            var queries = new LinkedHashMap<String, Runnable>();
            queries.put(
                    "devices_by_community",
                    () ->
                            new SqlDeviceStore(explained.database())
                                    .list(DeviceFilter.ALL.of(SMALL), PAGE));
            queries.put(
                    "events_by_community",
                    () ->
                            new SqlEventLog(explained.database())
                                    .list(events(SMALL, null, null, null, null), PAGE));
            queries.put(
                    "device_connection_logs_by_community",
                    () -> new SqlConnectionLog(explained.database()).newest(SMALL, PAGE));
            assertGoesStraight(queries, explained, false);
            queries.forEach((index, query) ->
                    assertThat(explained.of(query))
                            .as(index)
                            .anySatisfy(plan -> assertThat(plan.steps()).contains(index + " ")));
        }
    }

    private static EventLog.Filter events(
            @Nullable CommunityId community,
            @Nullable String type,
            @Nullable String source,
            @Nullable DeviceId device,
            @Nullable Priority priority) {
        return new EventLog.Filter(community, type, source, device, priority, null, null);
    }

    @Test
    void findsAlertsCommandsAndActsByAnIndexInItsOrder() {
        try (var explained = new Explained(test)) {
            var alerts = new SqlAlertStore(explained.database());
            var commands = new SqlCommandStore(explained.database());
            var audit = new SqlAuditLog(explained.database());
            var queries = new LinkedHashMap<String, Runnable>();
            queries.put(
                    "open alerts of a community",
                    () ->
                            alerts.list(
                                    new AlertStore.Filter(
                                            true, null, null, null, null, SMALL, null, null),
                                    PAGE));
            queries.put(
                    "critical ones that nobody looks after",
                    () ->
                            alerts.list(
                                    new AlertStore.Filter(
                                            true,
                                            false,
                                            Severity.CRITICAL,
                                            null,
                                            null,
                                            null,
                                            null,
                                            null),
                                    PAGE));
            queries.put(
                    "alerts of a device", () -> alerts.list(AlertStore.Filter.of(DEVICE), PAGE));
            queries.put(
                    "commands by status",
                    () ->
                            commands.list(
                                    new CommandStore.Filter(
                                            null, CommandStatus.PENDING, null, null),
                                    PAGE));
            queries.put(
                    "commands by type",
                    () -> commands.list(new CommandStore.Filter(null, null, "pump", null), PAGE));
            queries.put(
                    "commands of a community",
                    () -> commands.list(new CommandStore.Filter(SMALL, null, null, null), PAGE));
            queries.put("acts by actor", () -> audit.list(acts(Actor.parse("user:7"), null), PAGE));
            queries.put("acts by kind", () -> audit.list(acts(null, "device.remove"), PAGE));
            assertGoesStraight(queries, explained, false);
        }
    }

    private static AuditLog.Filter acts(@Nullable Actor actor, @Nullable String action) {
        return new AuditLog.Filter(null, actor, action, null, null, null, null);
    }

    @Test
    void countsTheFleetByWhatIsKeptOrCoveringIndexes() {
        try (var explained = new Explained(test)) {
            var fleet = new SqlFleetStore(explained.database());
            var queries = new LinkedHashMap<String, Runnable>();
            queries.put("kept", () -> fleet.maintained(SMALL));
            queries.put("counted", () -> fleet.counted(SMALL));
            queries.put("messages", () -> fleet.messages(SMALL, NOW));
            queries.put("open alerts", () -> fleet.openAlerts(null, 20));
            queries.put("open alerts of a community", () -> fleet.openAlerts(SMALL, 20));
            queries.put(
                    "overdue", () -> new SqlOverdue(explained.database()).overdue(NOW, "n", 100));
            assertGoesStraight(queries, explained, false);
            for (var plan : explained.of(() -> fleet.counted(SMALL))) {
                // whether PostgreSQL can do without the rows depends on when it cleaned up last
                assertThat(plan.steps())
                        .contains(isSqlite() ? "USING COVERING INDEX" : "Index")
                        .containsAnyOf("devices_fleet", "alert_history_");
            }
        }
    }
}
