package org.tethral.space;

import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;

/// Where spaces are: a site has buildings, these have floors, these have zones; parts may be left
/// out.
///
/// @param parent null: it stands at the top
/// @param code a short name, of a sign or a plan
/// @param latitude degrees north; both or none
/// @param longitude degrees east
public record Location(
        LocationId id,
        @Nullable LocationId parent,
        Kind kind,
        String name,
        @Nullable String code,
        @Nullable Double latitude,
        @Nullable Double longitude,
        @Nullable CommunityId community,
        Instant createdAt,
        long version) {

    /// From the large to the small.
    public enum Kind {
        SITE,
        BUILDING,
        FLOOR,
        ZONE;

        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        public static Kind parse(String word) {
            for (var kind : values()) {
                if (kind.word().equals(word)) {
                    return kind;
                }
            }
            throw new IllegalArgumentException(
                    "no kind of location '" + word + "': site, building, floor or zone");
        }

        /// Parts are smaller than what they are a part of, so that no location is inside of itself.
        public boolean mayBeIn(Kind parent) {
            return parent.compareTo(this) < 0;
        }
    }

    public Location {
        if (name.isBlank()) {
            throw new IllegalArgumentException("a location has a name");
        }
        if ((latitude == null) != (longitude == null)) {
            throw new IllegalArgumentException("lat and lon go together");
        }
        if (latitude != null
                && (Math.abs(latitude) > 90 || longitude == null || Math.abs(longitude) > 180)) {
            throw new IllegalArgumentException("lat is -90 to 90, lon -180 to 180");
        }
    }
}
