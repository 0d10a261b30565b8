package org.tethral.source;

import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;

/// A channel, how far it is read and how that fares, as it was last written down.
///
/// @param community of its device
/// @param node that reads it; null: none at present
public record Standing(
        Channel channel,
        @Nullable CommunityId community,
        Position position,
        Health health,
        @Nullable String node) {}
