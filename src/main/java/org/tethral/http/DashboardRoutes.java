package org.tethral.http;

import java.util.Locale;
import org.tethral.dashboard.Cached;
import org.tethral.dashboard.Dashboard;
import org.tethral.dashboard.FleetStatistics;
import org.tethral.dashboard.OpenAlert;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// `/api/v1/dashboard`: a fleet at a glance. `X-Cache` says where an answer comes from; whoever
/// sends `Cache-Control: no-cache` has it looked up.
final class DashboardRoutes {

    private static final int ALERTS_USUAL = 20;

    private final Dashboard dashboard;

    DashboardRoutes(Dashboard dashboard) {
        this.dashboard = dashboard;
    }

    void on(Operations.Target operations) {
        operations.on("dashboardStatistics", this::statistics);
        operations.on("dashboardAlerts", this::alerts);
    }

    private Reply statistics(ApiRequest request) {
        var found = dashboard.statistics(request.community(), anew(request));
        return marked(found, document(found.value()));
    }

    private Reply alerts(ApiRequest request) {
        var limit = request.limit(ALERTS_USUAL);
        var found = dashboard.alerts(request.community(), anew(request));
        var newest = found.value().subList(0, Math.min(limit, found.value().size()));
        return marked(
                found,
                new Fields()
                        .list("items", newest, DashboardRoutes::document)
                        .time("as_of", found.at())
                        .document());
    }

    private static boolean anew(ApiRequest request) {
        return request.header("Cache-Control")
                .map(text -> text.toLowerCase(Locale.ROOT).contains("no-cache"))
                .orElse(false);
    }

    private static Reply marked(Cached<?> found, Document document) {
        var stale = found.source() == Cached.Source.STALE;
        return Reply.ok(document)
                .with("X-Cache", found.source().name())
                .with(
                        "Cache-Control",
                        stale ? "no-cache" : "private, max-age=" + Dashboard.FRESH.toSeconds());
    }

    private static Document document(FleetStatistics statistics) {
        var counts = statistics.counts();
        var health = counts.averageHealth();
        return new Fields()
                .number("total", counts.devices())
                .number("online", counts.online())
                .number("offline", counts.offline())
                .number("active_alerts", counts.openAlerts())
                .number("critical_alerts", counts.criticalAlerts())
                .value(
                        "average_health",
                        health.isEmpty()
                                ? Value.Null.NULL
                                : Value.of(Math.round(health.getAsDouble() * 10) / 10.0))
                .number("messages_last_hour", statistics.messagesLastHour())
                .time("as_of", statistics.asOf())
                .document();
    }

    private static Document document(OpenAlert open) {
        return AlertRoutes.document(open.alert()).with("device_name", Value.of(open.deviceName()));
    }
}
