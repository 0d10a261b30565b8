package org.tethral.lorawan;

import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;
import org.tethral.device.DevEui;
import org.tethral.kernel.Document;
import org.tethral.payload.Malformed;

/// A kind of network server.
public enum Network {
    CHIRPSTACK("chirpstack") {
        @Override
        Optional<NetworkEvent> read(
                String event,
                Document message,
                Instant now,
                Function<String, Optional<DevEui>> known)
                throws Malformed {
            return ChirpStackJson.read(event, message, now);
        }
    },
    THINGS_STACK("tts") {
        @Override
        Optional<NetworkEvent> read(
                String event,
                Document message,
                Instant now,
                Function<String, Optional<DevEui>> known)
                throws Malformed {
            return ThingsStackJson.read(message, now, known);
        }
    };

    private final String word;

    Network(String word) {
        this.word = word;
    }

    public String word() {
        return word;
    }

    public static Network parse(String word) {
        for (var one : values()) {
            if (one.word.equals(word)) {
                return one;
            }
        }
        throw new IllegalArgumentException("no network server '" + word + "': chirpstack or tts");
    }

    /// Empty: we have no use for it.
    ///
    /// @param event what kind of message it is, where the message does not say so itself
    /// @param known the DevEUI of `application/device`, for messages that lack it
    abstract Optional<NetworkEvent> read(
            String event, Document message, Instant now, Function<String, Optional<DevEui>> known)
            throws Malformed;
}
