package org.tethral.alert;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.tethral.device.DeviceId;
import org.tethral.kernel.Page;
import org.tethral.state.HistoryStore;
import org.tethral.state.Interval;
import org.tethral.state.StateStore;

/// The work of [Alerting], step by step. Used by one thread.
final class Rounds {

    /// Written together: what other writers wait for is short.
    private static final int TURNS_AT_ONCE_MAX = 200;

    private static final int DEVICES_AT_ONCE_MAX = 200;

    /// Of one device, where what was missed is looked up; the newest count.
    private static final int SNAPSHOTS_LOOKED_UP_MAX = 1_000;

    private static final int CHANGES_LOOKED_UP_MAX = 100;

    /// The platform's clock and those of devices differ, and commits take a while.
    private static final Duration MARGIN = Duration.ofMinutes(1);

    private static final Instant NEVER = Instant.parse("9999-01-01T00:00:00Z");

    private final WatchStore store;
    private final HistoryStore history;
    private final StateStore states;
    private final InstantSource clock;
    private final Watched watched;
    private final List<WatchStore.Turn> turns = new ArrayList<>();

    Rounds(WatchStore store, HistoryStore history, StateStore states, InstantSource clock) {
        this.store = store;
        this.history = history;
        this.states = states;
        this.clock = clock;
        this.watched = new Watched(store, history);
    }

    void forgetAll() {
        turns.clear();
        watched.forgetAll();
    }

    /// Holds these against the rules, and writes what comes of it.
    void look(RuleBook book, List<Observation> observations) {
        if (book.isEmpty() || observations.isEmpty()) {
            return;
        }
        var now = clock.instant();
        know(book, observations);
        for (var observation : observations) {
            var known = watched.find(observation.device());
            if (known != null) {
                leave(book, known, now);
                for (var rule : book.of(known.member)) {
                    step(known, rule, watch -> watch.after(rule, observation, now), now);
                }
            }
        }
        write(book);
    }

    private void know(RuleBook book, List<Observation> observations) {
        var first = new HashMap<DeviceId, Long>();
        for (var observation : observations) {
            first.merge(
                    observation.device(),
                    observation instanceof Observation.Report report
                            ? report.sequence()
                            : Long.MAX_VALUE,
                    Math::min);
        }
        watched.know(first, book);
    }

    /// A device that a rule is not about any more has no alert of it.
    private void leave(RuleBook book, Watched.Known known, Instant now) {
        for (var id : List.copyOf(known.rules.keySet())) {
            var rule = book.find(id);
            if (rule == null) {
                known.rules.remove(id);
            } else if (!rule.scope().covers(known.member)) {
                step(known, rule, _ -> Watch.NEW, now);
                known.rules.remove(id);
            }
        }
    }

    @FunctionalInterface
    private interface Step {
        Watch of(Watch before);
    }

    private void step(Watched.Known known, AlertRule rule, Step step, Instant now) {
        var tracked = known.tracked(rule);
        var before = tracked.watch;
        tracked.watch = step.of(before);
        if (!before.samePhase(tracked.watch)) {
            turn(known, rule, tracked, before, now);
        }
    }

    private void turn(
            Watched.Known known,
            AlertRule rule,
            Watched.Tracked tracked,
            Watch before,
            Instant now) {
        turns.add(
                new WatchStore.Turn(
                        rule, known.member, tracked.revision, before, tracked.watch, now));
        tracked.revision++;
    }

    /// Where somebody else was faster, begins again with what is there now.
    private void write(RuleBook book) {
        var lost = new HashSet<DeviceId>();
        for (int i = 0; i < turns.size(); i += TURNS_AT_ONCE_MAX) {
            lost.addAll(
                    store.keep(
                            List.copyOf(
                                    turns.subList(
                                            i, Math.min(turns.size(), i + TURNS_AT_ONCE_MAX)))));
        }
        turns.clear();
        if (lost.isEmpty()) {
            return;
        }
        lost.forEach(watched::forget);
        var since = clock.instant().minus(MARGIN);
        for (var present : store.present(lost)) {
            replay(book, present, since);
        }
        // whoever loses again learns of it by what comes next
        store.keep(List.copyOf(turns)).forEach(watched::forget);
        turns.clear();
    }

    /// Looks at all that was committed since, of whatever device.
    void catchUp(RuleBook book, Instant since) {
        if (book.isEmpty()) {
            return;
        }
        var from = since.minus(MARGIN);
        page(
                (after, limit) -> store.updatedSince(from, after, limit),
                present -> replay(book, present, from),
                book);
    }

    /// Holds rules that are new against what devices are now. True: of some, the book does not know
    /// yet.
    boolean examine(RuleBook book) {
        var unknown = false;
        for (var id : store.unexamined()) {
            var rule = book.find(id);
            if (rule == null) {
                unknown = true;
            } else {
                page(
                        (after, limit) -> store.covered(rule.scope(), after, limit),
                        present -> examine(book, rule, present),
                        book);
                store.examined(rule);
            }
        }
        return unknown;
    }

    @FunctionalInterface
    private interface Visit {
        void visit(WatchStore.Present present);
    }

    private void page(
            BiFunction<@Nullable DeviceId, Integer, List<WatchStore.Present>> list,
            Visit visit,
            RuleBook book) {
        @Nullable DeviceId after = null;
        while (true) {
            var part = list.apply(after, DEVICES_AT_ONCE_MAX);
            part.forEach(visit::visit);
            write(book);
            if (part.size() < DEVICES_AT_ONCE_MAX) {
                return;
            }
            after = part.getLast().member().device();
        }
    }

    private void replay(RuleBook book, WatchStore.Present present, Instant from) {
        var device = present.member().device();
        var covering = book.of(present.member());
        if (covering.isEmpty()) {
            return;
        }
        var snapshots =
                history.range(
                                device,
                                new Interval(from, NEVER),
                                true,
                                Page.Request.first(SNAPSHOTS_LOOKED_UP_MAX))
                        .items();
        if (snapshots.isEmpty()) {
            // its clock is behind: what it reported last counts
            snapshots = history.newest(device, Page.Request.first(1)).items();
        }
        var observations = book.observed(device, snapshots);
        if (book.looksAtStates()) {
            for (var change :
                    states.changes(device, Page.Request.first(CHANGES_LOOKED_UP_MAX))
                            .items()
                            .reversed()) {
                if (!change.at().isBefore(from)) {
                    observations.add(new Observation.Moved(device, change.at(), change.to()));
                }
            }
            observations.add(new Observation.Moved(device, present.stateSince(), present.state()));
        }
        know(book, observations.isEmpty() ? List.of(anything(present)) : observations);
        for (var rule : covering) {
            lookAtPast(rule, present, observations);
        }
    }

    private void examine(RuleBook book, AlertRule rule, WatchStore.Present present) {
        var device = present.member().device();
        know(book, List.of(anything(present)));
        var observations = new ArrayList<Observation>();
        observations.add(new Observation.Moved(device, present.stateSince(), present.state()));
        if (rule.condition() instanceof Condition.Metric metric) {
            for (var snapshot :
                    history.newest(device, Page.Request.first(CHANGES_LOOKED_UP_MAX)).items()) {
                var report =
                        book.observed(
                                device,
                                snapshot.timestamp(),
                                snapshot.sequence(),
                                snapshot.values());
                if (report != null && report.readings().containsKey(metric.metric())) {
                    observations.add(report);
                    break;
                }
            }
        }
        lookAtPast(rule, present, observations);
    }

    private static Observation anything(WatchStore.Present present) {
        return new Observation.Moved(
                present.member().device(), present.stateSince(), present.state());
    }

    private void lookAtPast(
            AlertRule rule, WatchStore.Present present, List<Observation> observations) {
        var now = clock.instant();
        var known = watched.find(present.member().device());
        if (known == null) {
            return;
        }
        if (rule.condition() instanceof Condition.Silence) {
            var heard = lastReport(present);
            if (heard != null) {
                step(known, rule, watch -> heard(rule, watch, present, heard), now);
            }
            return;
        }
        for (var observation : observations) {
            step(known, rule, watch -> watch.after(rule, observation, now), now);
        }
    }

    private static Watch heard(
            AlertRule rule, Watch watch, WatchStore.Present present, Instant at) {
        // an alert ends by a report that came after it was triggered
        if (watch.isRaised() && watch.seen() != null && !at.isAfter(watch.seen())) {
            return watch;
        }
        return watch.after(
                rule, new Observation.Report(present.member().device(), at, 0, Map.of()), at);
    }

    private @Nullable Instant lastReport(WatchStore.Present present) {
        if (present.reportedAt() != null) {
            return present.reportedAt();
        }
        var newest = history.newest(present.member().device(), Page.Request.first(1)).items();
        if (newest.isEmpty()) {
            return null;
        }
        var at = newest.getFirst().timestamp();
        return at.isBefore(present.stateSince()) ? at : present.stateSince();
    }

    /// Triggers what has held for long enough, and silence that nobody broke. True: there are more.
    boolean elapse(RuleBook book, int limit) {
        var due = store.due(clock.instant(), limit);
        if (due.isEmpty()) {
            return false;
        }
        var devices = due.stream().map(WatchStore.Kept::device).distinct().toList();
        var present = new HashMap<DeviceId, WatchStore.Present>();
        store.present(devices).forEach(one -> present.put(one.member().device(), one));
        due.stream().filter(this::isNews).forEach(kept -> watched.forget(kept.device()));
        know(book, present.values().stream().map(Rounds::anything).toList());
        var gone = new ArrayList<WatchStore.Kept>();
        for (var kept : due) {
            var rule = book.find(kept.rule());
            var here = present.get(kept.device());
            if (here == null) {
                gone.add(kept);
            } else if (rule != null && rule.version() == kept.ruleVersion()) {
                elapse(rule, here);
            }
        }
        if (!gone.isEmpty()) {
            store.drop(gone, clock.instant());
        }
        write(book);
        return due.size() == limit;
    }

    private void elapse(AlertRule rule, WatchStore.Present present) {
        var now = clock.instant();
        var known = watched.find(present.member().device());
        if (known == null) {
            return;
        }
        var tracked = known.tracked(rule);
        var before = tracked.watch;
        var heard = rule.condition() instanceof Condition.Silence ? lastReport(present) : null;
        var latest = heard == null ? before : heard(rule, before, present, heard);
        tracked.watch = latest.elapsed(now);
        turn(known, rule, tracked, before, now);
    }

    /// What is remembered is not what this row was made of.
    private boolean isNews(WatchStore.Kept kept) {
        var known = watched.find(kept.device());
        var tracked = known == null ? null : known.rules.get(kept.rule());
        return tracked == null || tracked.revision != kept.revision();
    }
}
