package org.tethral.device;

import java.util.Locale;

/// How a device connects.
public enum Protocol {
    MQTT,
    HTTP,
    WEBSOCKET,
    COAP,
    LORAWAN,
    THINGSPEAK;

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Protocol parse(String word) {
        for (var value : values()) {
            if (value.word().equals(word)) {
                return value;
            }
        }
        throw new IllegalArgumentException(
                "no protocol '" + word + "': mqtt, http, websocket, coap, lorawan or thingspeak");
    }
}
