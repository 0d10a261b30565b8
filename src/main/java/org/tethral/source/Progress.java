package org.tethral.source;

import org.jspecify.annotations.Nullable;

/// What is written of a channel beside the entries that were read, in the same commit.
///
/// @param lease written only while it is the newest
/// @param position null: as it is
/// @param health null: as it is
public record Progress(
        ChannelStore.Held lease, @Nullable Position position, @Nullable Health health) {}
