package org.tethral.sql;

import java.sql.SQLException;
import org.tethral.dashboard.FleetCounts;

/// The statements that count a fleet, and the rows of `fleet_counts` and `fleet_count_changes`.
final class FleetRows {

    private static final String COLUMNS =
            "devices, online, offline, rated, health_sum, open_alerts, critical_alerts";

    private static final String SUMS =
            """
            coalesce(sum(devices), 0) AS devices, coalesce(sum(online), 0) AS online,
            coalesce(sum(offline), 0) AS offline, coalesce(sum(rated), 0) AS rated,
            coalesce(sum(health_sum), 0) AS health_sum, coalesce(sum(open_alerts), 0) AS open_alerts,
            coalesce(sum(critical_alerts), 0) AS critical_alerts
            """;

    /// `{where}` twice: of one community, or of all.
    static final String MAINTAINED =
            "SELECT "
                    + SUMS
                    + "FROM (SELECT "
                    + COLUMNS
                    + " FROM fleet_counts {where} UNION ALL SELECT "
                    + COLUMNS
                    + " FROM fleet_count_changes {where}) AS kept";

    static final String ADD =
            """
            INSERT INTO fleet_count_changes (community_id, devices, online, offline, rated, health_sum, open_alerts,
                                             critical_alerts)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """;

    static final String SUM_UP =
            """
            INSERT INTO fleet_counts AS kept (community_id, devices, online, offline, rated, health_sum, open_alerts,
                                              critical_alerts)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (community_id) DO UPDATE SET
                devices = kept.devices + excluded.devices, online = kept.online + excluded.online,
                offline = kept.offline + excluded.offline, rated = kept.rated + excluded.rated,
                health_sum = kept.health_sum + excluded.health_sum,
                open_alerts = kept.open_alerts + excluded.open_alerts,
                critical_alerts = kept.critical_alerts + excluded.critical_alerts
            """;

    static final String TAKE_CHANGES =
            """
            DELETE FROM fleet_count_changes WHERE id IN (SELECT id FROM fleet_count_changes ORDER BY id LIMIT ?)
            RETURNING community_id, devices, online, offline, rated, health_sum, open_alerts, critical_alerts
            """;

    private FleetRows() {}

    /// Devices by covering index; `{where}` as in [Where].
    static String countDevices(Dialect dialect) {
        return """
        SELECT count(*) AS devices, count(CASE WHEN status = 'online' THEN 1 END) AS online,
               count(CASE WHEN status = 'offline' THEN 1 END) AS offline, count(CASE WHEN %1$s THEN 1 END) AS rated,
               coalesce(sum(CASE WHEN %1$s THEN health_score END), 0) AS health_sum,
               0 AS open_alerts, 0 AS critical_alerts
        FROM devices {where}
        """
                .formatted(rated(dialect));
    }

    static final String COUNT_ALERTS =
            """
            SELECT 0 AS devices, 0 AS online, 0 AS offline, 0 AS rated, 0 AS health_sum,
                   count(*) AS open_alerts, count(CASE WHEN severity = 'critical' THEN 1 END) AS critical_alerts
            FROM alert_history {where}
            """;

    private static String rated(Dialect dialect) {
        return "status <> 'unknown' AND enabled "
                + dialect.choose("= 1 ", "")
                + "AND lifecycle <> 'decommissioned'";
    }

    /// A row of each community whose counts are kept wrong: by how much each has to change.
    static String corrections(Dialect dialect) {
        var community = "coalesce(community_id, '" + HeardRows.NO_COMMUNITY + "')";
        return """
        SELECT community_id, %2$s FROM (
            SELECT %1$s AS community_id, count(*) AS devices, count(CASE WHEN status = 'online' THEN 1 END) AS online,
                   count(CASE WHEN status = 'offline' THEN 1 END) AS offline,
                   count(CASE WHEN %3$s THEN 1 END) AS rated,
                   coalesce(sum(CASE WHEN %3$s THEN health_score END), 0) AS health_sum,
                   0 AS open_alerts, 0 AS critical_alerts
            FROM devices GROUP BY %1$s
            UNION ALL
            SELECT %1$s, 0, 0, 0, 0, 0, count(*), count(CASE WHEN severity = 'critical' THEN 1 END)
            FROM alert_history WHERE resolved_at IS NULL GROUP BY %1$s
            UNION ALL
            SELECT community_id, -devices, -online, -offline, -rated, -health_sum, -open_alerts, -critical_alerts
            FROM fleet_counts
            UNION ALL
            SELECT community_id, -devices, -online, -offline, -rated, -health_sum, -open_alerts, -critical_alerts
            FROM fleet_count_changes) AS differences
        GROUP BY community_id
        HAVING sum(devices) <> 0 OR sum(online) <> 0 OR sum(offline) <> 0 OR sum(rated) <> 0 OR sum(health_sum) <> 0
            OR sum(open_alerts) <> 0 OR sum(critical_alerts) <> 0
        """
                .formatted(community, SUMS.strip(), rated(dialect));
    }

    static FleetCounts read(Row row) throws SQLException {
        return new FleetCounts(
                row.number("devices"),
                row.number("online"),
                row.number("offline"),
                row.number("rated"),
                row.number("health_sum"),
                row.number("open_alerts"),
                row.number("critical_alerts"));
    }

    static FleetCounts sum(FleetCounts one, FleetCounts other) {
        return new FleetCounts(
                one.devices() + other.devices(),
                one.online() + other.online(),
                one.offline() + other.offline(),
                one.rated() + other.rated(),
                one.healthSum() + other.healthSum(),
                one.openAlerts() + other.openAlerts(),
                one.criticalAlerts() + other.criticalAlerts());
    }

    /// After the community.
    static Sql bind(Sql sql, FleetCounts counts) throws SQLException {
        return sql.set(counts.devices())
                .set(counts.online())
                .set(counts.offline())
                .set(counts.rated())
                .set(counts.healthSum())
                .set(counts.openAlerts())
                .set(counts.criticalAlerts());
    }
}
