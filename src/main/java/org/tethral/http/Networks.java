package org.tethral.http;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;
import org.tethral.codec.CodecKinds;
import org.tethral.kernel.Document;
import org.tethral.payload.Malformed;

/// LoRaWAN network servers, and brokers of others, as the API needs them.
///
/// @param standings of all ways to them, in a fixed order
public record Networks(CodecKinds codecs, Door door, Supplier<List<Standing>> standings) {

    /// The way in for what they tell over HTTP.
    @FunctionalInterface
    public interface Door {

        /// Returns when it is durable, or need not be.
        ///
        /// @param network `chirpstack` or `tts`
        /// @param event what kind of message it is; empty where the message says so itself
        /// @param community the only one to whose devices it may speak; null: any
        /// @throws Malformed it cannot be read
        Told tell(String network, String event, Document message, @Nullable CommunityId community)
                throws Malformed;
    }

    public enum Told {
        STORED,
        /// Its device is not registered: it waits in the inbox.
        KEPT,
        /// The device is disabled, or the database will never take it.
        REFUSED,
        /// It may yet be stored: it is to be told again.
        NOT_YET
    }

    /// How one way to a system of others fares.
    ///
    /// @param system whose way it is: `chirpstack`, `tts`, `mqtt`
    /// @param settings what is configured, without secrets
    /// @param problem null: it works, or others come to it
    public record Standing(
            String name,
            String system,
            Map<String, String> settings,
            @Nullable String problem,
            @Nullable Instant lastEventAt,
            @Nullable String lastError,
            @Nullable Instant lastErrorAt,
            Map<String, Long> counts) {}
}
