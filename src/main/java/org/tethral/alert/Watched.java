package org.tethral.alert;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.tethral.device.DeviceId;
import org.tethral.kernel.Page;
import org.tethral.state.HistoryStore;
import org.tethral.state.Readings;

/// What is remembered of devices, so that a report that changes nothing costs no query. Can be
/// forgotten at any time: it is read again. Used by one thread.
final class Watched {

    static final int DEVICES_KNOWN_MAX = 50_000;

    /// How far back is looked for the newest reading of a metric.
    private static final int SNAPSHOTS_SEARCHED_MAX = 50;

    /// How soon it is seen that a device got another profile or community.
    private static final Duration MEMBERSHIP_TRUSTED_FOR = Duration.ofSeconds(30);

    private final WatchStore store;
    private final HistoryStore history;
    private final LinkedHashMap<DeviceId, Known> devices = new LinkedHashMap<>(256, 0.75f, true);

    Watched(WatchStore store, HistoryStore history) {
        this.store = store;
        this.history = history;
    }

    /// One device.
    static final class Known {
        final Map<UUID, Tracked> rules = new HashMap<>();
        AlertRule.Member member;
        long readNanos = System.nanoTime();
        boolean newestNoted;

        Known(AlertRule.Member member) {
            this.member = member;
        }

        Tracked tracked(AlertRule rule) {
            var known = rules.get(rule.id());
            if (known == null || known.ruleVersion != rule.version()) {
                known = new Tracked(rule.version(), Watch.NEW, 0);
                rules.put(rule.id(), known);
            }
            return known;
        }
    }

    /// A rule and a device.
    static final class Tracked {
        final long ruleVersion;
        Watch watch;
        long revision;

        Tracked(long ruleVersion, Watch watch, long revision) {
            this.ruleVersion = ruleVersion;
            this.watch = watch;
            this.revision = revision;
        }
    }

    @Nullable Known find(DeviceId device) {
        return devices.get(device);
    }

    void forget(DeviceId device) {
        devices.remove(device);
    }

    void forgetAll() {
        devices.clear();
    }

    /// @param first the lowest sequence of the snapshots that are about to be looked at, by device
    ///   ([Long#MAX_VALUE]: of none); what was reported before them has been seen
    void know(Map<DeviceId, Long> first, RuleBook book) {
        var unknown = new ArrayList<DeviceId>();
        var stale = new ArrayList<DeviceId>();
        for (var device : first.keySet()) {
            var known = devices.get(device);
            if (known == null) {
                unknown.add(device);
            } else if (System.nanoTime() - known.readNanos > MEMBERSHIP_TRUSTED_FOR.toNanos()) {
                stale.add(device);
            }
        }
        if (!stale.isEmpty()) {
            reread(stale);
        }
        if (!unknown.isEmpty()) {
            read(unknown);
        }
        first.forEach((device, sequence) -> {
            var known = devices.get(device);
            if (known != null && !known.newestNoted && sequence != Long.MAX_VALUE) {
                noteNewest(known, sequence, book);
                known.newestNoted = true;
            }
        });
        var oldest = devices.entrySet().iterator();
        while (devices.size() > DEVICES_KNOWN_MAX + first.size() && oldest.hasNext()) {
            oldest.next();
            oldest.remove();
        }
    }

    private void reread(List<DeviceId> stale) {
        var members = store.members(stale);
        for (var device : stale) {
            var member = members.get(device);
            var known = devices.get(device);
            if (member == null || known == null) {
                devices.remove(device);
            } else {
                known.member = member;
                known.readNanos = System.nanoTime();
            }
        }
    }

    private void read(List<DeviceId> unknown) {
        var read = new HashMap<DeviceId, Known>();
        store.members(unknown).forEach((device, member) -> read.put(device, new Known(member)));
        for (var kept : store.watches(unknown)) {
            var known = read.get(kept.device());
            if (known != null) {
                known.rules.put(
                        kept.rule(),
                        new Tracked(kept.ruleVersion(), kept.watch(), kept.revision()));
            }
        }
        devices.putAll(read);
    }

    /// Late data must be known as such also by who has seen nothing of this device yet.
    private void noteNewest(Known known, long first, RuleBook book) {
        var wanted = new HashMap<String, List<AlertRule>>();
        for (var rule : book.of(known.member)) {
            if (rule.condition() instanceof Condition.Metric metric) {
                wanted.computeIfAbsent(metric.metric(), _ -> new ArrayList<>()).add(rule);
            }
        }
        if (wanted.isEmpty()) {
            return;
        }
        var newest = new HashMap<String, Instant>();
        for (var snapshot :
                history.newest(known.member.device(), Page.Request.first(SNAPSHOTS_SEARCHED_MAX))
                        .items()) {
            if (snapshot.sequence() < first) {
                for (var metric : wanted.keySet()) {
                    Readings.forEach(
                            snapshot.values(),
                            metric,
                            _ -> newest.putIfAbsent(metric, snapshot.timestamp()));
                }
            }
        }
        newest.forEach((metric, at) -> {
            for (var rule : wanted.getOrDefault(metric, List.of())) {
                var tracked = known.tracked(rule);
                tracked.watch = tracked.watch.notBefore(at);
            }
        });
    }
}
