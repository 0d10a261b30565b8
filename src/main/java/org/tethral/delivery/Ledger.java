package org.tethral.delivery;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What has become of events since it was last handed over to be written down. Used by one thread.
final class Ledger {

    /// After so long, or so many settled events, what is new is written.
    static final Duration KEPT_WITHIN = Duration.ofMillis(200);

    static final int KEPT_EVERY = 500;

    /// After so long, it is also written how many events nobody wanted.
    private static final Duration SKIPPED_KEPT_WITHIN = Duration.ofSeconds(5);

    /// Settled events that are not written down yet; more are not attempted.
    static final int UNKEPT_MAX = 4_000;

    private static final int ERROR_LENGTH_MAX = 500;

    private final SubscriptionId subscription;
    private final boolean tracked;
    private final Map<Long, Delivery> rows = new LinkedHashMap<>();
    private Counts counts = Counts.NONE;
    private int settled;
    private int handedOver;
    private @Nullable Instant lastDeliveredAt;
    private @Nullable String lastError;
    private boolean hasNews;
    private boolean hasSkipped;
    private long newsSinceNanos;

    Ledger(SubscriptionId subscription, boolean tracked) {
        this.subscription = subscription;
        this.tracked = tracked;
    }

    void delivered(Window.Entry entry, Instant now) {
        counts = counts.plus(new Counts(1, 0, 0, 0));
        lastDeliveredAt = now;
        if (tracked || entry.hasRow()) {
            rows.put(entry.sequence(), row(entry, Delivery.Status.DELIVERED, 1, now));
        }
        settle();
    }

    /// Of the whole attempt.
    void attemptFailed(String why) {
        counts = counts.plus(new Counts(0, 1, 0, 0));
        lastError = shortened(why);
        news();
    }

    /// After the window knows.
    void retrying(Window.Entry entry, Instant now) {
        rows.put(entry.sequence(), row(entry, Delivery.Status.RETRYING, 0, now));
        news();
    }

    void dead(Window.Entry entry, String why, Instant now) {
        counts = counts.plus(new Counts(0, 0, 0, 1));
        var row = row(entry, Delivery.Status.DEAD, 1, now);
        rows.put(
                entry.sequence(),
                new Delivery(
                        row.subscription(),
                        row.sequence(),
                        row.eventId(),
                        row.status(),
                        row.attempts(),
                        null,
                        shortened(why),
                        null,
                        now));
        settle();
    }

    void expired(Window.Entry entry, Instant now) {
        counts = counts.plus(new Counts(0, 0, 1, 0));
        rows.put(entry.sequence(), row(entry, Delivery.Status.EXPIRED, 0, now));
        settle();
    }

    /// It waited for a retry, and is no longer in the log.
    void gone(Delivery before, Instant now) {
        counts = counts.plus(new Counts(0, 0, 1, 0));
        rows.put(
                before.sequence(),
                new Delivery(
                        subscription,
                        before.sequence(),
                        before.eventId(),
                        Delivery.Status.EXPIRED,
                        before.attempts(),
                        null,
                        "the event is no longer in the log",
                        null,
                        now));
        settle();
    }

    /// An event was looked at and nobody here wants it.
    void skipped() {
        if (!hasNews && !hasSkipped) {
            newsSinceNanos = System.nanoTime();
        }
        hasSkipped = true;
    }

    private void settle() {
        settled++;
        news();
    }

    private void news() {
        if (!hasNews) {
            newsSinceNanos = System.nanoTime();
        }
        hasNews = true;
    }

    private Delivery row(
            Window.Entry entry, Delivery.Status status, int attemptsMore, Instant now) {
        return new Delivery(
                subscription,
                entry.sequence(),
                entry.logged.event().id(),
                status,
                entry.attempts() + attemptsMore,
                status == Delivery.Status.RETRYING ? entry.due() : null,
                entry.lastError(),
                status == Delivery.Status.DELIVERED ? now : null,
                now);
    }

    static String shortened(String why) {
        return why.length() > ERROR_LENGTH_MAX ? why.substring(0, ERROR_LENGTH_MAX) + "…" : why;
    }

    boolean hasNews() {
        return hasNews || hasSkipped;
    }

    /// How long what is new may wait to be written; zero: it is time.
    Duration untilDue(long nanos) {
        if (!hasNews()) {
            return Duration.ofDays(1);
        }
        if (settled >= KEPT_EVERY) {
            return Duration.ZERO;
        }
        var left = (hasNews ? KEPT_WITHIN : SKIPPED_KEPT_WITHIN).minusNanos(nanos - newsSinceNanos);
        return left.isNegative() ? Duration.ZERO : left;
    }

    boolean mayGoOn() {
        return settled + handedOver < UNKEPT_MAX;
    }

    /// What is new, which is handed over with it.
    Progress take(long fence, long readTo, List<Long> unsettled, @Nullable Instant failingSince) {
        var progress =
                new Progress(
                        subscription,
                        fence,
                        readTo,
                        unsettled,
                        counts,
                        List.copyOf(rows.values()),
                        lastDeliveredAt,
                        lastError,
                        failingSince);
        handedOver = settled;
        settled = 0;
        counts = Counts.NONE;
        rows.clear();
        hasNews = false;
        hasSkipped = false;
        return progress;
    }

    void kept() {
        handedOver = 0;
    }
}
