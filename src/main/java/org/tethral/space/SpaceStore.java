package org.tethral.space;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tethral.account.Actor;
import org.tethral.account.CommunityId;
import org.tethral.device.DevEui;
import org.tethral.device.DeviceId;
import org.tethral.kernel.Page;

/// Spaces, and what people do with them. An act, what it makes of the space, the event and the
/// actuation that come of it are one commit.
public interface SpaceStore {

    sealed interface Outcome {
        record Done(Space space) implements Outcome {}

        record Unknown() implements Outcome {}

        /// Somebody else changed it meanwhile.
        record VersionIsNow(long version) implements Outcome {}

        /// Another space of that location has it.
        record CodeTaken(String code) implements Outcome {}

        /// Of that location, or device of that part, there is none in the space's community.
        ///
        /// @param what for people: `location`, `sensor`, `display`
        record NothingThere(String what) implements Outcome {}

        /// A sensor serves one space at a time.
        record ServesAnother(SpaceId space) implements Outcome {}
    }

    /// All that is given must hold; null asks for nothing.
    ///
    /// @param location itself, not what is in it
    /// @param device that serves it
    record Filter(
            @Nullable CommunityId community,
            @Nullable LocationId location,
            @Nullable String code,
            @Nullable SpaceState state,
            @Nullable DeviceId device,
            @Nullable DevEui sensorDevEui,
            @Nullable DevEui displayDevEui) {

        public static final Filter ALL = new Filter(null, null, null, null, null, null, null);
    }

    /// Who does something, when, and of which version of the space.
    ///
    /// @param expectedVersion null: of any
    record Act(Actor by, Instant at, @Nullable Long expectedVersion) {}

    Outcome add(Space space, Actor by);

    Optional<Space> find(SpaceId id);

    /// In the order of their codes.
    Page<Space> list(Filter filter, Page.Request page);

    Outcome change(SpaceId id, Space.About next, Act act);

    /// What is booked of it is cancelled; its histories stay.
    Outcome remove(SpaceId id, Act act);

    /// The device that served it until then serves it no more; both are in its history.
    ///
    /// @param device null: none from now on
    Outcome assign(
            SpaceId id, Part part, @Nullable DeviceId device, @Nullable String reason, Act act);

    /// @param manual null: takes it back
    Outcome override(SpaceId id, @Nullable ManualState manual, Act act);

    Outcome maintain(SpaceId id, boolean maintenance, Act act);

    /// Newest first.
    Page<Assignment> assignments(SpaceId space, Page.Request page);
}
