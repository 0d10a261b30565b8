package org.tethral.space;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.tethral.account.Actor;
import org.tethral.account.CommunityId;
import org.tethral.kernel.Document;

/// A space booked for somebody for a time. Of those that block their space no two overlap.
///
/// @param startsAt from then on
/// @param endsAt up to but without that moment
/// @param requestId of who asked: a second request with it is the first one; null: none
public record Reservation(
        ReservationId id,
        SpaceId space,
        @Nullable CommunityId community,
        Instant startsAt,
        Instant endsAt,
        String holder,
        Status status,
        @Nullable String requestId,
        Document metadata,
        Actor createdBy,
        Instant createdAt,
        Instant updatedAt) {

    public static final Duration LENGTH_MAX = Duration.ofDays(366);
    public static final int REQUEST_ID_LENGTH_MAX = 255;

    public enum Status {
        /// Asked for: it blocks the space, and expires if nobody confirms it before it begins.
        PENDING,
        CONFIRMED,
        ACTIVE,
        CANCELLED,
        /// It was never in force: not confirmed in time, or over before anybody could look.
        EXPIRED,
        /// It was in force to its end.
        COMPLETED;

        public boolean blocks() {
            return compareTo(ACTIVE) <= 0;
        }

        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        public static Status parse(String word) {
            for (var status : values()) {
                if (status.word().equals(word)) {
                    return status;
                }
            }
            throw new IllegalArgumentException(
                    "no status '"
                            + word
                            + "': pending, confirmed, active, cancelled, expired or completed");
        }
    }

    public Reservation {
        if (!endsAt.isAfter(startsAt)) {
            throw new IllegalArgumentException("ends_at is after starts_at");
        }
        if (Duration.between(startsAt, endsAt).compareTo(LENGTH_MAX) > 0) {
            throw new IllegalArgumentException(
                    "a reservation is for " + LENGTH_MAX.toDays() + " days at most");
        }
        if (holder.isBlank() || holder.length() > 255) {
            throw new IllegalArgumentException("a holder has 1 to 255 characters");
        }
        if (requestId != null
                && (requestId.isBlank() || requestId.length() > REQUEST_ID_LENGTH_MAX)) {
            throw new IllegalArgumentException(
                    "a request_id has 1 to " + REQUEST_ID_LENGTH_MAX + " characters");
        }
    }

    public boolean isInForceAt(Instant now) {
        return switch (status) {
            case CONFIRMED, ACTIVE -> !now.isBefore(startsAt) && now.isBefore(endsAt);
            case PENDING, CANCELLED, EXPIRED, COMPLETED -> false;
        };
    }

    /// What time alone makes of it.
    public Reservation at(Instant now) {
        return switch (status) {
            case PENDING -> now.isBefore(startsAt) ? this : to(Status.EXPIRED, now);
            case CONFIRMED ->
                    now.isBefore(startsAt)
                            ? this
                            : to(now.isBefore(endsAt) ? Status.ACTIVE : Status.EXPIRED, now);
            case ACTIVE -> now.isBefore(endsAt) ? this : to(Status.COMPLETED, now);
            case CANCELLED, EXPIRED, COMPLETED -> this;
        };
    }

    /// When time makes something else of it; null: never.
    public @Nullable Instant dueAt() {
        return switch (status) {
            case PENDING, CONFIRMED -> startsAt;
            case ACTIVE -> endsAt;
            case CANCELLED, EXPIRED, COMPLETED -> null;
        };
    }

    public Reservation confirmed(Instant now) {
        return status == Status.PENDING ? to(Status.CONFIRMED, now) : this;
    }

    /// What is over stays what it was.
    public Reservation cancelled(Instant now) {
        return status.blocks() ? to(Status.CANCELLED, now) : this;
    }

    private Reservation to(Status next, Instant now) {
        return new Reservation(
                id, space, community, startsAt, endsAt, holder, next, requestId, metadata,
                createdBy, createdAt, now);
    }

    /// The same that was asked for, so that a repeated request can be told from another one.
    public boolean asksForTheSameAs(Reservation other) {
        return space.equals(other.space)
                && startsAt.equals(other.startsAt)
                && endsAt.equals(other.endsAt)
                && holder.equals(other.holder);
    }
}
