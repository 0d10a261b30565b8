package org.tethral.sql;

import static org.tethral.sql.Devices.NOW;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import org.tethral.account.CommunityId;
import org.tethral.alert.AlertRule;
import org.tethral.alert.Condition;
import org.tethral.alert.Operator;
import org.tethral.alert.Severity;
import org.tethral.alert.Watch;
import org.tethral.alert.WatchStore;
import org.tethral.device.DeviceId;
import org.tethral.device.Lifecycle;

/// Alerts of a rule that is raised at one device, and was at another that has been decommissioned
/// since.
final class RaisedAlerts {

    private RaisedAlerts() {}

    static void fill(Database database) {
        var rule =
                new AlertRule(
                        UUID.randomUUID(),
                        "hot",
                        new AlertRule.Scope.OfCommunity(CommunityId.DEFAULT),
                        new Condition.Metric("t", Operator.ABOVE, 20, 20),
                        Duration.ZERO,
                        Severity.WARNING,
                        true,
                        1,
                        NOW);
        new SqlAlertStore(database).add(rule);
        var registry = new SqlDeviceStore(database);
        registry.add(Devices.plain("retires"), null, Devices.ACTOR);
        var turns = new ArrayList<WatchStore.Turn>();
        for (var id : List.of("b", "retires")) {
            turns.add(
                    new WatchStore.Turn(
                            rule,
                            new AlertRule.Member(new DeviceId(id), CommunityId.DEFAULT, null),
                            0,
                            Watch.NEW,
                            new Watch(new Watch.Phase.Raised(NOW, 21.0), NOW),
                            NOW));
        }
        new SqlWatchStore(database, new SplittableRandom(3)).keep(turns);
        registry.move(
                Devices.plain("retires").moved(Lifecycle.DECOMMISSIONED, NOW.plusSeconds(3)),
                "worn",
                Devices.ACTOR);
    }
}
