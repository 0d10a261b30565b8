package org.tethral.sql;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.tethral.event.Event;
import org.tethral.ingest.Fact;
import org.tethral.ingest.Journal;
import org.tethral.ingest.Posting;
import org.tethral.state.Rollup;
import org.tethral.state.Snapshot;
import org.tethral.state.StateChange;

/// What a commit writes, by table.
///
/// @param states rows of `device_states`; `presences` columns of `devices`
record JournalRows(
        List<Snapshot> snapshots,
        List<Snapshot> receipts,
        List<StateChange> moves,
        List<Event.Logged> events,
        List<Fact.Linked> links,
        List<Fact.DispatchMoved> dispatches,
        List<Posting> postings,
        List<Journal.Change> states,
        List<Journal.Change> presences,
        Collection<Rollup> rollups,
        long rolledUpTo,
        List<Journal.Heard> heard,
        Instant at) {

    static JournalRows of(Journal.Writes writes) {
        var rows =
                new JournalRows(
                        new ArrayList<>(writes.facts().size()),
                        new ArrayList<>(),
                        new ArrayList<>(),
                        new ArrayList<>(),
                        new ArrayList<>(),
                        new ArrayList<>(),
                        writes.postings(),
                        new ArrayList<>(writes.changes().size()),
                        new ArrayList<>(),
                        writes.rollups(),
                        writes.rolledUpTo(),
                        writes.heard(),
                        writes.at());
        writes.facts().forEach(rows::sort);
        for (var posting : writes.postings()) {
            if (posting instanceof Posting.Issued(_, _, _, var told) && told != null) {
                rows.events.add(told);
            }
        }
        for (var change : writes.changes()) {
            if (change.valuesChanged()) {
                rows.states.add(change);
            }
            if (change.presenceChanged()) {
                rows.presences.add(change);
            }
        }
        return rows;
    }

    CommandMoves commands() {
        return CommandMoves.of(postings, dispatches);
    }

    private void sort(Fact fact) {
        switch (fact) {
            case Fact.Reported(var snapshot, _) -> {
                snapshots.add(snapshot);
                if (snapshot.messageId() != null) {
                    receipts.add(snapshot);
                }
            }
            case Fact.StateMoved(var change, _) -> moves.add(change);
            case Fact.Happened(_, var logged) -> events.add(logged);
            case Fact.Linked linked -> links.add(linked);
            case Fact.DispatchMoved moved -> dispatches.add(moved);
            case Fact.DesiredChanged _, Fact.Configured _ -> {} // in the device's state
        }
    }
}
