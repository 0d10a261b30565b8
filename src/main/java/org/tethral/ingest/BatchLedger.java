package org.tethral.ingest;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tethral.command.Dispatch;

/// The numbers of one batch: those that the database knows, and those that the batch gives out.
final class BatchLedger implements Decision.Ledger {

    /// Most messages tell no event: numbers are fetched when the first one does, for about as many
    /// as may follow.
    private static final int EVENTS_RESERVED_MIN = 8;

    private final Map<Receipt, Long> receipts;
    private final Map<String, Long> events;
    private final Map<Dispatch.Key, Dispatch> dispatches;
    private final Journal.Transaction transaction;
    private final int messages;
    private long nextSnapshot;
    private long[] eventNumbers = {};
    private int eventsUsed;

    private BatchLedger(
            Map<Receipt, Long> receipts,
            Map<String, Long> events,
            Map<Dispatch.Key, Dispatch> dispatches,
            Journal.Transaction transaction,
            int messages,
            long nextSnapshot) {
        this.receipts = receipts;
        this.events = events;
        this.dispatches = dispatches;
        this.transaction = transaction;
        this.messages = messages;
        this.nextSnapshot = nextSnapshot;
    }

    /// What need not be read; null: it is not known.
    interface Known {
        @Nullable Dispatch dispatch(Inbound.CommandStep step);
    }

    static BatchLedger read(
            Journal.Transaction transaction, List<Submission> submissions, Known known) {
        var receipts = new ArrayList<Receipt>();
        var eventIds = new ArrayList<String>();
        var dispatches = new HashMap<Dispatch.Key, Dispatch>();
        var unread = new HashSet<Dispatch.Key>();
        var snapshots = 0;
        for (var submission : submissions) {
            var message = submission.message();
            if (message instanceof Inbound.Report report) {
                snapshots += report.measurements().size();
                for (var measurement : report.measurements()) {
                    if (measurement.messageId() != null) {
                        receipts.add(new Receipt(report.device().id(), measurement.messageId()));
                    }
                }
            } else if (message instanceof Inbound.EventReport report) {
                eventIds.add(report.event().id());
            } else if (message instanceof Inbound.Noticed noticed) {
                eventIds.add(noticed.event().id());
            } else if (message instanceof Inbound.CommandStep step) {
                var key = new Dispatch.Key(step.command(), step.device().id());
                if (!dispatches.containsKey(key) && !unread.contains(key)) {
                    var dispatch = known.dispatch(step);
                    if (dispatch == null) {
                        unread.add(key);
                    } else {
                        dispatches.put(key, dispatch);
                    }
                }
            }
        }
        if (!unread.isEmpty()) {
            dispatches.putAll(transaction.dispatches(unread));
        }
        return new BatchLedger(
                receipts.isEmpty()
                        ? new HashMap<>()
                        : new HashMap<>(transaction.receipts(receipts)),
                eventIds.isEmpty() ? new HashMap<>() : new HashMap<>(transaction.events(eventIds)),
                dispatches,
                transaction,
                submissions.size(),
                snapshots == 0 ? 0 : transaction.reserveSnapshots(snapshots));
    }

    @Override
    public long sequenceOf(Receipt receipt) {
        return receipts.getOrDefault(receipt, 0L);
    }

    @Override
    public long sequenceOf(String eventId) {
        return events.getOrDefault(eventId, 0L);
    }

    @Override
    public @Nullable Dispatch dispatch(Dispatch.Key key) {
        return dispatches.get(key);
    }

    @Override
    public void moved(Dispatch next) {
        dispatches.put(next.key(), next);
    }

    @Override
    public long nextSnapshot(@Nullable Receipt receipt) {
        var sequence = nextSnapshot++;
        if (receipt != null) {
            receipts.put(receipt, sequence);
        }
        return sequence;
    }

    @Override
    public long nextEvent(String eventId) {
        if (eventsUsed == eventNumbers.length) {
            eventNumbers = transaction.reserveEvents(Math.max(EVENTS_RESERVED_MIN, messages / 8));
            eventsUsed = 0;
        }
        var sequence = eventNumbers[eventsUsed++];
        events.put(eventId, sequence);
        return sequence;
    }
}
