package org.tethral.state;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.tethral.account.Actor;
import org.tethral.device.DeviceId;

/// A device went from one state to another.
public record StateChange(
        DeviceId device,
        StateName from,
        StateName to,
        Instant at,
        @Nullable String reason,
        Actor actor) {}
