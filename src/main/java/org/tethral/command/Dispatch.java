package org.tethral.command;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.tethral.device.DeviceId;
import org.tethral.kernel.Document;

/// One command on its way to one device.
///
/// @param revision counts every write of the row: a writer that finds another one was overtaken
public record Dispatch(
        CommandId command, DeviceId device, Terms terms, Stage stage, long revision) {

    /// How long somebody who just issued it, or another node that was rung, has to claim it before
    /// the look for due dispatches finds it.
    public static final Duration CLAIM_GRACE = Duration.ofSeconds(2);

    private static final Duration BACK_OFF_MIN = Duration.ofSeconds(1);
    private static final Duration BACK_OFF_MAX = Duration.ofMinutes(5);

    /// What a dispatch is known by.
    public record Key(CommandId command, DeviceId device) {}

    public Key key() {
        return new Key(command, device);
    }

    public static Dispatch issued(Command command, DeviceId device) {
        var due = command.terms().createdAt().plus(CLAIM_GRACE);
        return new Dispatch(
                command.id(), device, command.terms(), new Stage.Pending(0, null, due, null), 0);
    }

    /// True of an answer that may be meant: the device was sent the command once at least.
    public boolean mayBeAnswered() {
        return stage.attempts() > 0;
    }

    /// Where the dispatch stands after that step. Pure, and the only place where this is decided:
    ///
    /// - A final stage stays. An answer that finds `timeout`, `expired` or `cancelled` is noted
    ///   beside it as late; a second answer is nothing.
    /// - An answer counts while the dispatch is open and was sent once, also when it is waiting to
    ///   be sent again: then it is not sent again.
    /// - Of cancel, answer and expiry, the one that is committed first holds.
    /// - Expiry ends what waits. What is with the device is waited for until its deadline, and is
    ///   not sent again after its expiry.
    /// - A lost attempt counts, as the device may have seen it: a command that crashes its device
    ///   ends. An attempt of which nothing left the server does not count.
    /// - What a network keeps for a device that listens now and then has until its expiry; a
    ///   network that gives it up costs an attempt.
    public Dispatch after(DispatchStep step, Instant at) {
        return switch (stage) {
            case Stage.Pending pending -> fromPending(pending, step, at);
            case Stage.Sent sent -> fromSent(sent, step, at);
            case Stage.Delivered delivered -> fromDelivered(delivered, step, at);
            case Stage.Acknowledged _ -> this;
            case Stage.TimedOut(var attempts, var sentAt, var since, var trouble, var late) ->
                    late == null && step instanceof DispatchStep.Answered answer
                            ? to(
                                    new Stage.TimedOut(
                                            attempts, sentAt, since, trouble, reply(answer, at)))
                            : this;
            case Stage.Expired(var attempts, var sentAt, var since, var late) ->
                    late == null && attempts > 0 && step instanceof DispatchStep.Answered answer
                            ? to(new Stage.Expired(attempts, sentAt, since, reply(answer, at)))
                            : this;
            case Stage.Cancelled(var attempts, var sentAt, var since, var by, var late) ->
                    late == null && attempts > 0 && step instanceof DispatchStep.Answered answer
                            ? to(
                                    new Stage.Cancelled(
                                            attempts, sentAt, since, by, reply(answer, at)))
                            : this;
        };
    }

    private Dispatch fromPending(Stage.Pending was, DispatchStep step, Instant at) {
        return switch (step) {
            case DispatchStep.Claimed _ when isExpiredAt(at) -> expired(was, at);
            case DispatchStep.Claimed(var node) ->
                    to(new Stage.Sent(was.attempts() + 1, at, node, at.plus(terms.timeout())));
            case DispatchStep.Answered answer when was.sentAt() != null ->
                    to(new Stage.Acknowledged(was.attempts(), was.sentAt(), reply(answer, at)));
            case DispatchStep.TimePassed _ when isExpiredAt(at) -> expired(was, at);
            case DispatchStep.TimePassed _ when was.due() != null && !at.isBefore(was.due()) ->
                    to(new Stage.Pending(was.attempts(), was.sentAt(), null, was.trouble()));
            case DispatchStep.Cancelled(var by) -> cancelled(by.toString(), at);
            case DispatchStep.Answered _,
                    DispatchStep.TimePassed _,
                    DispatchStep.Queued _,
                    DispatchStep.GivenUp _,
                    DispatchStep.Refused _,
                    DispatchStep.Delivered _,
                    DispatchStep.NotHandedOver _,
                    DispatchStep.Lost _ ->
                    this;
        };
    }

    private Dispatch fromSent(Stage.Sent was, DispatchStep step, Instant at) {
        return switch (step) {
            case DispatchStep.Delivered(var attempt) when attempt == was.attempts() ->
                    to(
                            terms.oneWay()
                                    ? new Stage.Acknowledged(attempt, was.sentAt(), received(at))
                                    : new Stage.Delivered(
                                            attempt, was.sentAt(), at, was.node(), was.deadline()));
            case DispatchStep.Answered answer ->
                    to(new Stage.Acknowledged(was.attempts(), was.sentAt(), reply(answer, at)));
            case DispatchStep.NotHandedOver(var attempt, var reason)
                    when attempt == was.attempts() ->
                    to(
                            new Stage.Pending(
                                    attempt - 1,
                                    attempt == 1 ? null : was.sentAt(),
                                    at.plus(BACK_OFF_MIN),
                                    reason));
            case DispatchStep.Lost(var attempt, var reason)
                    when attempt == was.attempts() && was.node() != null ->
                    again(attempt, was.sentAt(), reason, at);
            case DispatchStep.GivenUp(var attempt, var reason) when attempt == was.attempts() ->
                    again(attempt, was.sentAt(), reason, at);
            case DispatchStep.Refused(var attempt, var reason) when attempt == was.attempts() ->
                    refused(attempt, was.sentAt(), reason, at);
            case DispatchStep.Queued(var attempt, var forGood) when attempt == was.attempts() ->
                    to(
                            new Stage.Sent(
                                    attempt,
                                    was.sentAt(),
                                    forGood ? null : was.node(),
                                    untilExpiry(was.deadline())));
            case DispatchStep.TimePassed _ when !at.isBefore(was.deadline()) ->
                    was.node() == null
                            ? to(new Stage.Expired(was.attempts(), was.sentAt(), at, null))
                            : again(was.attempts(), was.sentAt(), NO_ANSWER, at);
            case DispatchStep.Cancelled(var by) -> cancelled(by.toString(), at);
            case DispatchStep.Claimed _,
                    DispatchStep.Queued _,
                    DispatchStep.GivenUp _,
                    DispatchStep.Refused _,
                    DispatchStep.Delivered _,
                    DispatchStep.NotHandedOver _,
                    DispatchStep.Lost _,
                    DispatchStep.TimePassed _ ->
                    this;
        };
    }

    private static final String NO_ANSWER = "the device did not answer in time";

    /// The device has it: a connection that breaks now changes nothing.
    private Dispatch fromDelivered(Stage.Delivered was, DispatchStep step, Instant at) {
        return switch (step) {
            case DispatchStep.Answered answer ->
                    to(new Stage.Acknowledged(was.attempts(), was.sentAt(), reply(answer, at)));
            case DispatchStep.GivenUp(var attempt, var reason) when attempt == was.attempts() ->
                    again(attempt, was.sentAt(), reason, at);
            // that it left was told before that it had come there
            case DispatchStep.Queued(var attempt, var forGood) when attempt == was.attempts() ->
                    to(
                            new Stage.Delivered(
                                    attempt,
                                    was.sentAt(),
                                    was.at(),
                                    forGood ? null : was.node(),
                                    untilExpiry(was.deadline())));
            case DispatchStep.TimePassed _ when !at.isBefore(was.deadline()) ->
                    again(was.attempts(), was.sentAt(), NO_ANSWER, at);
            case DispatchStep.Cancelled(var by) -> cancelled(by.toString(), at);
            case DispatchStep.Claimed _,
                    DispatchStep.Queued _,
                    DispatchStep.GivenUp _,
                    DispatchStep.Refused _,
                    DispatchStep.Delivered _,
                    DispatchStep.NotHandedOver _,
                    DispatchStep.Lost _,
                    DispatchStep.TimePassed _ ->
                    this;
        };
    }

    private boolean isExpiredAt(Instant at) {
        return !at.isBefore(terms.expiresAt());
    }

    private Dispatch again(int attempts, Instant sentAt, String trouble, Instant at) {
        return to(
                attempts >= terms.attemptsMax() || isExpiredAt(at)
                        ? new Stage.TimedOut(attempts, sentAt, at, trouble, null)
                        : new Stage.Pending(attempts, sentAt, at.plus(backOff(attempts)), trouble));
    }

    /// 1 s after the first attempt, doubling up to 5 min, and up to half of it sooner: by a jitter
    /// that differs from device to device, but not between two who decide the same.
    Duration backOff(int attempts) {
        var whole =
                Math.min(
                        BACK_OFF_MAX.toMillis(),
                        BACK_OFF_MIN.toMillis() << Math.min(attempts - 1, 20));
        var mixed = (command.hashCode() * 31L + device.hashCode()) * 31 + attempts;
        var jitter = Math.floorMod(mixed * 0x9E3779B97F4A7C15L >>> 17, whole / 2 + 1);
        return Duration.ofMillis(whole - jitter);
    }

    private Instant untilExpiry(Instant deadline) {
        return deadline.isAfter(terms.expiresAt()) ? deadline : terms.expiresAt();
    }

    private Dispatch refused(int attempts, Instant sentAt, String reason, Instant at) {
        var reply = new Stage.Reply(at, false, Document.EMPTY, reason);
        return to(new Stage.Acknowledged(attempts, sentAt, reply));
    }

    private Dispatch expired(Stage.Pending was, Instant at) {
        return to(new Stage.Expired(was.attempts(), was.sentAt(), at, null));
    }

    private Dispatch cancelled(String by, Instant at) {
        return to(new Stage.Cancelled(stage.attempts(), stage.sentAt(), at, by, null));
    }

    private static Stage.Reply reply(DispatchStep.Answered answer, Instant at) {
        return new Stage.Reply(at, answer.success(), answer.result(), answer.message());
    }

    private static Stage.Reply received(Instant at) {
        return new Stage.Reply(at, true, Document.EMPTY, null);
    }

    private Dispatch to(Stage next) {
        return new Dispatch(command, device, terms, next, revision);
    }

    /// As it is in the database once this is written over what was there.
    public Dispatch written() {
        return new Dispatch(command, device, terms, stage, revision + 1);
    }

    /// Null: it is open.
    public @Nullable Instant endedAt() {
        return switch (stage) {
            case Stage.Pending _, Stage.Sent _, Stage.Delivered _ -> null;
            case Stage.Acknowledged(_, _, var reply) -> reply.at();
            case Stage.TimedOut ended -> ended.at();
            case Stage.Expired ended -> ended.at();
            case Stage.Cancelled ended -> ended.at();
        };
    }

    /// When time alone will change something: the deadline of the attempt, the next one, or the
    /// expiry; null when it is over.
    public @Nullable Instant nextAt() {
        return switch (stage) {
            case Stage.Pending(_, _, var due, _) ->
                    due == null || due.isAfter(terms.expiresAt()) ? terms.expiresAt() : due;
            case Stage.Sent sent -> sent.deadline();
            case Stage.Delivered delivered -> delivered.deadline();
            case Stage.Acknowledged _, Stage.TimedOut _, Stage.Expired _, Stage.Cancelled _ -> null;
        };
    }
}
