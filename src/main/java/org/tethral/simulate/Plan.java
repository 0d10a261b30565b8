package org.tethral.simulate;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What a simulation does.
///
/// @param server the listener of that protocol
/// @param devices known to the server, or allowed to register themselves
/// @param obedience what they do with commands; null: they do not ask for any
public record Plan(
        Wire wire,
        InetSocketAddress server,
        List<Identity> devices,
        Load load,
        Content content,
        @Nullable Obedience obedience) {

    public Plan(
            Wire wire,
            InetSocketAddress server,
            List<Identity> devices,
            Load load,
            Content content) {
        this(wire, server, devices, load, content, null);
    }

    public Plan obeying(Obedience next) {
        return new Plan(wire, server, devices, load, content, next);
    }

    public Plan {
        if (obedience != null && !wire.carriesCommands()) {
            throw new IllegalArgumentException(
                    "simulated devices take commands over mqtt and websocket, not over "
                            + wire.word());
        }
        devices = List.copyOf(devices);
        if (devices.isEmpty()) {
            throw new IllegalArgumentException("a simulation has one device at least");
        }
    }

    public enum Wire {
        MQTT,
        HTTP,
        WEBSOCKET,
        COAP;

        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        boolean carriesCommands() {
            return this == MQTT || this == WEBSOCKET;
        }
    }

    /// Of how many of 100 commands a device says that it cannot do them, which it answers slowly,
    /// and on which it loses its connection without a word, to be back a second later. The others
    /// it does at once.
    ///
    /// @param slowness of a slow answer
    public record Obedience(int fail, int slow, int vanish, Duration slowness) {

        public static final Obedience PERFECT = new Obedience(0, 0, 0, Duration.ZERO);

        public Obedience {
            if (Math.min(fail, Math.min(slow, vanish)) < 0 || fail + slow + vanish > 100) {
                throw new IllegalArgumentException(
                        "of 100 commands, those that fail, are slow and vanish are 0 to 100");
            }
            if (slowness.isNegative() || slowness.compareTo(Duration.ofDays(1)) > 0) {
                throw new IllegalArgumentException("a slow answer takes 1 day at most");
            }
        }
    }

    /// @param token also the user name of MQTT
    public record Identity(String device, String token) {

        /// `prefix-0`, `prefix-1`, … with tokens that follow from the secret: the same secret, the
        /// same devices.
        public static List<Identity> numbered(String prefix, int count, String secret) {
            var identities = new ArrayList<Identity>(count);
            for (int i = 0; i < count; i++) {
                var device = prefix + "-" + i;
                identities.add(
                        new Identity(
                                device, new org.tethral.kernel.Secret(secret + device).sha256()));
            }
            return identities;
        }
    }

    /// How much, bounded in every direction.
    ///
    /// @param rate reports a second, all devices together; 0: as fast as they are acknowledged
    /// @param inFlight reports of one connection that may wait for their acknowledgement; HTTP has
    ///   always 1
    /// @param connections of HTTP, which the devices share; the others have one per device
    /// @param messages reports altogether; 0: no bound but the time
    /// @param length how long reports are started; then those under way may still end
    public record Load(double rate, int inFlight, int connections, long messages, Duration length) {

        public static final int IN_FLIGHT_MAX = 10_000;

        public Load {
            if (rate < 0
                    || rate > 10_000_000
                    || inFlight < 1
                    || inFlight > IN_FLIGHT_MAX
                    || connections < 1
                    || messages < 0
                    || length.isNegative()
                    || length.compareTo(Duration.ofDays(365)) > 0) {
                throw new IllegalArgumentException(
                        "a load has a rate from 0, 1 to "
                                + IN_FLIGHT_MAX
                                + " in flight, 1 connection or more");
            }
        }

        /// As fast as possible: 20 in flight, 64 connections.
        public static Load of(long messages, Duration length) {
            return new Load(0, 20, 64, messages, length);
        }

        public Load at(double nextRate) {
            return new Load(nextRate, inFlight, connections, messages, length);
        }

        public Load inFlight(int next) {
            return new Load(rate, next, connections, messages, length);
        }
    }

    /// @param run part of each message id: two runs must not have the same, or the second one's
    ///   reports are repetitions
    /// @param messageIds gives every report an id, so that one sent twice is stored once (WebSocket
    ///   always does)
    /// @param stateShare the share of reports that a change of the device's state goes with, 0 to 1
    public record Content(String run, boolean messageIds, double stateShare, long seed) {

        public static final double STATE_SHARE_USUAL = 0.05;

        public Content {
            if (!run.matches("[A-Za-z0-9_.-]{1,64}") || stateShare < 0 || stateShare > 1) {
                throw new IllegalArgumentException(
                        "a run has 1 to 64 letters and digits, a share lies between 0 and 1");
            }
        }
    }

    /// The id of the report with that number; each number is used once in a run, whatever its
    /// device.
    public String messageId(long number) {
        return content.run() + "-" + number;
    }
}
