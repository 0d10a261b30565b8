package org.tethral.lorawan;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.tethral.device.DevEui;
import org.tethral.ingest.Inbound;
import org.tethral.json.Json;
import org.tethral.kernel.Document;
import org.tethral.kernel.Micros;
import org.tethral.kernel.Value;
import org.tethral.payload.Malformed;

/// Reads messages in the JSON of Protocol Buffers (protobuf.dev, "ProtoJSON Format"), in which a
/// field that has its default value is left out, or null: a missing number is 0, a missing text
/// empty. Bytes are base64, whole numbers of 64 bits are texts.
record ProtoJson(Document document) {

    private static final int ID_LENGTH_MAX = 200;

    ProtoJson object(String name) throws Malformed {
        return new ProtoJson(maybeObject(name).orElse(Document.EMPTY));
    }

    /// Empty: it is left out.
    Optional<Document> maybeObject(String name) throws Malformed {
        var value = find(name);
        if (value.isEmpty()) {
            return Optional.empty();
        }
        if (value.get() instanceof Document inner) {
            return Optional.of(inner);
        }
        throw wrong(name, "an object");
    }

    List<Value> list(String name) throws Malformed {
        var value = find(name);
        if (value.isEmpty()) {
            return List.of();
        }
        if (value.get() instanceof Value.Array(var items)) {
            return items;
        }
        throw wrong(name, "a list");
    }

    String text(String name) throws Malformed {
        var value = find(name);
        if (value.isEmpty()) {
            return "";
        }
        if (value.get() instanceof Value.Text(var text)) {
            return text;
        }
        throw wrong(name, "a text");
    }

    boolean truth(String name) throws Malformed {
        var value = find(name);
        if (value.isEmpty()) {
            return false;
        }
        if (value.get() instanceof Value.Bool truth) {
            return truth == Value.Bool.TRUE;
        }
        throw wrong(name, "true or false");
    }

    double number(String name) throws Malformed {
        var number = maybeNumber(name);
        return number == null ? 0 : number;
    }

    /// Null: it is left out.
    @Nullable Double maybeNumber(String name) throws Malformed {
        var value = find(name);
        if (value.isEmpty()) {
            return null;
        }
        return switch (value.get()) {
            case Value.Numeric numeric -> numeric.asDouble();
            case Value.Text(var text) -> parsed(name, text);
            case Value.Bool _, Value.Null _, Value.Array _, Document _ ->
                    throw wrong(name, "a number");
        };
    }

    private static double parsed(String name, String text) throws Malformed {
        try {
            var number = Double.parseDouble(text);
            if (Double.isFinite(number)) {
                return number;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw wrong(name, "a number");
    }

    long whole(String name, long most) throws Malformed {
        var number = number(name);
        if (number < 0 || number > most || number != Math.rint(number)) {
            throw wrong(name, "a whole number from 0 to " + most);
        }
        return (long) number;
    }

    byte[] bytes(String name) throws Malformed {
        var text = text(name);
        try {
            return text.indexOf('-') >= 0 || text.indexOf('_') >= 0
                    ? Base64.getUrlDecoder().decode(text)
                    : Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw wrong(name, "base64");
        }
    }

    DevEui devEui(String name) throws Malformed {
        var text = text(name);
        try {
            return DevEui.parse(text);
        } catch (IllegalArgumentException e) {
            throw wrong(name, "a DevEUI of 16 hex digits");
        }
    }

    /// In the microseconds that every store keeps. Now, where none is told, or one that cannot be:
    /// nothing was heard in the future.
    Instant time(String name, Instant now) throws Malformed {
        var text = text(name);
        if (text.isEmpty()) {
            return now;
        }
        try {
            var time = Micros.truncated(OffsetDateTime.parse(text).toInstant());
            return time.isAfter(now) || time.isBefore(Inbound.TIMESTAMP_MIN) ? now : time;
        } catch (DateTimeException e) {
            throw wrong(name, "a time (RFC 3339)");
        }
    }

    /// Empty: it is none of those that we give out.
    Optional<UUID> uuid(String name) throws Malformed {
        return parsedUuid(text(name));
    }

    static Optional<UUID> parsedUuid(String text) {
        try {
            return text.isEmpty() ? Optional.empty() : Optional.of(UUID.fromString(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /// The text, where it can be an id, else one made of the whole message: the same when that is
    /// told again.
    String id(String text) {
        return text.isEmpty() || text.length() > ID_LENGTH_MAX
                ? UUID.nameUUIDFromBytes(Json.bytes(document)).toString()
                : text;
    }

    private Optional<Value> find(String name) {
        return document.find(name).filter(value -> value != Value.Null.NULL);
    }

    private static Malformed wrong(String name, String what) {
        return new Malformed("'" + name + "' is not " + what);
    }
}
