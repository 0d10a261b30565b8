package org.tethral.space;

import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;
import org.tethral.device.DevEui;
import org.tethral.device.DeviceId;

/// A change of a space, and its way to the space's display. Kept before it is sent.
///
/// @param order what its display is told; null: nothing
/// @param overtaken a newer one is there for its display, so it is not sent again
public record Actuation(
        UUID id,
        SpaceId space,
        @Nullable CommunityId community,
        Cause cause,
        SpaceState previous,
        SpaceState next,
        @Nullable Order order,
        Course course,
        boolean overtaken,
        Instant createdAt,
        Instant expiresAt) {

    public static final Duration USEFUL_FOR = Duration.ofHours(1);
    public static final int ATTEMPTS_MAX = 5;

    /// A node that took it and says nothing for so long has ended.
    static final Duration CLAIM_LASTS = DisplayOutlet.TAKING_MAX.plusSeconds(5);

    /// After it left the gateway, the display has so long to acknowledge it.
    static final Duration ACKNOWLEDGE_WITHIN = Duration.ofMinutes(2);

    private static final Duration BACK_OFF_MIN = Duration.ofSeconds(2);
    private static final Duration BACK_OFF_MAX = Duration.ofMinutes(2);

    /// What the display is told.
    ///
    /// @param state that it shows then
    /// @param confirmed it is to acknowledge it
    public record Order(
            DeviceId display,
            @Nullable DevEui devEui,
            SpaceState state,
            DisplayCode code,
            int fport,
            boolean confirmed) {}

    /// Where it stands after that step. Pure, and the only place where this is decided:
    ///
    /// - News is of one attempt: of another one than the last it says nothing, except that the
    ///   display has what it was told, which is the same each time.
    /// - What is with the network is waited for; then it is sent again, with a growing pause, at
    ///   most [#ATTEMPTS_MAX] times and not after it has expired or was overtaken.
    /// - One that was not sent yet when a newer one comes is superseded at once.
    /// - An end stays, but for an acknowledgement that comes after we gave up.
    public Actuation after(ActuationStep step, Instant at) {
        return switch (step) {
            case ActuationStep.Claimed(var item) ->
                    course instanceof Course.Queued queued && !overtaken && !isExpiredAt(at)
                            ? to(
                                    new Course.Sending(
                                            queued.attempts() + 1, at.plus(CLAIM_LASTS), item))
                            : this;
            case ActuationStep.Taken(var item, var within) ->
                    course instanceof Course.Sending sending && sending.item().equals(item)
                            ? to(new Course.Sent(sending.attempts(), at.plus(within), item, at))
                            : this;
            case ActuationStep.Refused(var item, var reason, var permanent) ->
                    course instanceof Course.Sending sending && sending.item().equals(item)
                            ? permanent ? failed(reason, at) : again(reason, at)
                            : this;
            case ActuationStep.Transmitted(var item, var when) -> transmitted(item, when, at);
            case ActuationStep.Answered(var item, var acknowledged, var when) ->
                    acknowledged
                            ? confirmed(item, when)
                            : isWaitedFor(item) ? again("not acknowledged", at) : this;
            case ActuationStep.Lost(var item, var reason) ->
                    isWaitedFor(item) ? again(reason, at) : this;
            case ActuationStep.Overtaken() -> overtaken(at);
            case ActuationStep.TimePassed() -> timePassed(at);
        };
    }

    public boolean isDueAt(Instant at) {
        return course instanceof Course.Queued queued && !at.isBefore(queued.nextAt());
    }

    /// The display has it, as far as one can know.
    public boolean isShown() {
        return course instanceof Course.Confirmed
                || course instanceof Course.Transmitted sent && sent.nextAt() == null;
    }

    /// It ended without.
    public boolean isFailed() {
        return course instanceof Course.Failed || course instanceof Course.Expired;
    }

    /// Why it is not there yet, or never came; null: nothing is wrong.
    public @Nullable String trouble() {
        return switch (course) {
            case Course.Queued waiting -> waiting.trouble();
            case Course.Failed ended -> ended.trouble();
            case Course.Expired ended -> ended.trouble();
            case Course.None ended -> ended.why();
            case Course.Sending _,
                    Course.Sent _,
                    Course.Transmitted _,
                    Course.Confirmed _,
                    Course.Superseded _ ->
                    null;
        };
    }

    /// When the network took the last attempt; null: it did not yet.
    public @Nullable Instant sentAt() {
        return switch (course) {
            case Course.Queued _, Course.Sending _, Course.None _ -> null;
            case Course.Sent sent -> sent.sentAt();
            case Course.Transmitted sent -> sent.sentAt();
            case Course.Confirmed ended -> ended.sentAt();
            case Course.Failed ended -> ended.sentAt();
            case Course.Superseded ended -> ended.sentAt();
            case Course.Expired ended -> ended.sentAt();
        };
    }

    /// From the change to the display; null: not there yet.
    public @Nullable Duration responseTime() {
        return switch (course) {
            case Course.Confirmed(_, _, _, var when) -> since(when);
            case Course.Transmitted(_, var next, _, _, var when) ->
                    next == null ? since(when) : null;
            case Course.Queued _,
                    Course.Sending _,
                    Course.Sent _,
                    Course.Failed _,
                    Course.Superseded _,
                    Course.Expired _,
                    Course.None _ ->
                    null;
        };
    }

    /// Clocks of networks differ from ours.
    private Duration since(Instant when) {
        var time = Duration.between(createdAt, when);
        return time.isNegative() ? Duration.ZERO : time;
    }

    private boolean isExpiredAt(Instant at) {
        return !at.isBefore(expiresAt);
    }

    private boolean isWaitedFor(UUID item) {
        return switch (course) {
            case Course.Sending sending -> sending.item().equals(item);
            case Course.Sent sent -> sent.item().equals(item);
            case Course.Transmitted sent -> sent.item().equals(item) && sent.nextAt() != null;
            case Course.Queued _, Course.Ended _ -> false;
        };
    }

    private Actuation transmitted(UUID item, Instant when, Instant at) {
        return switch (course) {
            case Course.Sending sending when sending.item().equals(item) ->
                    leftGateway(item, null, when, at);
            case Course.Sent sent when sent.item().equals(item) ->
                    leftGateway(item, sent.sentAt(), when, at);
            // the node died before it wrote down that the network had it
            case Course.Queued queued when item.equals(queued.item()) ->
                    leftGateway(item, null, when, at);
            case Course.Queued _,
                    Course.Sending _,
                    Course.Sent _,
                    Course.Transmitted _,
                    Course.Ended _ ->
                    this;
        };
    }

    private Actuation leftGateway(UUID item, @Nullable Instant sentAt, Instant when, Instant at) {
        var waits = order != null && order.confirmed();
        return to(
                new Course.Transmitted(
                        course.attempts(),
                        waits ? at.plus(ACKNOWLEDGE_WITHIN) : null,
                        item,
                        sentAt,
                        when));
    }

    private Actuation confirmed(UUID item, Instant when) {
        return switch (course) {
            case Course.Confirmed _, Course.Superseded _, Course.None _ -> this;
            case Course.Queued _,
                    Course.Sending _,
                    Course.Sent _,
                    Course.Transmitted _,
                    Course.Failed _,
                    Course.Expired _ ->
                    item.equals(course.item())
                            ? to(new Course.Confirmed(course.attempts(), item, sentAt(), when))
                            : this;
        };
    }

    private Actuation overtaken(Instant at) {
        return switch (course) {
            case Course.Queued queued ->
                    marked(new Course.Superseded(queued.attempts(), queued.item(), sentAt(), at));
            case Course.Sending _, Course.Sent _, Course.Transmitted _ -> marked(course);
            case Course.Ended _ -> this;
        };
    }

    private Actuation timePassed(Instant at) {
        var next = course.nextAt();
        if (next == null || at.isBefore(next)) {
            return this;
        }
        return switch (course) {
            case Course.Queued queued when isExpiredAt(at) ->
                    to(
                            new Course.Expired(
                                    queued.attempts(), queued.item(), null, at, queued.trouble()));
            case Course.Queued _ -> this;
            case Course.Sending _ -> again("the network did not answer", at);
            case Course.Sent _ -> again("nothing was heard of it", at);
            case Course.Transmitted _ -> again("not acknowledged", at);
            case Course.Ended _ -> this;
        };
    }

    private Actuation again(String trouble, Instant at) {
        var attempts = course.attempts();
        if (overtaken) {
            return to(new Course.Superseded(attempts, course.item(), sentAt(), at));
        }
        if (attempts >= ATTEMPTS_MAX) {
            return failed(trouble, at);
        }
        var due = at.plus(backOff(attempts));
        return isExpiredAt(due)
                ? to(new Course.Expired(attempts, course.item(), sentAt(), at, trouble))
                : to(new Course.Queued(attempts, due, course.item(), trouble));
    }

    private Actuation failed(String trouble, Instant at) {
        return to(new Course.Failed(course.attempts(), course.item(), sentAt(), at, trouble));
    }

    private static Duration backOff(int attempts) {
        var pause = BACK_OFF_MIN.multipliedBy(1L << Math.min(attempts - 1, 16));
        return pause.compareTo(BACK_OFF_MAX) < 0 ? pause : BACK_OFF_MAX;
    }

    private Actuation to(Course next) {
        return new Actuation(
                id, space, community, cause, previous, this.next, order, next, overtaken, createdAt,
                expiresAt);
    }

    private Actuation marked(Course now) {
        return new Actuation(
                id, space, community, cause, previous, next, order, now, true, createdAt,
                expiresAt);
    }
}
