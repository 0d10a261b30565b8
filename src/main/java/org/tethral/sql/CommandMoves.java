package org.tethral.sql;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.tethral.command.Command;
import org.tethral.command.CommandId;
import org.tethral.command.CommandStatus;
import org.tethral.command.Dispatch;
import org.tethral.ingest.Fact;
import org.tethral.ingest.Posting;

/// What a commit writes of commands: new ones, dispatches that moved (each once, however many steps
/// it made), and by how much the counts of their commands change.
///
/// @param counts all in the order of their ids, so that two writers do not wait for each other in a
///   circle
record CommandMoves(
        List<Issued> issued, List<Dispatch> added, List<Dispatch> moved, List<Counts> counts) {

    private static final Comparator<Dispatch> BY_ID =
            Comparator.comparing(Dispatch::command).thenComparing(Dispatch::device);

    /// A new command, and how many of its dispatches stand where.
    record Issued(Command command, Counts counts) {}

    /// @param endedAt when the last of the moves was made that ended a dispatch
    record Counts(CommandId command, Map<CommandStatus, Integer> by, @Nullable Instant endedAt) {
        int of(CommandStatus status) {
            return by.getOrDefault(status, 0);
        }
    }

    static CommandMoves of(List<Posting> postings, List<Fact.DispatchMoved> facts) {
        var issued = new ArrayList<Issued>();
        var added = new ArrayList<Dispatch>();
        for (var posting : postings) {
            if (posting instanceof Posting.Issued(var command, var dispatches, var last, _)) {
                added.addAll(dispatches);
                if (last) {
                    issued.add(new Issued(command, counts(command, dispatches)));
                }
            }
        }
        var moved = new LinkedHashMap<Dispatch.Key, Dispatch>();
        var counts = new TreeMap<CommandId, Map<CommandStatus, Integer>>();
        var ends = new TreeMap<CommandId, Instant>();
        for (var fact : facts) {
            var after = fact.after();
            moved.put(after.key(), after);
            var was = fact.before().stage().status();
            var is = after.stage().status();
            if (was != is) {
                var by =
                        counts.computeIfAbsent(
                                after.command(), _ -> new EnumMap<>(CommandStatus.class));
                by.merge(was, -1, Integer::sum);
                by.merge(is, 1, Integer::sum);
            }
            var end = after.endedAt();
            if (end != null && fact.ended()) {
                ends.merge(after.command(), end, (a, b) -> a.isAfter(b) ? a : b);
            }
        }
        return new CommandMoves(
                issued,
                added,
                sorted(moved.values()),
                counts.entrySet().stream()
                        .map(entry ->
                                new Counts(
                                        entry.getKey(), entry.getValue(), ends.get(entry.getKey())))
                        .toList());
    }

    /// The parts before the last one hold what waits.
    private static Counts counts(Command command, List<Dispatch> last) {
        var by = new EnumMap<CommandStatus, Integer>(CommandStatus.class);
        last.forEach(dispatch -> by.merge(dispatch.stage().status(), 1, Integer::sum));
        by.merge(CommandStatus.PENDING, command.targetCount() - last.size(), Integer::sum);
        return new Counts(command.id(), by, null);
    }

    private static List<Dispatch> sorted(Collection<Dispatch> dispatches) {
        return dispatches.stream().sorted(BY_ID).toList();
    }
}
