package org.tethral.mqtt;

import org.jspecify.annotations.Nullable;
import org.tethral.command.CommandId;
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

    /// A device's answer to a command, on its own topic.
    record CommandAnswer(CommandId command) implements Destination {}

    /// A device's answer to a call (ThingsBoard's server-side RPC).
    record CallAnswer(String number) implements Destination {}

    /// A call that a device makes (ThingsBoard's client-side RPC).
    record Call(String id) implements Destination {}

    /// A gateway passes on what a device behind it answers to a call.
    enum GatewayAnswer implements Destination {
        GATEWAY_ANSWER
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

    /// Of a device's own topics.
    String COMMANDS = "commands/";

    String ACK = "/ack";

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
            default -> commandAnswer(rest);
        };
    }

    private static Destination commandAnswer(String rest) {
        if (!rest.startsWith(COMMANDS) || !rest.endsWith(ACK)) {
            return Nowhere.NOT_SERVED;
        }
        try {
            return new CommandAnswer(
                    CommandId.parse(
                            rest.substring(COMMANDS.length(), rest.length() - ACK.length())));
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            return Nowhere.NOT_SERVED;
        }
    }

    private static Destination thingsBoard(String rest) {
        var attributes = requestId(rest, "attributes/request/");
        if (attributes != null) {
            return new AttributesRequest(attributes);
        }
        var call = requestId(rest, "rpc/request/");
        if (call != null) {
            return new Call(call);
        }
        var answer = requestId(rest, "rpc/response/");
        if (answer != null) {
            return new CallAnswer(answer);
        }
        return switch (rest) {
            case "telemetry" -> Own.TELEMETRY;
            case "attributes" -> Own.ATTRIBUTES;
            case "claim" -> Claim.CLAIM;
            default -> Nowhere.NOT_SERVED;
        };
    }

    /// Null: there is none.
    private static @Nullable String requestId(String rest, String before) {
        if (!rest.startsWith(before)) {
            return null;
        }
        var id = rest.substring(before.length());
        return id.isEmpty() || id.length() > REQUEST_ID_LENGTH_MAX || id.indexOf('/') >= 0
                ? null
                : id;
    }

    private static Destination gateway(String rest) {
        return switch (rest) {
            case "connect" -> Gateway.CONNECT;
            case "disconnect" -> Gateway.DISCONNECT;
            case "telemetry" -> Gateway.TELEMETRY;
            case "attributes" -> Gateway.ATTRIBUTES;
            case "rpc" -> GatewayAnswer.GATEWAY_ANSWER;
            default -> Nowhere.NOT_SERVED;
        };
    }
}
