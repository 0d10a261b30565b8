package org.tethral.ingest;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;
import org.tethral.command.Dispatch;
import org.tethral.device.DeviceId;
import org.tethral.device.Status;

/// The messages of one commit, decided one after the other, each on what the one before left.
public final class Batch {

    /// How much later than its deadline a device is looked at: what is written of its last sign of
    /// life may lag.
    private static final java.time.Duration OVERDUE_MARGIN = Decision.SEEN_STEP;

    private final List<Submission> submissions;
    private final Map<DeviceId, Situation> before = new HashMap<>();
    private final Map<DeviceId, Situation> after = new LinkedHashMap<>();
    private final List<Answer> answers;
    private final List<Fact> facts;
    private final List<Posting> postings = new ArrayList<>();
    private final Map<@Nullable CommunityId, Long> heard = new HashMap<>();

    Batch(List<Submission> submissions) {
        this.submissions = submissions;
        this.answers = new ArrayList<>(submissions.size());
        this.facts = new ArrayList<>(submissions.size() + submissions.size() / 8);
    }

    public static Batch ofMessages(List<Inbound> messages) {
        return new Batch(messages.stream().map(message -> new Submission(message, null)).toList());
    }

    List<Answer> answers() {
        return answers;
    }

    List<Fact> facts() {
        return facts;
    }

    /// The situations that the commit leaves, of all devices of the batch.
    public Collection<Situation> situations() {
        return after.values();
    }

    Set<DeviceId> devices() {
        var devices = new HashSet<DeviceId>();
        for (var submission : submissions) {
            var device = submission.device();
            if (device != null) {
                devices.add(device);
            }
        }
        return devices;
    }

    /// The dispatches that the commit leaves, of all that it wrote.
    Collection<Dispatch> dispatches() {
        var left = new LinkedHashMap<Dispatch.Key, Dispatch>();
        for (var posting : postings) {
            if (posting instanceof Posting.Issued issued) {
                issued.dispatches().forEach(dispatch -> left.put(dispatch.key(), dispatch));
            }
        }
        for (var fact : facts) {
            if (fact instanceof Fact.DispatchMoved moved) {
                left.put(moved.after().key(), moved.after().written());
            }
        }
        return left.values();
    }

    /// The dispatches that something is said about.
    Set<Dispatch.Key> steps() {
        var keys = new HashSet<Dispatch.Key>();
        for (var submission : submissions) {
            if (submission.message() instanceof Inbound.CommandStep step) {
                keys.add(new Dispatch.Key(step.command(), step.device().id()));
            }
        }
        return keys;
    }

    /// Decides and writes the messages alone, without roll-ups.
    public void run(Journal.Transaction transaction, Map<DeviceId, Situation> known, Instant now) {
        run(transaction, known, _ -> null, UnkeptRollups.Portion.NONE, now);
    }

    void run(
            Journal.Transaction transaction,
            Memory memory,
            UnkeptRollups.Portion rollups,
            Instant now) {
        run(transaction, memory.situations(), memory::dispatch, rollups, now);
    }

    /// Decides all messages and writes what they mean. Starts afresh each time it is called.
    private void run(
            Journal.Transaction transaction,
            Map<DeviceId, Situation> known,
            BatchLedger.Known dispatches,
            UnkeptRollups.Portion rollups,
            Instant now) {
        before.clear();
        after.clear();
        answers.clear();
        facts.clear();
        postings.clear();
        heard.clear();
        var unknown = new ArrayList<DeviceId>();
        for (var device : devices()) {
            var situation = known.get(device);
            if (situation == null) {
                unknown.add(device);
            } else {
                before.put(device, situation);
            }
        }
        if (!unknown.isEmpty()) {
            before.putAll(transaction.situations(unknown));
        }
        after.putAll(before);
        var ledger = BatchLedger.read(transaction, submissions, dispatches);
        for (var submission : submissions) {
            take(submission, ledger);
        }
        var changes = changes();
        if (!facts.isEmpty() || !postings.isEmpty() || !changes.isEmpty() || !rollups.isEmpty()) {
            transaction.write(
                    new Journal.Writes(
                            facts,
                            postings,
                            changes,
                            rollups.rollups(),
                            rollups.upTo(),
                            heard(),
                            now));
        }
    }

    private List<Journal.Heard> heard() {
        var all = new ArrayList<Journal.Heard>(heard.size());
        heard.forEach((community, count) -> all.add(new Journal.Heard(community, count)));
        return all;
    }

    private void take(Submission submission, BatchLedger ledger) {
        var message = submission.message();
        var answer = message == null ? Answer.Stored.NOTHING_TO_NUMBER : decide(message, ledger);
        if (submission.posting() != null && answer instanceof Answer.Stored) {
            postings.add(numbered(submission.posting(), ledger));
        }
        answers.add(answer);
    }

    private static Posting numbered(Posting posting, BatchLedger ledger) {
        return switch (posting) {
            case Posting.Issued issued -> issued.numbered(ledger);
            case Posting.Sessions sessions -> sessions;
            case Posting.Read read -> read;
        };
    }

    private Answer decide(Inbound message, BatchLedger ledger) {
        var device = message.device().id();
        var situation = after.get(device);
        if (situation == null) {
            return new Answer.UnknownDevice();
        }
        var decision = Decision.decide(message, situation, ledger);
        after.put(device, decision.after());
        facts.addAll(decision.facts());
        if (!decision.facts().isEmpty() && isSaidByDevice(message)) {
            heard.merge(situation.community(), 1L, Long::sum);
        }
        return decision.answer();
    }

    private static boolean isSaidByDevice(Inbound message) {
        return switch (message) {
            case Inbound.Report _, Inbound.StateReport _, Inbound.EventReport _ -> true;
            case Inbound.CommandStep step -> step.isAnswer();
            case Inbound.Noticed _,
                    Inbound.Heartbeat _,
                    Inbound.Connected _,
                    Inbound.Disconnected _,
                    Inbound.Silent _,
                    Inbound.Desire _,
                    Inbound.Configure _ ->
                    false;
        };
    }

    /// One change per device, and what it leaves with its new revision.
    // Nothing happened to a situation that is the same object.
    @SuppressWarnings("ReferenceEquality")
    private List<Journal.Change> changes() {
        var changes = new ArrayList<Journal.Change>();
        for (var entry : after.entrySet()) {
            var was = before.get(entry.getKey());
            var is = entry.getValue();
            if (was == null || was == is) {
                continue;
            }
            var change = new Journal.Change(was, is, overdueAt(is));
            if (change.valuesChanged()) {
                is = is.with(is.values().written());
                change = new Journal.Change(was, is, change.overdueAt());
                entry.setValue(is);
            }
            changes.add(change);
        }
        return changes;
    }

    private static @Nullable Instant overdueAt(Situation situation) {
        var presence = situation.presence();
        return presence.status() != Status.ONLINE || presence.seenAt() == null
                ? null
                : presence.seenAt().plus(situation.offlineAfter()).plus(OVERDUE_MARGIN);
    }
}
