package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.kernel.Eventually.eventually;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.tethral.account.Actor;
import org.tethral.alert.Alert;
import org.tethral.alert.AlertRule;
import org.tethral.alert.AlertStore;
import org.tethral.alert.Alerting;
import org.tethral.alert.Condition;
import org.tethral.alert.Operator;
import org.tethral.alert.Severity;
import org.tethral.device.ConnectingDevice;
import org.tethral.device.DeviceId;
import org.tethral.event.EventLog;
import org.tethral.ingest.AlertFeed;
import org.tethral.ingest.Inbound;
import org.tethral.ingest.Ingest;
import org.tethral.kernel.Document;
import org.tethral.kernel.Page;
import org.tethral.kernel.Value;

/// The way from a report to an alert, on real tables, with a clock that is set by hand.
abstract class AlertingRig {

    static final Instant START = TestDatabase.NOW;
    static final Actor OPERATOR = Actor.apiKey("ops");
    private static int names;

    final Database database;
    final Fleet fleet;
    final String name = "alerting-" + names++;
    final AtomicReference<Instant> time = new AtomicReference<>(START);
    final SqlAlertStore alerts;
    final Ingest ingest;
    final SplittableRandom ids = new SplittableRandom(names * 31L);
    final List<UUID> rules = new ArrayList<>();
    private final List<Alerting> alsoTold = new CopyOnWriteArrayList<>();

    /// Devices whose messages come to another node.
    final Set<DeviceId> elsewhere = ConcurrentHashMap.newKeySet();

    @Nullable Alerting alerting;

    AlertingRig(TestDatabase test) {
        this.database = test.database();
        this.fleet = new Fleet(database);
        this.alerts = new SqlAlertStore(database);
        var random = new SplittableRandom(names);
        this.ingest =
                new Ingest(
                        SqlJournal.lanes(database),
                        lane -> SqlJournal.open(database, name, lane, random.split()),
                        time::get,
                        new SimpleMeterRegistry());
        ingest.listen(facts -> {
            var now = alerting;
            if (now != null) {
                new AlertFeed(now)
                        .committed(
                                facts.stream()
                                        .filter(fact -> !elsewhere.contains(fact.device()))
                                        .toList());
            }
            alsoTold.forEach(one -> new AlertFeed(one).committed(facts));
        });
    }

    @BeforeEach
    void start() {
        ingest.start();
        startAlerting();
    }

    void startAlerting() {
        var made = alerting(name);
        made.start();
        alerting = made;
    }

    /// Of a node of that name, not started.
    Alerting alerting(String node) {
        return new Alerting(
                alerts,
                new SqlWatchStore(database, ids.split()),
                new SqlHistoryStore(database, _ -> {}),
                new SqlStateStore(database),
                node,
                time::get);
    }

    /// It hears of what is committed from now on.
    void commitTo(Alerting other) {
        alsoTold.add(other);
    }

    void stopAlerting() {
        var running = alerting;
        alerting = null;
        if (running != null) {
            running.close();
        }
    }

    @AfterEach
    void close() {
        stopAlerting();
        ingest.close();
        rules.forEach(id -> alerts.remove(id, OPERATOR, time.get()));
    }

    AlertRule rule(AlertRule.Scope scope, Condition condition, int seconds) {
        var rule =
                new AlertRule(
                        UUID.randomUUID(),
                        "rule",
                        scope,
                        condition,
                        Duration.ofSeconds(seconds),
                        Severity.CRITICAL,
                        true,
                        1,
                        START);
        assertThat(alerts.add(rule)).isEqualTo(new AlertStore.Outcome.Stored(rule));
        rules.add(rule.id());
        if (alerting != null) {
            var store = new SqlWatchStore(database, ids.split());
            eventually(() -> !store.unexamined().contains(rule.id()));
        }
        return rule;
    }

    static Condition above(double threshold, double clear) {
        return new Condition.Metric("t", Operator.ABOVE, threshold, clear);
    }

    static AlertRule.Scope of(ConnectingDevice device) {
        return new AlertRule.Scope.OfDevice(device.id());
    }

    void report(ConnectingDevice device, Instant at, double value) {
        report(device, at, Document.of("t", Value.of(value)));
    }

    void report(ConnectingDevice device, Instant at, Document values) {
        try {
            ingest.submit(
                            new Inbound.Report(
                                    device,
                                    time.get(),
                                    List.of(new Inbound.Measurement(at, null, values))))
                    .get(30, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    List<Alert> alertsOf(ConnectingDevice device) {
        return alerts.list(AlertStore.Filter.of(device.id()), Page.Request.first(100)).items();
    }

    boolean isOpen(ConnectingDevice device) {
        return alertsOf(device).stream().anyMatch(Alert::isOpen);
    }

    List<String> eventsOf(ConnectingDevice device) {
        return new SqlEventLog(database)
                        .list(
                                new EventLog.Filter(
                                        null, "alert.*", null, device.id(), null, null, null),
                                Page.Request.first(100))
                        .items()
                        .reversed()
                        .stream()
                        .map(logged -> logged.event().type().value())
                        .toList();
    }

    /// All that was reported of it is looked at: a rule of its own says so.
    void settle() {
        var probe = fleet.add(name + "-probe-" + UUID.randomUUID());
        rule(of(probe), above(0, 0), 0);
        report(probe, time.get(), 1);
        eventually(() -> isOpen(probe));
    }
}
