package org.tethral.payload;

import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.tethral.account.Actor;
import org.tethral.device.ConnectingDevice;
import org.tethral.event.Event;
import org.tethral.event.EventType;
import org.tethral.event.Priority;
import org.tethral.kernel.Document;
import org.tethral.kernel.Secret;
import org.tethral.kernel.Value;

/// A device allows somebody who knows a secret to claim it for a while (ThingsBoard, "Claiming
/// devices"): `{"secretKey": "…", "durationMs": 60000}`, both optional.
///
/// @param secret null: whoever knows the device's name may claim it
public record ClaimPayload(@Nullable Secret secret, Duration duration) {

    private static final Duration DURATION_DEFAULT = Duration.ofDays(1);
    private static final Duration DURATION_MAX = Duration.ofDays(365);
    private static final EventType TYPE = new EventType("device.claim_requested");

    public static ClaimPayload parse(byte[] json) throws Malformed {
        if (json.length == 0) {
            return new ClaimPayload(null, DURATION_DEFAULT);
        }
        if (!(ThingsBoardPayload.parse(json) instanceof Document given)) {
            throw new Malformed("a claim is {\"secretKey\": \"…\", \"durationMs\": 60000}");
        }
        try {
            return new ClaimPayload(
                    given.text("secretKey")
                            .filter(text -> !text.isEmpty())
                            .map(Secret::new)
                            .orElse(null),
                    duration(given));
        } catch (IllegalArgumentException e) {
            throw new Malformed("secretKey: " + e.getMessage());
        }
    }

    private static Duration duration(Document given) throws Malformed {
        return switch (given.find("durationMs").orElse(Value.Null.NULL)) {
            case Value.Null _ -> DURATION_DEFAULT;
            case Value.Numeric(var millis)
                    when millis.longValue() > 0 && millis.longValue() <= DURATION_MAX.toMillis() ->
                    Duration.ofMillis(millis.longValue());
            case Value.Numeric _, Value.Text _, Value.Bool _, Value.Array _, Document _ ->
                    throw new Malformed(
                            "durationMs is a number of milliseconds, above 0 and at most a year");
        };
    }

    /// What is kept of it. The secret is in nobody's log.
    ///
    /// @param secretHash slow; null where there is no secret
    public Event event(
            ConnectingDevice device,
            @Nullable String secretHash,
            Instant now,
            RandomGenerator random) {
        var data =
                Document.of("expires_at", Value.of(now.plus(duration).toString()))
                        .with(
                                "secret_hash",
                                secretHash == null ? Value.Null.NULL : Value.of(secretHash));
        return new Event(
                new UUID(random.nextLong(), random.nextLong()).toString(),
                TYPE,
                Actor.device(device.id().value()).toString(),
                device.id(),
                device.community(),
                now,
                data,
                Document.EMPTY,
                Priority.NORMAL,
                duration.toSeconds() == 0 ? Duration.ofSeconds(1) : duration);
    }
}
