package org.tethral.alert;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.tethral.device.DeviceId;
import org.tethral.kernel.Document;
import org.tethral.state.Readings;
import org.tethral.state.Snapshot;

/// The rules that are in force, by what they are about.
public final class RuleBook {

    static final RuleBook EMPTY = new RuleBook(List.of());

    private final Map<UUID, AlertRule> rules = new HashMap<>();
    private final Map<AlertRule.Scope, List<AlertRule>> byScope = new HashMap<>();
    private final Set<String> metrics = new HashSet<>();
    private boolean states;
    private boolean silence;

    RuleBook(List<AlertRule> all) {
        for (var rule : all) {
            if (!rule.enabled()) {
                continue;
            }
            rules.put(rule.id(), rule);
            byScope.computeIfAbsent(rule.scope(), _ -> new ArrayList<>()).add(rule);
            switch (rule.condition()) {
                case Condition.Metric metric -> metrics.add(metric.metric());
                case Condition.InState _ -> states = true;
                case Condition.Silence _ -> silence = true;
            }
        }
    }

    boolean isEmpty() {
        return rules.isEmpty();
    }

    @Nullable AlertRule find(UUID id) {
        return rules.get(id);
    }

    /// Those about a device.
    List<AlertRule> of(AlertRule.Member member) {
        var found = new ArrayList<AlertRule>();
        add(found, new AlertRule.Scope.OfDevice(member.device()));
        if (member.profile() != null) {
            add(found, new AlertRule.Scope.OfProfile(member.profile()));
        }
        if (member.community() != null) {
            add(found, new AlertRule.Scope.OfCommunity(member.community()));
        }
        return found;
    }

    private void add(List<AlertRule> found, AlertRule.Scope scope) {
        found.addAll(byScope.getOrDefault(scope, List.of()));
    }

    public boolean looksAtStates() {
        return states;
    }

    /// What rules look at of a report; null: nothing. As large as the rules, however large the
    /// report.
    public Observation.@Nullable Report observed(
            DeviceId device, Instant at, long sequence, Document values) {
        if (metrics.isEmpty() && !silence) {
            return null;
        }
        var readings = new HashMap<String, Double>();
        if (!metrics.isEmpty()) {
            Readings.forEach(
                    values,
                    (metric, value) -> {
                        if (metrics.contains(metric)) {
                            readings.put(metric, value);
                        }
                    });
        }
        return readings.isEmpty() && !silence
                ? null
                : new Observation.Report(device, at, sequence, readings);
    }

    /// What rules look at of these, in the order in which they came, so that what was late is late
    /// again.
    List<Observation> observed(DeviceId device, Collection<Snapshot> snapshots) {
        var observations = new ArrayList<Observation>();
        snapshots.stream()
                .sorted(Comparator.comparingLong(Snapshot::sequence))
                .forEach(snapshot -> {
                    var report =
                            observed(
                                    device,
                                    snapshot.timestamp(),
                                    snapshot.sequence(),
                                    snapshot.values());
                    if (report != null) {
                        observations.add(report);
                    }
                });
        return observations;
    }
}
