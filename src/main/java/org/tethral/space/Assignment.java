package org.tethral.space;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.tethral.account.Actor;
import org.tethral.device.DeviceId;

/// A device served a space for a time.
///
/// @param until null: it still does
public record Assignment(
        UUID id,
        SpaceId space,
        DeviceId device,
        Part part,
        Instant since,
        @Nullable String reason,
        Actor by,
        @Nullable Instant until,
        @Nullable String endReason,
        @Nullable Actor endedBy) {}
