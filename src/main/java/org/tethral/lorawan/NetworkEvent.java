package org.tethral.lorawan;

import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.tethral.device.DevEui;
import org.tethral.kernel.Document;

/// What a network server tells of one device, in the same words for each kind of server.
public sealed interface NetworkEvent {

    Origin origin();

    /// Of whom, when, and under which name.
    ///
    /// @param at when the network heard of it; never later than now
    /// @param id the same when it is told again; unique among events of one kind
    /// @param application of the network server; empty where it does not say
    /// @param name of the device there; empty where it does not say
    record Origin(DevEui devEui, Instant at, String id, String application, String name) {}

    /// What the device sent.
    ///
    /// @param port 0: it carries no payload of the application
    /// @param payload decrypted; not copied
    /// @param decoded by the network's own codec; null: it has none
    @SuppressWarnings("ArrayRecordComponent")
    record Uplink(
            Origin origin,
            long frameCounter,
            int port,
            byte[] payload,
            @Nullable Document decoded,
            Reception reception)
            implements NetworkEvent {}

    /// How well the best of the gateways heard it. Null: it is not told.
    ///
    /// @param rssi in dBm
    /// @param snr in dB
    record Reception(@Nullable Double rssi, @Nullable Double snr, @Nullable String gateway) {
        static final Reception UNKNOWN = new Reception(null, null, null);
    }

    record Joined(Origin origin) implements NetworkEvent {}

    /// @param acknowledged false: the device did not, in the time that it had
    record Acknowledged(Origin origin, Optional<UUID> downlink, boolean acknowledged)
            implements NetworkEvent {}

    /// A gateway took it to send.
    record Transmitted(Origin origin, Optional<UUID> downlink) implements NetworkEvent {}

    /// @param battery in percent; null: unknown, or it has another source of power
    /// @param margin of the signal, in dB
    record Status(Origin origin, @Nullable Double battery, long margin, boolean mainsPowered)
            implements NetworkEvent {}

    /// @param downlink the one that it is about
    /// @param endsDownlink that will not be sent
    /// @param wouldFailAgain the downlink itself is to blame, as one that is too long
    record Logged(
            Origin origin,
            Level level,
            String code,
            String description,
            Optional<UUID> downlink,
            boolean endsDownlink,
            boolean wouldFailAgain)
            implements NetworkEvent {}

    enum Level {
        INFO,
        WARNING,
        ERROR;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// @param altitude in metres
    /// @param accuracy in metres; null: it is not told
    record Located(
            Origin origin,
            double latitude,
            double longitude,
            double altitude,
            @Nullable Double accuracy)
            implements NetworkEvent {}
}
