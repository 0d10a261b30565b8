package org.tethral.space;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;
import org.tethral.kernel.Page;

/// The tree of locations.
public interface LocationStore {

    sealed interface Outcome {
        record Done(Location location) implements Outcome {}

        record Unknown() implements Outcome {}

        /// Somebody else changed it meanwhile.
        record VersionIsNow(long version) implements Outcome {}

        /// Of that community there is no such parent, or it is not larger than its part would be.
        record NoSuchParent() implements Outcome {}

        /// Something is in it, or it is a part of what it would not fit any more.
        record InUse() implements Outcome {}
    }

    /// @param parent whose parts are asked for; null: of any
    record Filter(
            @Nullable CommunityId community,
            @Nullable LocationId parent,
            Location.@Nullable Kind kind) {

        public static final Filter ALL = new Filter(null, null, null);
    }

    Outcome add(Location location);

    /// Stores `next` where the row's version is still `next.version() - 1`.
    Outcome change(Location next);

    Outcome remove(LocationId id);

    Optional<Location> find(LocationId id);

    /// In the order of their names.
    Page<Location> list(Filter filter, Page.Request page);
}
