package org.tethral.space;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;
import org.tethral.device.DevEui;
import org.tethral.device.DeviceId;
import org.tethral.kernel.Page;

/// The trail of what displays were told, and the queue of what they are to be told.
public interface ActuationStore {

    /// All that is given must hold; null asks for nothing.
    ///
    /// @param failed true: those that never got to their display; false asks for nothing
    record Filter(
            @Nullable CommunityId community,
            @Nullable SpaceId space,
            Cause.@Nullable Trigger trigger,
            @Nullable DeviceId display,
            boolean failed,
            @Nullable Instant from,
            @Nullable Instant to) {

        public static final Filter ALL = new Filter(null, null, null, null, false, null, null);
    }

    /// Newest first.
    Page<Actuation> list(Filter filter, Page.Request page);

    Optional<Actuation> find(UUID id);

    /// What a node is to send now.
    record Claim(Actuation actuation, DisplayDownlink downlink) {}

    /// Looks at what is due: what can be sent is claimed, for this caller alone, the rest ends or
    /// waits on. Of one display, nothing is claimed while something else of it is on its way to the
    /// network, so that a newer code never overtakes an older one.
    ///
    /// @param more there was more than the limit
    record Looked(List<Claim> claims, boolean more) {
        public Looked {
            claims = List.copyOf(claims);
        }
    }

    Looked look(Instant now, int limit);

    /// How many wait to be sent, due or not.
    int queued();

    /// Something was heard of an item.
    record News(UUID item, ActuationStep step) {}

    /// In their order, each in a commit of its own; of items that are not known, nothing.
    void heard(Collection<News> news, Instant now);

    /// The item that was sent last to that display and is waited for.
    Optional<UUID> lastItem(DevEui display);

    /// Whose last actuation ended without its display are told again what they should show.
    ///
    /// @param displays of which a sign of life came
    /// @return how many
    int tellAgain(Collection<DeviceId> displays, Instant now);

    /// Displays whose last actuation ended without them.
    Collection<DeviceId> inTheDark();
}
