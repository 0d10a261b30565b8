package org.tethral.command;

import org.jspecify.annotations.Nullable;
import org.tethral.account.Actor;
import org.tethral.kernel.Value;

/// An instruction to one device or many.
///
/// @param payload any JSON value
/// @param idempotencyKey of its issuer: a second command with it is the first one; null: none
/// @param deviceType of all its devices, where it is for one device or one type; else null
/// @param targetCount devices it is for
public record Command(
        CommandId id,
        Terms terms,
        Value payload,
        Target target,
        Actor issuedBy,
        @Nullable String idempotencyKey,
        @Nullable String deviceType,
        int targetCount) {

    /// As JSON text, in UTF-8.
    public static final int PAYLOAD_BYTES_MAX = 256 * 1024;

    public static final int IDEMPOTENCY_KEY_LENGTH_MAX = 255;

    public Command {
        if (idempotencyKey != null
                && (idempotencyKey.isBlank()
                        || idempotencyKey.length() > IDEMPOTENCY_KEY_LENGTH_MAX)) {
            throw new IllegalArgumentException(
                    "an Idempotency-Key has 1 to " + IDEMPOTENCY_KEY_LENGTH_MAX + " characters");
        }
    }
}
