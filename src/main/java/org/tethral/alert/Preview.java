package org.tethral.alert;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tethral.device.Device;
import org.tethral.device.DeviceFilter;
import org.tethral.device.DeviceId;
import org.tethral.device.DeviceStore;
import org.tethral.device.Lifecycle;
import org.tethral.kernel.Page;
import org.tethral.state.HistoryStore;
import org.tethral.state.Interval;
import org.tethral.state.Snapshot;
import org.tethral.state.StateStore;

/// What a rule would have told of the past. Writes nothing.
public final class Preview {

    public static final int DEVICES_MAX = 100;
    public static final int EPISODES_MAX = 500;

    /// Looked at, of all devices together.
    public static final int SNAPSHOTS_MAX = 100_000;

    private static final int SNAPSHOTS_AT_ONCE = 1_000;
    private static final int CHANGES_MAX = 1_000;

    private final DeviceStore devices;
    private final HistoryStore history;
    private final StateStore states;

    /// One alert that there would have been.
    ///
    /// @param resolvedAt null: it would be open still
    public record Episode(
            DeviceId device,
            Instant triggeredAt,
            @Nullable Instant resolvedAt,
            @Nullable Double value,
            String message) {}

    /// @param episodes by device, each device's in the order of time
    /// @param devices how many were looked at
    /// @param complete false: there were more devices, reports or alerts than are looked at
    public record Result(List<Episode> episodes, int devices, boolean complete) {
        public Result {
            episodes = List.copyOf(episodes);
        }
    }

    public Preview(DeviceStore devices, HistoryStore history, StateStore states) {
        this.devices = devices;
        this.history = history;
        this.states = states;
    }

    /// @param interval by the times of readings and changes; its end is not in the future
    public Result of(AlertRule rule, Interval interval) {
        var covered = covered(rule.scope());
        var episodes = new ArrayList<Episode>();
        var budget = SNAPSHOTS_MAX;
        var looked = 0;
        for (var device : covered.items()) {
            if (budget <= 0 || episodes.size() >= EPISODES_MAX) {
                return new Result(episodes, looked, false);
            }
            var observations = new ArrayList<Observation>();
            if (rule.condition() instanceof Condition.InState) {
                changes(device.deviceId(), interval, observations);
            } else {
                budget -= reports(rule, device.deviceId(), interval, budget, observations);
            }
            episodes.addAll(episodes(rule, device.deviceId(), observations, interval.to()));
            looked++;
        }
        var whole = budget > 0 && episodes.size() <= EPISODES_MAX && covered.next().isEmpty();
        return new Result(
                episodes.subList(0, Math.min(episodes.size(), EPISODES_MAX)), looked, whole);
    }

    private Page<Device> covered(AlertRule.Scope scope) {
        var page = Page.Request.first(DEVICES_MAX);
        return switch (scope) {
            case AlertRule.Scope.OfDevice(var device) ->
                    new Page<>(
                            devices
                                    .find(device)
                                    .filter(one -> one.lifecycle() != Lifecycle.DECOMMISSIONED)
                                    .stream()
                                    .toList(),
                            null);
            case AlertRule.Scope.OfProfile(var profile) ->
                    devices.list(DeviceFilter.ALL.ofProfile(profile), page);
            case AlertRule.Scope.OfCommunity(var community) ->
                    devices.list(DeviceFilter.ALL.of(community), page);
        };
    }

    /// How many were read.
    private int reports(
            AlertRule rule,
            DeviceId device,
            Interval interval,
            int most,
            List<Observation> observations) {
        var snapshots = new ArrayList<Snapshot>();
        var request = Page.Request.first(SNAPSHOTS_AT_ONCE);
        while (true) {
            var page = history.range(device, interval, false, request);
            snapshots.addAll(page.items());
            if (page.next().isEmpty() || snapshots.size() >= most) {
                break;
            }
            request = new Page.Request(SNAPSHOTS_AT_ONCE, page.nextCursor());
        }
        observations.addAll(new RuleBook(List.of(rule)).observed(device, snapshots));
        return snapshots.size();
    }

    /// Those within the interval, and what the state was at its beginning.
    private void changes(DeviceId device, Interval interval, List<Observation> observations) {
        for (var change : states.changes(device, Page.Request.first(CHANGES_MAX)).items()) {
            if (!change.at().isBefore(interval.from())) {
                if (change.at().isBefore(interval.to())) {
                    observations.addFirst(new Observation.Moved(device, change.at(), change.to()));
                }
                continue;
            }
            observations.addFirst(new Observation.Moved(device, interval.from(), change.to()));
            return;
        }
    }

    /// Pure: the alerts that come of these observations, in the order in which they came. Each is
    /// taken as if it had arrived at its own time, or with the one before if that is later.
    static List<Episode> episodes(
            AlertRule rule, DeviceId device, List<Observation> observations, Instant until) {
        var episodes = new ArrayList<Episode>();
        var watch = Watch.NEW;
        var now = Instant.MIN;
        for (var observation : observations) {
            now = observation.at().isAfter(now) ? observation.at() : now;
            watch = step(rule, device, watch, watch.elapsed(now), dueBefore(watch, now), episodes);
            watch = step(rule, device, watch, watch.after(rule, observation, now), now, episodes);
        }
        step(rule, device, watch, watch.elapsed(until), dueBefore(watch, until), episodes);
        return episodes;
    }

    private static Instant dueBefore(Watch watch, Instant now) {
        return watch.phase() instanceof Watch.Phase.Pending(_, var due, _) ? due : now;
    }

    private static Watch step(
            AlertRule rule,
            DeviceId device,
            Watch before,
            Watch after,
            Instant at,
            List<Episode> episodes) {
        if (!before.isRaised() && after.phase() instanceof Watch.Phase.Raised(_, var value)) {
            episodes.add(new Episode(device, at, null, value, rule.message(value)));
        } else if (before.isRaised() && !after.isRaised()) {
            var open = episodes.removeLast();
            episodes.add(
                    new Episode(
                            open.device(), open.triggeredAt(), at, open.value(), open.message()));
        }
        return after;
    }
}
