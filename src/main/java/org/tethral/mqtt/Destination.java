package org.tethral.mqtt;

import org.tethral.device.DeviceId;
import org.tethral.payload.TopicMaps;

/// What a message that a device publishes is about, by its topic.
sealed interface Destination {

    /// Of the device itself. `TELEMETRY` and `ATTRIBUTES` are those of the ThingsBoard device API.
    enum Own implements Destination {
        REPORT,
        STATE,
        EVENT,
        TELEMETRY,
        ATTRIBUTES
    }

    /// Of devices behind a gateway (ThingsBoard gateway API).
    enum Gateway implements Destination {
        CONNECT,
        DISCONNECT,
        TELEMETRY,
        ATTRIBUTES
    }

    /// A question for attributes; the answer goes to [#answerTopic].
    record AttributesRequest(String id) implements Destination {
        String answerTopic() {
            return ME + "attributes/response/" + id;
        }
    }

    /// The device lets itself be claimed (ThingsBoard device API).
    enum Claim implements Destination {
        CLAIM
    }

    /// Of a device that cannot be changed, by the topic map in use.
    record Mapped(TopicMaps.Match match) implements Destination {}

    enum Nowhere implements Destination {
        /// In the device's own tree, but nothing is served there.
        NOT_SERVED,
        /// Another device's, or nobody's.
        FOREIGN
    }

    String DEVICES = "devices/";
    String ME = "v1/devices/me/";
    String GATEWAY = "v1/gateway/";

    int REQUEST_ID_LENGTH_MAX = 64;

    /// @param maps for topics that are not the platform's
    static Destination of(String topic, DeviceId own, TopicMaps maps) {
        if (topic.startsWith(DEVICES)) {
            var id = own.value();
            var end = DEVICES.length() + id.length();
            var mine =
                    topic.length() > end
                            && topic.charAt(end) == '/'
                            && topic.startsWith(id, DEVICES.length());
            return mine ? nativeTopic(topic.substring(end + 1)) : Nowhere.FOREIGN;
        }
        if (topic.startsWith(ME)) {
            return thingsBoard(topic.substring(ME.length()));
        }
        if (topic.startsWith(GATEWAY)) {
            return gateway(topic.substring(GATEWAY.length()));
        }
        return maps.match(topic).<Destination>map(Mapped::new).orElse(Nowhere.FOREIGN);
    }

    private static Destination nativeTopic(String rest) {
        return switch (rest) {
            case "report" -> Own.REPORT;
            case "state" -> Own.STATE;
            case "event" -> Own.EVENT;
            default -> Nowhere.NOT_SERVED;
        };
    }

    private static Destination thingsBoard(String rest) {
        var request = "attributes/request/";
        if (rest.startsWith(request)) {
            var id = rest.substring(request.length());
            return id.isEmpty() || id.length() > REQUEST_ID_LENGTH_MAX || id.indexOf('/') >= 0
                    ? Nowhere.NOT_SERVED
                    : new AttributesRequest(id);
        }
        return switch (rest) {
            case "telemetry" -> Own.TELEMETRY;
            case "attributes" -> Own.ATTRIBUTES;
            case "claim" -> Claim.CLAIM;
            default -> Nowhere.NOT_SERVED;
        };
    }

    private static Destination gateway(String rest) {
        return switch (rest) {
            case "connect" -> Gateway.CONNECT;
            case "disconnect" -> Gateway.DISCONNECT;
            case "telemetry" -> Gateway.TELEMETRY;
            case "attributes" -> Gateway.ATTRIBUTES;
            default -> Nowhere.NOT_SERVED;
        };
    }
}
