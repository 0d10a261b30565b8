package org.tethral.state;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tethral.kernel.Document;
import org.tethral.kernel.Micros;
import org.tethral.kernel.Value;

/// The newest value of each name that a device reported: the newest by the time of its report, and
/// of several of one time the one that arrived last. In whatever order reports arrive, the same
/// comes of them as if they had arrived in the order of their times. Empty objects are no values:
/// whether one is left, or takes the place of something, may depend on the order of arrival.
///
/// @param values the values themselves
/// @param at the time of the newest report; null: nothing was reported yet, or not known
/// @param times of the names whose value is not of the newest report, of those that were removed,
///   and, of an object, when it was last something else, by JSON Pointer (RFC 6901): as long as
///   each report has all names, there are none
public record Latest(Document values, @Nullable Instant at, Map<String, Instant> times) {

    public static final Latest NOTHING = new Latest(Document.EMPTY, null, Map.of());

    /// Of so many names is remembered that they are older; further ones count as of the newest
    /// report.
    public static final int TIMES_MAX = 1_000;

    /// Clocks of several nodes are this close together; a time further in the future is of a clock
    /// that was set back since.
    static final Duration SKEW_MAX = Duration.ofMinutes(1);

    public Latest {
        times = Map.copyOf(times);
    }

    /// When a report takes its place: at its own time, but not after its arrival. One without a
    /// time of its own arrives last. So does each while what is known is of the future, as it is
    /// where the clock was set back.
    ///
    /// @param timestamp the device's own, else that of the arrival
    public Instant placed(Instant timestamp, Instant receivedAt) {
        var arrived = Micros.truncated(receivedAt);
        var own = Micros.truncated(timestamp);
        if (at != null && at.isAfter(arrived.plus(SKEW_MAX))) {
            return at;
        }
        if (own.isBefore(arrived)) {
            return own;
        }
        return at == null || at.isBefore(arrived) ? arrived : at;
    }

    /// After a report of that time, which is a merge patch: null removes a name.
    public Latest with(Document report, Instant time) {
        if (at == null || !time.isBefore(at)) {
            return newest(report, time);
        }
        var merge = new Merge(at, new HashMap<>(times));
        return new Latest(merge.late(values, report, "", time), at, merge.times);
    }

    private Latest newest(Document report, Instant time) {
        var next = values.merged(report);
        if (times.isEmpty() && hasAll(report, values)) {
            return new Latest(next, time, Map.of());
        }
        var before = at == null ? time : at;
        var merge = new Merge(before, new HashMap<>(times));
        if (time.isAfter(before)) {
            merge.keepOthers(values, report, "");
        }
        merge.take(values, report, "", time);
        return new Latest(next, time, merge.times);
    }

    /// The report has all names that there are, and removes none.
    private static boolean hasAll(Document report, @Nullable Document values) {
        for (var entry : report.values().entrySet()) {
            var known = values == null ? null : values.values().get(entry.getKey());
            switch (entry.getValue()) {
                case Value.Null _ -> {
                    return false;
                }
                case Document inner -> {
                    if (known != null && !(known instanceof Document)
                            || !hasAll(inner, known instanceof Document doc ? doc : null)) {
                        return false;
                    }
                }
                case Value.Text _, Value.Numeric _, Value.Bool _, Value.Array _ -> {}
            }
        }
        return values == null || report.values().keySet().containsAll(values.values().keySet());
    }

    private static String below(String path, String name) {
        return path + "/" + name.replace("~", "~0").replace("/", "~1");
    }

    /// One report coming in.
    ///
    /// @param at of when what has no time of its own is
    /// @param times change on the way
    private record Merge(Instant at, Map<String, Instant> times) {

        /// What was of the newest report so far, and is not in this one, keeps its time.
        void keepOthers(Document values, @Nullable Document report, String path) {
            values.values()
                    .forEach((name, known) -> {
                        var given = report == null ? null : report.values().get(name);
                        if (known instanceof Document inner) {
                            if (given == null || given instanceof Document) {
                                keepOthers(inner, (Document) given, below(path, name));
                            }
                        } else if (given == null && times.size() < TIMES_MAX) {
                            times.putIfAbsent(below(path, name), at);
                        }
                    });
        }

        /// The newest report needs times only of what it removes, and of what it makes an object.
        void take(@Nullable Document values, Document report, String path, Instant time) {
            report.values()
                    .forEach((name, given) -> {
                        var pointer = below(path, name);
                        var known = values == null ? null : values.values().get(name);
                        if (given instanceof Document inner) {
                            if (known != null && !(known instanceof Document)) {
                                remember(pointer, timeOf(pointer));
                            }
                            take(
                                    known instanceof Document before ? before : null,
                                    inner,
                                    pointer,
                                    time);
                        } else {
                            times.remove(pointer);
                            if (known instanceof Document) {
                                times.keySet().removeIf(one -> one.startsWith(pointer + "/"));
                            }
                            if (given == Value.Null.NULL) {
                                remember(pointer, time);
                            }
                        }
                    });
        }

        /// The values with those of an older report that are newer than what is known.
        Document late(Document values, Document report, String path, Instant time) {
            var next = new LinkedHashMap<>(values.values());
            report.values()
                    .forEach((name, given) -> {
                        var pointer = below(path, name);
                        var known = next.get(name);
                        if (isOvertaken(known, pointer, time)) {
                            return;
                        }
                        if (given instanceof Document inner) {
                            if (known != null && !(known instanceof Document)) {
                                remember(pointer, timeOf(pointer));
                            }
                            var base = known instanceof Document before ? before : Document.EMPTY;
                            next.put(name, late(base, inner, pointer, time));
                            return;
                        }
                        var before = known instanceof Document inner ? inner : Document.EMPTY;
                        var left = since(before, pointer, time);
                        if (!left.isEmpty() || isAnyBelow(pointer)) {
                            next.put(name, left);
                        } else if (given == Value.Null.NULL) {
                            next.remove(name);
                        } else {
                            next.put(name, given);
                        }
                        remember(pointer, time);
                    });
            return new Document(next);
        }

        /// What is known there, or was removed, is of after that time. Of an object that says when
        /// it was last something else: what is in it is for itself.
        private boolean isOvertaken(@Nullable Value known, String pointer, Instant time) {
            var plain = known != null && !(known instanceof Document);
            var of = plain ? timeOf(pointer) : times.get(pointer);
            return of != null && of.isAfter(time);
        }

        /// Something was told of what is in an object there, be it that it was removed.
        private boolean isAnyBelow(String pointer) {
            return times.keySet().stream().anyMatch(one -> one.startsWith(pointer + "/"));
        }

        /// What is of after that time; no other times are left.
        private Document since(Document values, String path, Instant time) {
            var left = new LinkedHashMap<String, Value>();
            values.values()
                    .forEach((name, known) -> {
                        var pointer = below(path, name);
                        if (known instanceof Document inner) {
                            var some = since(inner, pointer, time);
                            if (!some.isEmpty()) {
                                left.put(name, some);
                            }
                        } else if (timeOf(pointer).isAfter(time)) {
                            left.put(name, known);
                        }
                    });
            times.entrySet()
                    .removeIf(one ->
                            one.getKey().startsWith(path + "/") && !one.getValue().isAfter(time));
            return new Document(left);
        }

        private Instant timeOf(String pointer) {
            return times.getOrDefault(pointer, at);
        }

        private void remember(String pointer, Instant time) {
            if (times.size() < TIMES_MAX || times.containsKey(pointer)) {
                times.put(pointer, time);
            }
        }
    }
}
