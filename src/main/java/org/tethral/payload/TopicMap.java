package org.tethral.payload;

import java.util.List;
import java.util.Locale;
import org.tethral.payload.TopicMap.Rule.Kind;

/// How the topics of one sort of devices are read. The first rule that matches decides.
///
/// @param name as it is called in the settings
public record TopicMap(String name, List<Rule> rules) {

    public record Rule(TopicPattern pattern, Kind kind) {

        /// What a payload is.
        public enum Kind {
            /// A JSON object of values.
            OBJECT,
            /// One value; the topic names it.
            VALUE,
            /// `online` or `offline`, or a word that means the same; also as `{"state": "online"}`.
            CONNECTION,
            /// A word that is the device's state.
            STATE,
            /// The state of a Homie device, which also says whether it is there.
            HOMIE_STATE,
            /// A notification of a Shelly of the second generation or later.
            SHELLY_RPC,
            /// Of no interest: taken, and forgotten.
            NOTHING;

            public String word() {
                return name().toLowerCase(Locale.ROOT).replace('_', '-');
            }

            /// @throws IllegalArgumentException there is no such kind
            public static Kind parse(String word) {
                for (var kind : values()) {
                    if (kind.word().equals(word)) {
                        return kind;
                    }
                }
                throw new IllegalArgumentException(
                        "'"
                                + word
                                + "' is no kind of payload: object, value, connection, state,"
                                + " homie-state, shelly-rpc or nothing");
            }
        }

        public Rule {
            if (!pattern.hasDevice() && kind != Kind.NOTHING) {
                throw new IllegalArgumentException(
                        "'" + pattern + "' does not say where {device} is");
            }
        }

        static Rule of(String pattern, Kind kind) {
            return new Rule(TopicPattern.parse(pattern), kind);
        }
    }

    public TopicMap {
        rules = List.copyOf(rules);
    }

    /// Tasmota with its default full topic `%prefix%/%topic%/` (tasmota.github.io/docs/MQTT).
    static final TopicMap TASMOTA =
            new TopicMap(
                    "tasmota",
                    List.of(
                            Rule.of("tele/{device}/LWT", Kind.CONNECTION),
                            Rule.of("tele/{device}/SENSOR", Kind.OBJECT),
                            Rule.of("tele/{device}/STATE", Kind.OBJECT),
                            Rule.of("tele/{device}/#", Kind.NOTHING),
                            Rule.of("stat/{device}/RESULT", Kind.OBJECT),
                            Rule.of("stat/{device}/#", Kind.NOTHING),
                            Rule.of("tasmota/discovery/#", Kind.NOTHING)));

    /// Zigbee2MQTT with its default base topic
    /// (zigbee2mqtt.io/guide/usage/mqtt_topics_and_messages.html), JSON or attribute output.
    /// Friendly names with a `/` are not device ids, and are read as attributes.
    static final TopicMap ZIGBEE2MQTT =
            new TopicMap(
                    "zigbee2mqtt",
                    List.of(
                            Rule.of("zigbee2mqtt/bridge/#", Kind.NOTHING),
                            Rule.of("zigbee2mqtt/{device}/availability", Kind.CONNECTION),
                            Rule.of("zigbee2mqtt/{device}/set/#", Kind.NOTHING),
                            Rule.of("zigbee2mqtt/{device}/get/#", Kind.NOTHING),
                            Rule.of("zigbee2mqtt/{device}", Kind.OBJECT),
                            Rule.of("zigbee2mqtt/{device}/{value}", Kind.VALUE)));

    /// Homie 3 and 4 (homieiot.github.io/specification).
    static final TopicMap HOMIE =
            new TopicMap(
                    "homie",
                    List.of(
                            Rule.of("homie/{device}/$state", Kind.HOMIE_STATE),
                            Rule.of("homie/{device}/{node}/{property}/set", Kind.NOTHING),
                            Rule.of("homie/{device}/{node}/{property}", Kind.VALUE),
                            Rule.of("homie/{device}/#", Kind.NOTHING)));

    /// Shelly: the first generation (shelly-api-docs.shelly.cloud/gen1/#mqtt-support), and those
    /// after it with their default topic prefix
    /// (shelly-api-docs.shelly.cloud/gen2/ComponentsAndServices/Mqtt).
    static final TopicMap SHELLY =
            new TopicMap(
                    "shelly",
                    List.of(
                            Rule.of("shellies/announce", Kind.NOTHING),
                            Rule.of("shellies/{device}/online", Kind.CONNECTION),
                            Rule.of("shellies/{device}/announce", Kind.OBJECT),
                            Rule.of("shellies/{device}/info", Kind.NOTHING),
                            Rule.of("shellies/{device}/command", Kind.NOTHING),
                            Rule.of("shellies/{device}/{part}/{channel}/command", Kind.NOTHING),
                            Rule.of("shellies/{device}/{part}/{channel}/set", Kind.NOTHING),
                            Rule.of("shellies/{device}/{value...}", Kind.VALUE),
                            Rule.of("{device}/online", Kind.CONNECTION),
                            Rule.of("{device}/events/rpc", Kind.SHELLY_RPC),
                            Rule.of("{device}/status/{component}", Kind.VALUE)));

    static final List<TopicMap> SHIPPED = List.of(TASMOTA, ZIGBEE2MQTT, HOMIE, SHELLY);
}
