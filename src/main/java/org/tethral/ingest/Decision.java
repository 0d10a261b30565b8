package org.tethral.ingest;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.tethral.account.Actor;
import org.tethral.command.CommandEvents;
import org.tethral.command.Dispatch;
import org.tethral.device.ConnectionLog;
import org.tethral.device.Link;
import org.tethral.device.Protocol;
import org.tethral.device.Status;
import org.tethral.event.DeviceEvents;
import org.tethral.event.Event;
import org.tethral.kernel.Micros;
import org.tethral.state.Snapshot;
import org.tethral.state.StateChange;
import org.tethral.state.StateName;

/// What a message means for its device: a pure function of the message, the device's situation and
/// what is in the database already. No clock, no database, no connection: whatever it decides can
/// be decided again.
///
/// @param after the situation when the facts are committed
public record Decision(Situation after, List<Fact> facts, Answer answer) {

    /// How far the written last sign of life may lag behind the real one, so that not every message
    /// writes it.
    public static final Duration SEEN_STEP = Duration.ofSeconds(10);

    /// What the database knows, and the numbers that it gives out.
    public interface Ledger {
        /// The sequence of the snapshot that carried this message id before, 0 for none.
        long sequenceOf(Receipt receipt);

        /// The sequence of the event with this id, 0 for none.
        long sequenceOf(String eventId);

        /// Where the dispatch stands, what this batch did to it included; null: there is none.
        @Nullable Dispatch dispatch(Dispatch.Key key);

        void moved(Dispatch next);

        /// The next number of a snapshot, remembered for the receipt where there is one.
        long nextSnapshot(@Nullable Receipt receipt);

        long nextEvent(String eventId);
    }

    public static Decision decide(Inbound message, Situation now, Ledger ledger) {
        if (!now.enabled() && isOfTheDevice(message)) {
            return new Decision(now, List.of(), new Answer.DisabledDevice());
        }
        var draft = new Draft(now, ledger, message.device().asking());
        var answer =
                switch (message) {
                    case Inbound.Report report -> draft.report(report);
                    case Inbound.StateReport(_, var at, var state, var reason, var actor) -> {
                        draft.seen(at);
                        draft.move(state, at, reason, actor);
                        yield Answer.Stored.NOTHING_TO_NUMBER;
                    }
                    case Inbound.EventReport(_, var at, var event) -> {
                        draft.seen(at);
                        yield new Answer.Stored(List.of(draft.tell(event)));
                    }
                    case Inbound.Noticed(_, _, var event) ->
                            new Answer.Stored(List.of(draft.tell(event)));
                    case Inbound.Heartbeat(_, var at) -> {
                        draft.seen(at);
                        yield Answer.Stored.NOTHING_TO_NUMBER;
                    }
                    case Inbound.Connected(_, var at, var link) -> draft.connect(link, at);
                    case Inbound.Disconnected gone -> draft.disconnect(gone);
                    case Inbound.Silent(_, var at) -> draft.fallSilent(at);
                    case Inbound.Desire desire -> draft.desire(desire);
                    case Inbound.CommandStep step -> draft.step(step);
                    case Inbound.Configure(_, _, var patch, _) -> draft.configure(patch);
                };
        return new Decision(draft.situation, draft.facts, answer);
    }

    /// What becomes of its connection and of commands is recorded of a disabled device, too.
    private static boolean isOfTheDevice(Inbound message) {
        return switch (message) {
            case Inbound.Disconnected _, Inbound.Noticed _ -> false;
            case Inbound.CommandStep step -> step.isAnswer();
            case Inbound.Report _,
                    Inbound.StateReport _,
                    Inbound.EventReport _,
                    Inbound.Heartbeat _,
                    Inbound.Connected _,
                    Inbound.Silent _,
                    Inbound.Desire _,
                    Inbound.Configure _ ->
                    true;
        };
    }

    /// The situation and the facts as one message unfolds.
    private static final class Draft {

        private final Ledger ledger;
        private final List<Fact> facts = new ArrayList<>(2);
        private final @Nullable Protocol asking;
        private Situation situation;

        Draft(Situation situation, Ledger ledger, @Nullable Protocol asking) {
            this.situation = situation;
            this.ledger = ledger;
            this.asking = asking;
        }

        Answer report(Inbound.Report report) {
            var newest = report.isNewest(situation.values().reported());
            if (newest && !isOfBeforeTheLastSign(report)) {
                seen(report.receivedAt());
            }
            var sequences = new ArrayList<Long>(report.measurements().size());
            for (var measurement : report.measurements()) {
                sequences.add(measure(measurement, report, newest));
            }
            return new Answer.Stored(sequences);
        }

        /// What others heard of the device, and told late, turns no clock back.
        private boolean isOfBeforeTheLastSign(Inbound.Report report) {
            var known = situation.presence().seenAt();
            return report.order() instanceof Inbound.Order.ByTime
                    && known != null
                    && report.receivedAt().isBefore(known);
        }

        private long measure(
                Inbound.Measurement measurement, Inbound.Report report, boolean newest) {
            var receipt =
                    measurement.messageId() == null
                            ? null
                            : new Receipt(situation.device(), measurement.messageId());
            if (receipt != null) {
                var before = ledger.sequenceOf(receipt);
                if (before != 0) {
                    return before;
                }
            }
            var sequence = ledger.nextSnapshot(receipt);
            var snapshot =
                    new Snapshot(
                            situation.device(),
                            measurement.timestamp(),
                            sequence,
                            measurement.values(),
                            measurement.messageId());
            facts.add(new Fact.Reported(snapshot, situation.community()));
            if (newest) {
                var values = situation.values();
                var time = values.latest().placed(measurement.timestamp(), report.receivedAt());
                var latest = values.latest().with(measurement.values(), time);
                situation = situation.with(values.reporting(latest, report.receivedAt()));
            }
            return sequence;
        }

        /// Any message is a sign of life. It brings a device that was taken for offline back.
        void seen(Instant at) {
            var presence = situation.presence();
            var known = presence.seenAt();
            var by = presence.link() == null && asking != null ? asking : presence.heardBy();
            if (presence.status() == Status.ONLINE
                    && known != null
                    && Duration.between(known, at).abs().compareTo(SEEN_STEP) < 0
                    && by == presence.heardBy()) {
                return;
            }
            situation =
                    situation.with(
                            new Situation.Presence(
                                    Status.ONLINE,
                                    presence.link(),
                                    presence.connectedAt(),
                                    at,
                                    by));
            if (presence.status() != Status.ONLINE) {
                reached(StateName.ONLINE, at, "heard of");
            }
        }

        /// To be told of the same connection twice is a sign of life.
        Answer connect(Link link, Instant at) {
            var before = situation.presence();
            if (before.link() != null && before.link().id().equals(link.id())) {
                seen(at);
                return Answer.Stored.NOTHING_TO_NUMBER;
            }
            if (before.link() != null) {
                log(
                        before.link(),
                        ConnectionLog.Kind.DISCONNECTED,
                        at,
                        "replaced by a new connection",
                        session(before.connectedAt(), at));
            }
            situation = situation.with(new Situation.Presence(Status.ONLINE, link, at, at));
            log(link, ConnectionLog.Kind.CONNECTED, at, null, null);
            tellConnection("connected", link.protocol(), null, at);
            reached(StateName.ONLINE, at, "connected");
            return Answer.Stored.NOTHING_TO_NUMBER;
        }

        Answer disconnect(Inbound.Disconnected gone) {
            var before = situation.presence();
            if (before.link() == null || !before.link().id().equals(gone.link().id())) {
                return Answer.Stored.NOTHING_TO_NUMBER; // replaced, and told so when it was
            }
            var at = gone.receivedAt();
            var kind =
                    gone.timedOut() ? ConnectionLog.Kind.TIMEOUT : ConnectionLog.Kind.DISCONNECTED;
            situation =
                    situation.with(
                            new Situation.Presence(
                                    Status.OFFLINE,
                                    null,
                                    null,
                                    before.seenAt(),
                                    before.link().protocol()));
            log(gone.link(), kind, at, gone.reason(), session(before.connectedAt(), at));
            tellConnection(kind.word(), gone.link().protocol(), gone.reason(), at);
            reached(StateName.OFFLINE, at, gone.reason());
            return Answer.Stored.NOTHING_TO_NUMBER;
        }

        Answer fallSilent(Instant at) {
            var before = situation.presence();
            var heard = before.seenAt();
            if (before.status() != Status.ONLINE
                    || heard != null
                            && Duration.between(heard, at).compareTo(situation.offlineAfter())
                                    < 0) {
                return Answer.Stored.NOTHING_TO_NUMBER; // it was heard of meanwhile
            }
            var link = before.link();
            var protocol = Objects.requireNonNullElse(before.protocol(), Protocol.HTTP);
            situation =
                    situation.with(
                            new Situation.Presence(
                                    Status.OFFLINE, null, null, heard, before.protocol()));
            var reason = "silent for longer than " + situation.offlineAfter().toSeconds() + " s";
            facts.add(
                    new Fact.Linked(
                            situation.device(),
                            new ConnectionLog.Entry(
                                    situation.device().value(),
                                    ConnectionLog.Kind.TIMEOUT,
                                    protocol,
                                    link == null ? null : link.remoteAddress(),
                                    link == null ? "" : link.node(),
                                    reason,
                                    session(before.connectedAt(), at),
                                    at),
                            situation.community()));
            tellConnection("timeout", protocol, reason, at);
            reached(StateName.OFFLINE, at, reason);
            return Answer.Stored.NOTHING_TO_NUMBER;
        }

        Answer desire(Inbound.Desire desire) {
            var values = situation.values();
            if (desire.expectedVersion() != null
                    && desire.expectedVersion() != values.desiredVersion()) {
                return new Answer.VersionIsNow(values.desiredVersion());
            }
            var next = values.desired().merged(desire.patch());
            if (!next.equals(values.desired())) {
                var changed = values.desiring(next);
                situation = situation.with(changed);
                facts.add(
                        new Fact.DesiredChanged(
                                situation.device(),
                                next,
                                changed.desiredVersion(),
                                values.reported().deltaTo(next),
                                situation.community()));
            }
            return new Answer.Stored(List.of(situation.values().desiredVersion()));
        }

        Answer configure(org.tethral.kernel.Document patch) {
            var values = situation.values();
            var next = values.configuration().merged(patch);
            if (!next.equals(values.configuration())) {
                situation = situation.with(values.configured(next));
                facts.add(new Fact.Configured(situation.device(), next, situation.community()));
            }
            return Answer.Stored.NOTHING_TO_NUMBER;
        }

        Answer step(Inbound.CommandStep step) {
            var at = Micros.truncated(step.receivedAt());
            if (step.isAnswer()) {
                seen(step.receivedAt());
            }
            var before = ledger.dispatch(new Dispatch.Key(step.command(), situation.device()));
            if (before == null || step.isAnswer() && !before.mayBeAnswered()) {
                return new Answer.UnknownCommand();
            }
            var after = before.after(step.step(), at);
            if (after.equals(before)) {
                return Answer.Stored.NOTHING_TO_NUMBER;
            }
            ledger.moved(after);
            var fact = new Fact.DispatchMoved(before, after, situation.community());
            facts.add(fact);
            if (fact.ended()) {
                tell(CommandEvents.ended(after, situation.community(), at));
            }
            return new Answer.Stored(List.of((long) after.stage().attempts()));
        }

        /// The one place where a state changes: compares, and records.
        void move(StateName to, Instant at, @Nullable String reason, Actor actor) {
            var from = situation.values().current();
            if (from.equals(to)) {
                return;
            }
            var change = new StateChange(situation.device(), from, to, at, reason, actor);
            situation = situation.with(situation.values().moved(to, at));
            facts.add(new Fact.StateMoved(change, situation.community()));
            tell(DeviceEvents.stateChanged(change, situation.community()));
        }

        /// Moves between unknown, online and offline only: a device that names its own state keeps
        /// it.
        private void reached(StateName to, Instant at, String reason) {
            if (situation.values().current().saysOnlyReachability()) {
                move(to, at, reason, Actor.system("presence"));
            }
        }

        long tell(Event event) {
            var before = ledger.sequenceOf(event.id());
            if (before != 0) {
                return before;
            }
            var sequence = ledger.nextEvent(event.id());
            facts.add(new Fact.Happened(situation.device(), new Event.Logged(sequence, event)));
            return sequence;
        }

        private void tellConnection(
                String kind, Protocol protocol, @Nullable String reason, Instant at) {
            tell(
                    DeviceEvents.connection(
                            kind,
                            situation.device(),
                            situation.community(),
                            protocol.word(),
                            reason,
                            at));
        }

        private void log(
                Link link,
                ConnectionLog.Kind kind,
                Instant at,
                @Nullable String reason,
                @Nullable Duration session) {
            var entry =
                    new ConnectionLog.Entry(
                            situation.device().value(),
                            kind,
                            link.protocol(),
                            link.remoteAddress(),
                            link.node(),
                            reason,
                            session,
                            at);
            facts.add(new Fact.Linked(situation.device(), entry, situation.community()));
        }

        private static @Nullable Duration session(@Nullable Instant since, Instant until) {
            return since == null || until.isBefore(since) ? null : Duration.between(since, until);
        }
    }
}
