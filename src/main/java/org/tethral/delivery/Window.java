package org.tethral.delivery;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.tethral.event.Event;
import org.tethral.event.Priority;

/// The events of one subscription that are to be handed over next. Those of one device (or, without
/// one, of one source) stay in order, one attempt at a time; among devices, whoever has the most
/// urgent event comes first, with what stands before it. Used by one thread.
final class Window {

    static final int EVENTS_MAX = 2_000;
    static final long BYTES_MAX = 1L << 20;

    private static final Comparator<Row> BY_URGENCY =
            Comparator.<Row, Priority>comparing(row -> row.placedAs, Comparator.reverseOrder())
                    .thenComparingLong(row -> row.placedAt);
    private static final Comparator<Row> BY_TIME =
            Comparator.<Row, Instant>comparing(row -> row.placedDue)
                    .thenComparingLong(row -> row.placedAt);

    private final TreeMap<Long, Entry> entries = new TreeMap<>();
    private final Map<Object, Row> rows = new HashMap<>();
    private final TreeSet<Row> ready = new TreeSet<>(BY_URGENCY);
    private final TreeSet<Row> waiting = new TreeSet<>(BY_TIME);
    private long bytes;

    /// One event on its way.
    static final class Entry {
        final Event.Logged logged;
        private final int weight;
        private int attempts;
        private @Nullable Instant due;
        private @Nullable String lastError;
        private boolean hasRow;

        private Entry(Event.Logged logged, int attempts, @Nullable Instant due, boolean hasRow) {
            this.logged = logged;
            this.weight = logged.event().weight();
            this.attempts = attempts;
            this.due = due;
            this.hasRow = hasRow;
        }

        long sequence() {
            return logged.sequence();
        }

        int attempts() {
            return attempts;
        }

        @Nullable Instant due() {
            return due;
        }

        @Nullable String lastError() {
            return lastError;
        }

        /// There is a row for it in the store, or will be with the next progress.
        boolean hasRow() {
            return hasRow;
        }
    }

    /// The events of one device, in order.
    private static final class Row {
        final Object key;
        final Deque<Entry> entries = new ArrayDeque<>();
        final Map<Priority, Integer> byPriority = new EnumMap<>(Priority.class);
        boolean underWay;
        // what its place in a set was found by
        Priority placedAs = Priority.LOW;
        Instant placedDue = Instant.MIN;
        long placedAt;

        Row(Object key) {
            this.key = key;
        }

        Priority urgency() {
            return byPriority.isEmpty() ? Priority.LOW : Collections.max(byPriority.keySet());
        }
    }

    boolean hasRoom() {
        return entries.size() < EVENTS_MAX && bytes < BYTES_MAX;
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }

    int size() {
        return entries.size();
    }

    boolean contains(long sequence) {
        return entries.containsKey(sequence);
    }

    void add(Event.Logged logged) {
        add(new Entry(logged, 0, null, false));
    }

    /// One that failed before, or is to be sent again.
    void add(Event.Logged logged, Delivery before) {
        var entry = new Entry(logged, before.attempts(), before.nextAttemptAt(), true);
        entry.lastError = before.lastError();
        add(entry);
    }

    private void add(Entry entry) {
        if (entries.putIfAbsent(entry.sequence(), entry) != null) {
            return;
        }
        bytes += entry.weight;
        var row = rows.computeIfAbsent(key(entry), Row::new);
        unplace(row);
        if (row.entries.isEmpty() || row.entries.peekLast().sequence() < entry.sequence()) {
            row.entries.addLast(entry);
        } else {
            insert(row, entry); // one that is sent again, among those that follow it
        }
        row.byPriority.merge(entry.logged.event().priority(), 1, Integer::sum);
        place(row);
    }

    private static void insert(Row row, Entry entry) {
        var all = new ArrayList<>(row.entries);
        all.add(entry);
        all.sort(Comparator.comparingLong(Entry::sequence));
        row.entries.clear();
        row.entries.addAll(all);
    }

    private static Object key(Entry entry) {
        var event = entry.logged.event();
        return event.device() == null ? event.source() : event.device();
    }

    /// The next attempt: up to `most` events, in order, from rows that are due and not under way.
    /// One that failed before goes alone, so that it cannot fail others. Empty: nothing is due.
    List<Entry> next(int most, Instant now) {
        while (!waiting.isEmpty() && !waiting.first().placedDue.isAfter(now)) {
            var row = waiting.first();
            unplace(row);
            placeReady(row);
        }
        var taken = new ArrayList<Entry>();
        while (taken.size() < most && !ready.isEmpty()) {
            var row = ready.first();
            var head = row.entries.getFirst();
            if (head.attempts > 0 && !taken.isEmpty()) {
                break;
            }
            unplace(row);
            row.underWay = true;
            for (var entry : row.entries) {
                if (taken.size() == most || entry.attempts > 0 && entry != head) {
                    break;
                }
                taken.add(entry);
                if (head.attempts > 0) {
                    break;
                }
            }
            if (head.attempts > 0) {
                break;
            }
        }
        taken.sort(Comparator.comparingLong(Entry::sequence));
        return taken;
    }

    /// Those are what is left of an attempt: nothing else of their rows is due until they land.
    void underWay(List<Entry> taken) {
        for (var entry : taken) {
            var row = rows.get(key(entry));
            if (row != null) {
                unplace(row);
                row.underWay = true;
            }
        }
    }

    /// It is settled: forgotten here.
    void settled(Entry entry) {
        entries.remove(entry.sequence());
        bytes -= entry.weight;
        var row = rows.get(key(entry));
        if (row == null) {
            return;
        }
        unplace(row);
        row.entries.remove(entry);
        row.byPriority.computeIfPresent(
                entry.logged.event().priority(), (_, count) -> count > 1 ? count - 1 : null);
        landed(row);
    }

    /// To be tried again, not before that time.
    void failed(Entry entry, String why, Instant due) {
        entry.attempts++;
        entry.lastError = why;
        entry.due = due;
        entry.hasRow = true;
        var row = rows.get(key(entry));
        if (row != null) {
            unplace(row);
            landed(row);
        }
    }

    private void landed(Row row) {
        row.underWay = false;
        if (row.entries.isEmpty()) {
            rows.remove(row.key);
        } else {
            place(row);
        }
    }

    /// The receiver is back: nobody waits longer than that.
    void hurry(Instant latest) {
        for (var row : List.copyOf(waiting.tailSet(waitingFrom(latest)))) {
            var head = row.entries.getFirst();
            unplace(row);
            head.due = latest;
            place(row);
        }
    }

    private static Row waitingFrom(Instant time) {
        var border = new Row("");
        border.placedDue = time;
        border.placedAt = Long.MAX_VALUE;
        return border;
    }

    /// When the next of those that wait is due; null: nobody waits.
    @Nullable Instant nextDue() {
        return waiting.isEmpty() ? null : waiting.first().placedDue;
    }

    boolean hasReady() {
        return !ready.isEmpty();
    }

    /// In order, those that no row tells of.
    List<Long> withoutRow() {
        var open = new ArrayList<Long>();
        for (var entry : entries.values()) {
            if (!entry.hasRow) {
                open.add(entry.sequence());
            }
        }
        return open;
    }

    private void place(Row row) {
        if (row.underWay) {
            return;
        }
        var due = row.entries.getFirst().due;
        if (due == null) {
            placeReady(row);
        } else {
            row.placedDue = due;
            row.placedAt = row.entries.getFirst().sequence();
            waiting.add(row);
        }
    }

    private void placeReady(Row row) {
        row.placedAs = row.urgency();
        row.placedAt = row.entries.getFirst().sequence();
        ready.add(row);
    }

    private void unplace(Row row) {
        if (!ready.remove(row)) {
            waiting.remove(row);
        }
    }
}
