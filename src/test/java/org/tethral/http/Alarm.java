package org.tethral.http;

import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.tethral.alert.Alert;
import org.tethral.alert.AlertRule;
import org.tethral.alert.AlertStore;
import org.tethral.alert.Watch;
import org.tethral.alert.WatchStore;
import org.tethral.device.DeviceId;
import org.tethral.kernel.Page;
import org.tethral.sql.SqlAlertStore;
import org.tethral.sql.SqlDeviceStore;
import org.tethral.sql.SqlWatchStore;

/// Alerts as if devices had reported what triggers them.
final class Alarm {

    private Alarm() {}

    static UUID of(ApiServer server, UUID rule, String device) {
        var alerts = new SqlAlertStore(server.database);
        var found = new SqlDeviceStore(server.database).find(new DeviceId(device)).orElseThrow();
        var now = Instant.now();
        var raised = new Watch(new Watch.Phase.Raised(now, 91.0), now);
        new SqlWatchStore(server.database, new Random())
                .keep(
                        List.of(
                                new WatchStore.Turn(
                                        alerts.rule(rule).orElseThrow(),
                                        new AlertRule.Member(
                                                found.deviceId(), found.about().community(), null),
                                        0,
                                        Watch.NEW,
                                        raised,
                                        now)));
        return alerts
                .list(AlertStore.Filter.of(found.deviceId()), Page.Request.first(1))
                .items()
                .stream()
                .map(Alert::id)
                .findFirst()
                .orElseThrow();
    }
}
