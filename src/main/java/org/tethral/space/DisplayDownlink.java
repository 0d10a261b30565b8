package org.tethral.space;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A code on its way to a display.
///
/// @param queueItemId new for each attempt: by it the network tells what became of it
/// @param lorawan the display as its network knows it; null: it is no LoRaWAN device
/// @param state that the code shows
/// @param expiresAt of no use to the display from then on
public record DisplayDownlink(
        UUID queueItemId,
        DisplayDevice display,
        @Nullable LorawanDevice lorawan,
        SpaceState state,
        int fport,
        DisplayCode payload,
        boolean confirmed,
        Instant expiresAt) {}
