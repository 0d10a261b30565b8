package org.tethral.space;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;
import org.tethral.device.DevEui;
import org.tethral.device.DeviceId;
import org.tethral.kernel.Document;

/// A place that is free or taken: a parking lot, a desk, a room.
///
/// @param state what it is, since `stateSince`
/// @param sensorState what its sensor said last; null: nothing yet, or it has none
/// @param displayState the newest that its display is known to have got; null: nothing
/// @param version of what people say of it; not of its states
public record Space(
        SpaceId id,
        About about,
        Serving serving,
        SpaceState state,
        Instant stateSince,
        @Nullable Occupancy sensorState,
        @Nullable SpaceState displayState,
        @Nullable ManualState manual,
        boolean maintenance,
        Instant createdAt,
        long version) {

    /// What people say of it.
    ///
    /// @param code unique in its location
    public record About(
            String name,
            String code,
            @Nullable LocationId location,
            @Nullable CommunityId community,
            Document metadata) {

        public static final int CODE_LENGTH_MAX = 255;

        public About {
            if (name.isBlank()) {
                throw new IllegalArgumentException("a space has a name");
            }
            if (code.isBlank() || code.length() > CODE_LENGTH_MAX) {
                throw new IllegalArgumentException(
                        "a space has a code of 1 to " + CODE_LENGTH_MAX + " characters");
            }
        }
    }

    /// The devices that serve it.
    public record Serving(
            @Nullable DeviceId sensor,
            @Nullable DevEui sensorDevEui,
            @Nullable DeviceId display,
            @Nullable DevEui displayDevEui) {

        public static final Serving NONE = new Serving(null, null, null, null);

        public @Nullable DeviceId device(Part part) {
            return switch (part) {
                case SENSOR -> sensor;
                case DISPLAY -> display;
            };
        }
    }

    public static Space made(SpaceId id, About about, Instant at) {
        return new Space(
                id, about, Serving.NONE, SpaceState.UNKNOWN, at, null, null, null, false, at, 1);
    }

    public Space with(About next) {
        return new Space(
                id,
                next,
                serving,
                state,
                stateSince,
                sensorState,
                displayState,
                manual,
                maintenance,
                createdAt,
                version);
    }

    public Standing standing(@Nullable Reservation reservation) {
        return new Standing(sensorState, reservation, manual, maintenance);
    }
}
