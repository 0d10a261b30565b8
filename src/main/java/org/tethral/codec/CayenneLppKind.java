package org.tethral.codec;

import java.io.ByteArrayOutputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.tethral.json.Json;
import org.tethral.kernel.Document;
import org.tethral.kernel.Excerpt;
import org.tethral.kernel.Value;

/// Cayenne Low Power Payload: `channel, type, value`, again and again; values are big-endian. Types
/// are IPSO object numbers less 3200. Sources: myDevices' "Cayenne LPP 2.0" payload structure for
/// the first eleven types, and the extension of it by the open ElectronicCats/CayenneLPP library
/// for the rest.
///
/// A value is named by its type and channel: `temperature_3`; of those with several parts each has
/// one name more: `gps_1` is `{"latitude","longitude","altitude"}`. [#encode] takes the same names.
public final class CayenneLppKind implements CodecKind, Codec {

    /// @param scale units of the last digit: 10 for tenths
    private record Part(String name, int bytes, boolean signed, int scale) {}

    private record Type(int id, String name, List<Part> parts) {
        int length() {
            return parts.stream().mapToInt(Part::bytes).sum();
        }
    }

    private static final Map<Integer, Type> BY_ID = new LinkedHashMap<>();
    private static final Map<String, Type> BY_NAME = new LinkedHashMap<>();

    static {
        one(0, "digital_input", 1, false, 1);
        one(1, "digital_output", 1, false, 1);
        one(2, "analog_input", 2, true, 100);
        one(3, "analog_output", 2, true, 100);
        one(100, "generic", 4, false, 1);
        one(101, "illuminance", 2, false, 1);
        one(102, "presence", 1, false, 1);
        one(103, "temperature", 2, true, 10);
        one(104, "humidity", 1, false, 2);
        several(113, "accelerometer", 1000, "x", "y", "z");
        one(115, "barometer", 2, false, 10);
        one(116, "voltage", 2, false, 100);
        one(117, "current", 2, false, 1000);
        one(118, "frequency", 4, false, 1);
        one(120, "percentage", 1, false, 1);
        one(121, "altitude", 2, true, 1);
        one(125, "concentration", 2, false, 1);
        one(128, "power", 2, false, 1);
        one(130, "distance", 4, false, 1000);
        one(131, "energy", 4, false, 1000);
        one(132, "direction", 2, false, 1);
        one(133, "unixtime", 4, false, 1);
        several(134, "gyrometer", 100, "x", "y", "z");
        add(
                new Type(
                        135,
                        "colour",
                        List.of(
                                new Part("r", 1, false, 1),
                                new Part("g", 1, false, 1),
                                new Part("b", 1, false, 1))));
        add(
                new Type(
                        136,
                        "gps",
                        List.of(
                                new Part("latitude", 3, true, 10_000),
                                new Part("longitude", 3, true, 10_000),
                                new Part("altitude", 3, true, 100))));
        one(142, "switch", 1, false, 1);
    }

    private static void one(int id, String name, int bytes, boolean signed, int scale) {
        add(new Type(id, name, List.of(new Part("", bytes, signed, scale))));
    }

    private static void several(int id, String name, int scale, String... parts) {
        add(
                new Type(
                        id,
                        name,
                        List.of(parts).stream()
                                .map(part -> new Part(part, 2, true, scale))
                                .toList()));
    }

    private static void add(Type type) {
        BY_ID.put(type.id(), type);
        BY_NAME.put(type.name(), type);
    }

    @Override
    public String name() {
        return "cayenne-lpp";
    }

    @Override
    public Codec open(String script) {
        return this;
    }

    @Override
    public Decoding decode(Uplink uplink) {
        var bytes = uplink.bytes();
        var values = new LinkedHashMap<String, Value>();
        var at = 0;
        while (at < bytes.length) {
            if (at + 1 == bytes.length) {
                return CodecFailed.refused("byte " + at + ": a channel without a type", bytes);
            }
            var type = BY_ID.get(bytes[at + 1] & 0xff);
            if (type == null) {
                return CodecFailed.refused(
                        "byte " + (at + 1) + ": unknown type " + (bytes[at + 1] & 0xff), bytes);
            }
            if (at + 2 + type.length() > bytes.length) {
                return CodecFailed.refused(
                        "byte " + (at + 2) + ": " + type.name() + " is cut off", bytes);
            }
            values.put(type.name() + "_" + (bytes[at] & 0xff), value(type, bytes, at + 2));
            at += 2 + type.length();
        }
        return new Decoding.Decoded(new Document(values), List.of());
    }

    private static Value value(Type type, byte[] bytes, int from) {
        var at = from;
        var values = new LinkedHashMap<String, Value>();
        for (var part : type.parts()) {
            long number = part.signed() ? bytes[at] : bytes[at] & 0xff;
            for (int i = 1; i < part.bytes(); i++) {
                number = number << 8 | bytes[at + i] & 0xff;
            }
            values.put(
                    part.name(),
                    part.scale() == 1
                            ? Value.of(number)
                            : Value.of((double) number / part.scale()));
            at += part.bytes();
        }
        var single = values.get("");
        return single != null ? single : new Document(values);
    }

    @Override
    public Encoding encode(Document data, Document variables) {
        var bytes = new ByteArrayOutputStream();
        for (var entry : data.values().entrySet()) {
            var wrong = write(entry.getKey(), entry.getValue(), bytes);
            if (!wrong.isEmpty()) {
                return CodecFailed.of(
                        CodecFailed.Reason.REFUSED,
                        wrong,
                        Excerpt.of(Json.write(data), CodecFailed.INPUT_CHARS_MAX));
            }
        }
        return new Encoding.Encoded(bytes.toByteArray(), OptionalInt.empty(), List.of());
    }

    /// What is wrong with it, or nothing.
    private static String write(String name, Value value, ByteArrayOutputStream to) {
        var split = name.lastIndexOf('_');
        var type = split < 0 ? null : BY_NAME.get(name.substring(0, split));
        if (type == null || !name.substring(split + 1).matches("[0-9]{1,3}")) {
            return "'" + Excerpt.of(name, 64) + "' is no type and channel such as temperature_3";
        }
        var channel = Integer.parseInt(name.substring(split + 1));
        if (channel > 255) {
            return "'" + name + "': channels end at 255";
        }
        to.write(channel);
        to.write(type.id());
        for (var part : type.parts()) {
            var single =
                    part.name().isEmpty()
                            ? value
                            : value instanceof Document several
                                    ? several.find(part.name()).orElse(Value.Null.NULL)
                                    : Value.Null.NULL;
            if (!(single instanceof Value.Numeric number)) {
                return "'"
                        + name
                        + "' needs a number"
                        + (part.name().isEmpty() ? "" : " " + part.name());
            }
            var units = Math.rint(number.asDouble() * part.scale());
            var least = part.signed() ? -Math.scalb(1.0, 8 * part.bytes() - 1) : 0;
            var most = Math.scalb(1.0, 8 * part.bytes() - (part.signed() ? 1 : 0)) - 1;
            if (units < least || units > most) {
                return "'" + name + "' is out of range";
            }
            for (int i = part.bytes() - 1; i >= 0; i--) {
                to.write((int) ((long) units >> 8 * i));
            }
        }
        return "";
    }
}
