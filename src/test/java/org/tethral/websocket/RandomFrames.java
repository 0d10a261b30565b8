package org.tethral.websocket;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Messages as devices send them, and as broken devices do.
final class RandomFrames {

    private static final String[] TYPES = {
        "status", "heartbeat", "state", "event", "register", "command_ack", "stats", ""
    };
    private static final String[] NAMES = {
        "payload",
        "message_id",
        "timestamp",
        "state",
        "reason",
        "type",
        "event_id",
        "priority",
        "data",
        "ttl",
        "device_type",
        "capabilities",
        "metadata",
        "firmware_version",
        "command_id",
        "status",
        "values"
    };

    private final Random random;

    RandomFrames(Random random) {
        this.random = random;
    }

    byte[] next() {
        return switch (random.nextInt(6)) {
            case 0, 1 -> valid();
            case 2 -> frame().getBytes(StandardCharsets.UTF_8);
            case 3 -> {
                var whole = valid();
                yield Arrays.copyOf(whole, random.nextInt(whole.length + 1));
            }
            case 4 ->
                    overwritten(
                            random.nextBoolean()
                                    ? valid()
                                    : frame().getBytes(StandardCharsets.UTF_8));
            default -> {
                var noise = new byte[random.nextInt(64)];
                random.nextBytes(noise);
                yield noise;
            }
        };
    }

    /// A usable message.
    byte[] valid() {
        var id = random.nextBoolean() ? ",\"message_id\":\"m-" + random.nextInt(1_000) + "\"" : "";
        var text =
                switch (random.nextInt(5)) {
                    case 0 -> "\"heartbeat\"";
                    case 1 ->
                            "\"state\",\"state\":\""
                                    + (random.nextBoolean() ? "idle" : "busy")
                                    + "\"";
                    case 2 -> "\"event\",\"type\":\"door.opened\",\"data\":" + object(2);
                    case 3 -> "\"register\",\"device_type\":\"ESP32\",\"metadata\":" + object(1);
                    default ->
                            "\"status\",\"payload\":{\"t\":"
                                    + random.nextInt(100)
                                    + ",\"more\":"
                                    + value(3)
                                    + "}";
                };
        return ("{\"message_type\":" + text + id + "}").getBytes(StandardCharsets.UTF_8);
    }

    private String frame() {
        var fields =
                IntStream.range(0, random.nextInt(5))
                        .mapToObj(
                                _ -> "\"" + NAMES[random.nextInt(NAMES.length)] + "\":" + value(3))
                        .collect(Collectors.joining(","));
        return "{\"message_type\":\""
                + TYPES[random.nextInt(TYPES.length)]
                + "\""
                + (fields.isEmpty() ? "" : ",")
                + fields
                + "}";
    }

    private String value(int depth) {
        return switch (random.nextInt(depth > 0 ? 12 : 9)) {
            case 0 -> "null";
            case 1 -> "true";
            case 2 -> String.valueOf(random.nextLong());
            case 3 -> String.valueOf(random.nextGaussian() * 1e3);
            case 4 -> "1e" + random.nextInt(500);
            case 5 -> "\"" + "x".repeat(random.nextInt(400)) + "\"";
            case 6 -> "\"\\u0000\\ud800\"";
            case 7 -> "\"critical\"";
            case 8 -> "-" + "9".repeat(1 + random.nextInt(500));
            case 9 -> "[" + value(depth - 1) + "," + value(depth - 1) + "]";
            case 10 -> "[".repeat(random.nextInt(60)) + "]".repeat(random.nextInt(60));
            default -> object(depth);
        };
    }

    private String object(int depth) {
        return IntStream.range(0, random.nextInt(4))
                .mapToObj(_ -> "\"" + (char) ('a' + random.nextInt(6)) + "\":" + value(depth - 1))
                .collect(Collectors.joining(",", "{", "}"));
    }

    private byte[] overwritten(byte[] bytes) {
        for (int i = 0; i <= random.nextInt(4) && bytes.length > 0; i++) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        return bytes;
    }
}
