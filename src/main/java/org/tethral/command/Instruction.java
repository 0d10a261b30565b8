package org.tethral.command;

import java.time.Instant;
import org.tethral.kernel.Value;

/// A command as a device gets it.
///
/// @param attempt counts from 1; a device that knows the command id already may answer again
///   without doing it again
/// @param oneWay the device is not asked to answer
public record Instruction(
        CommandId command,
        CommandName name,
        Value payload,
        Instant expiresAt,
        int attempt,
        boolean oneWay) {}
