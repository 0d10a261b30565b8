package org.tethral.space;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tethral.account.Actor;
import org.tethral.account.CommunityId;
import org.tethral.kernel.Page;

/// Who booked which space. That no two overlap is the database's own doing. An act, what it makes
/// of the space, its event and the actuation that comes of it are one commit.
public interface ReservationStore {

    sealed interface Outcome {
        record Done(Reservation reservation) implements Outcome {}

        /// That request was made before; this is what came of it.
        record Repeated(Reservation reservation) implements Outcome {}

        /// The request id was used for something else.
        record RequestIdTaken() implements Outcome {}

        /// The space is taken for some of that time.
        ///
        /// @param by the first of those in the way; null: it has just gone
        record Overlaps(@Nullable Reservation by) implements Outcome {}

        record NoSuchSpace() implements Outcome {}

        record Unknown() implements Outcome {}

        /// It is over, or cancelled: nothing can be done with it any more.
        record IsOver(Reservation reservation) implements Outcome {}
    }

    /// All that is given must hold; null asks for nothing.
    ///
    /// @param from it ends after that
    /// @param to it starts before that
    record Filter(
            @Nullable CommunityId community,
            @Nullable SpaceId space,
            Reservation.@Nullable Status status,
            @Nullable Instant from,
            @Nullable Instant to) {

        public static final Filter ALL = new Filter(null, null, null, null, null);
    }

    Outcome add(Reservation reservation);

    Outcome confirm(ReservationId id, Actor by, Instant at);

    Outcome cancel(ReservationId id, Actor by, Instant at);

    Optional<Reservation> find(ReservationId id);

    /// In the order of their starts.
    Page<Reservation> list(Filter filter, Page.Request page);

    /// What blocks the space within that time, in its order, [#BOOKED_MAX] at most.
    List<Reservation> booked(SpaceId space, Instant from, Instant to);

    int BOOKED_MAX = 1_000;
}
