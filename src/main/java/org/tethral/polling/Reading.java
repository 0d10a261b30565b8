package org.tethral.polling;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.tethral.source.Entry;
import org.tethral.source.Fetched;
import org.tethral.source.Position;
import org.tethral.source.Query;

/// Reads one channel on from where it stands: each entry once, in order, none left out.
///
/// A source gives at most so many entries at once, and does not say whether the first or the last
/// ones of the time that was asked for. So whatever comes back full is asked for again in shorter
/// times, and what is left out shows by its number.
final class Reading {

    /// Before any source: for who asks for everything.
    static final Instant BEGINNING = Instant.parse("2000-01-01T00:00:00Z");

    /// What comes back full of so short a time is taken as it is: sources tell times in seconds.
    private static final Duration STEP_MIN = Duration.ofSeconds(1);

    /// What was asked did not come, with what came instead.
    static final class NotRead extends Exception {
        private static final long serialVersionUID = 1L;

        private final transient Guard.Outcome outcome;

        NotRead(Guard.Outcome outcome) {
            super(null, null, false, false);
            this.outcome = outcome;
        }

        Guard.Outcome outcome() {
            return outcome;
        }
    }

    private final Guard guard;
    private final Storing storing;
    private final PollingMeters meters;
    private final InstantSource clock;
    private Position position;
    private long gapAfter = -1;
    private @Nullable Duration historyStep;

    Reading(Guard guard, Storing storing, Position position, Polling.Shared shared) {
        this.guard = guard;
        this.storing = storing;
        this.meters = shared.meters();
        this.clock = shared.clock();
        this.position = position;
    }

    Position position() {
        return position;
    }

    /// What is new.
    void readOn() throws InterruptedException, NotRead, Storing.NotTaken {
        var from = position.at();
        if (from == null) {
            begin();
            return;
        }
        var answer = ask(Query.since(from));
        if (wasCleared(answer, from)) {
            position = position.cleared();
        }
        if (answer.full()) {
            catchUp(from, answer);
        } else {
            store(ordered(answer.entries(), position.last()), answer);
        }
    }

    /// Its numbers are lower than before, though it has newer entries.
    private boolean wasCleared(Fetched.Entries answer, Instant from) {
        return answer.newest() != 0
                && answer.newest() < position.last()
                && answer.entries().stream().anyMatch(entry -> entry.at().isAfter(from));
    }

    /// Of a channel that was never read, the newest entry: what is before it is history.
    private void begin() throws InterruptedException, NotRead, Storing.NotTaken {
        var answer = ask(Query.NEWEST);
        var newest = ordered(answer.entries(), 0);
        if (newest.isEmpty()) {
            position = position.waitingSince(BEGINNING);
            storing.note(position, null);
        } else {
            keep(List.of(newest.getLast()), null);
        }
    }

    /// Each once, by number.
    private static List<Entry> ordered(Collection<Entry> entries, long above) {
        var ordered = new TreeMap<Long, Entry>();
        for (var entry : entries) {
            if (entry.number() > above) {
                ordered.putIfAbsent(entry.number(), entry);
            }
        }
        return List.copyOf(ordered.values());
    }

    private void store(List<Entry> fresh, Fetched.Entries answer)
            throws InterruptedException, NotRead, Storing.NotTaken {
        var whole = whole(fresh);
        if (whole < fresh.size()) {
            // an entry whose time was set by hand may be older than what we asked for
            var all = new java.util.ArrayList<>(answer.entries());
            all.addAll(ask(Query.RECENT).entries());
            fresh = ordered(all, position.last());
            whole = whole(fresh);
        }
        if (whole == fresh.size()) {
            gapAfter = -1;
            keep(fresh, null);
            return;
        }
        // the source may not show yet what it has taken: once more at the next look, no longer
        var before = whole == 0 ? position.last() : fresh.get(whole - 1).number();
        if (gapAfter != before) {
            gapAfter = before;
            keep(fresh.subList(0, whole), null);
            return;
        }
        gapAfter = -1;
        var gaps = fresh.getLast().number() - position.last() - fresh.size();
        meters.missing(gaps);
        position = position.missing(gaps);
        keep(fresh, null);
    }

    /// How many of them follow each other without a gap.
    private int whole(List<Entry> fresh) {
        if (position.last() == 0) {
            return fresh.size(); // read from a time on: the first may have any number
        }
        var next = position.last() + 1;
        var count = 0;
        while (count < fresh.size() && fresh.get(count).number() == next) {
            next++;
            count++;
        }
        return count;
    }

    /// There is more than comes at once.
    private void catchUp(Instant from, Fetched.Entries full)
            throws InterruptedException, NotRead, Storing.NotTaken {
        var above = position.last();
        var step = step(full, null);
        while (true) {
            var to = from.plus(step);
            var last = !to.isBefore(clock.instant());
            var answer = ask(last ? Query.since(from) : Query.between(from, to));
            if (answer.full() && step.compareTo(STEP_MIN) > 0) {
                step = step(answer, step);
                continue;
            }
            keep(ordered(answer.entries(), above), null);
            if (last && !answer.full()) {
                return;
            }
            from = to;
            step = answer.full() ? step : step.multipliedBy(2);
        }
    }

    /// A time in which, as far as can be told from them, fewer entries are than come at once.
    private static Duration step(Fetched.Entries full, @Nullable Duration before) {
        var first = Instant.MAX;
        var last = Instant.MIN;
        for (var entry : full.entries()) {
            first = entry.at().isBefore(first) ? entry.at() : first;
            last = entry.at().isAfter(last) ? entry.at() : last;
        }
        var span = Duration.between(first, last).multipliedBy(3).dividedBy(4);
        if (before != null && span.compareTo(before.dividedBy(2)) > 0) {
            span = before.dividedBy(2);
        }
        return span.compareTo(STEP_MIN) < 0 ? STEP_MIN : Duration.ofSeconds(span.toSeconds());
    }

    /// A part of the history that was asked for. To be called until it says that there is no more.
    boolean readHistory() throws InterruptedException, NotRead, Storing.NotTaken {
        var history = position.history();
        if (history == null || position.first() == 0) {
            if (history != null) {
                position = position.historyRead(); // nothing was ever there
                storing.note(position, null);
            }
            return false;
        }
        var from = history.at();
        var step = historyStep;
        var to = step == null ? null : from.plus(step);
        var whole = to == null || !to.isBefore(clock.instant());
        var answer = ask(whole || to == null ? Query.since(from) : Query.between(from, to));
        if (answer.full() && (step == null || step.compareTo(STEP_MIN) > 0)) {
            historyStep = step(answer, step);
            return true;
        }
        keepHistory(history, answer, to);
        var reached =
                answer.entries().stream().anyMatch(entry -> entry.number() >= position.first());
        if (whole || reached) {
            position = position.historyRead();
            historyStep = null;
            storing.note(position, null);
            return false;
        }
        historyStep = step == null ? null : step.multipliedBy(2);
        return true;
    }

    private void keepHistory(Position.History history, Fetched.Entries answer, @Nullable Instant to)
            throws InterruptedException, Storing.NotTaken {
        var byTime =
                ordered(answer.entries(), history.from() - 1).stream()
                        .filter(entry -> entry.number() < position.first())
                        .sorted(java.util.Comparator.comparing(Entry::at))
                        .toList();
        keep(byTime, history);
        var read = position.history();
        if (to != null && read != null && read.at().isBefore(to)) {
            position = position.with(read.read(0, to));
            storing.note(position, null);
        }
    }

    /// @param history null: they are what is new
    private void keep(List<Entry> entries, Position.@Nullable History history)
            throws InterruptedException, Storing.NotTaken {
        for (int i = 0; i < entries.size(); i += Storing.ENTRIES_TOGETHER_MAX) {
            var part =
                    entries.subList(i, Math.min(entries.size(), i + Storing.ENTRIES_TOGETHER_MAX));
            var next = history == null ? moved(part) : movedInHistory(part);
            var refused = storing.store(new Storing.Portion(part, next, history != null));
            meters.missing(refused);
            position = next.missing(refused);
        }
    }

    private Position moved(List<Entry> part) {
        var newest = position.at() == null ? Instant.MIN : position.at();
        for (var entry : part) {
            newest = entry.at().isAfter(newest) ? entry.at() : newest;
        }
        return position.read(part.getFirst().number(), part.getLast().number(), newest);
    }

    private Position movedInHistory(List<Entry> part) {
        var history = position.history();
        if (history == null) {
            throw new IllegalStateException("no history is being read");
        }
        for (var entry : part) {
            history = history.read(entry.number(), entry.at());
        }
        return position.with(history);
    }

    private Fetched.Entries ask(Query query) throws InterruptedException, NotRead {
        var outcome = guard.ask(query);
        if (outcome instanceof Guard.Outcome.Called(Fetched.Entries entries)) {
            return entries;
        }
        throw new NotRead(outcome);
    }
}
