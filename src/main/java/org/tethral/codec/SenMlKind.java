package org.tethral.codec;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.tethral.json.Cbor;
import org.tethral.json.Json;
import org.tethral.json.MalformedJson;
import org.tethral.kernel.Document;
import org.tethral.kernel.Excerpt;
import org.tethral.kernel.Value;

/// Sensor Measurement Lists (RFC 8428) in JSON and in CBOR, told apart by the first byte: JSON
/// begins with `[` or white space, CBOR with an array (major type 4).
///
/// Base names and base values are resolved (section 4.6); of several values of one name the last
/// counts. Units and sums are `NAME_unit` and `NAME_sum`. Times are not read: an uplink has one
/// time, that of its arrival. Encodes as JSON.
public final class SenMlKind implements CodecKind, Codec {

    /// RFC 8428, table 4: what CBOR writes for the names of JSON.
    private static final Map<String, String> LABELS =
            Map.ofEntries(
                    Map.entry("-1", "bver"),
                    Map.entry("-2", "bn"),
                    Map.entry("-3", "bt"),
                    Map.entry("-4", "bu"),
                    Map.entry("-5", "bv"),
                    Map.entry("-6", "bs"),
                    Map.entry("0", "n"),
                    Map.entry("1", "u"),
                    Map.entry("2", "v"),
                    Map.entry("3", "vs"),
                    Map.entry("4", "vb"),
                    Map.entry("5", "s"),
                    Map.entry("6", "t"),
                    Map.entry("7", "ut"),
                    Map.entry("8", "vd"));

    private static final int VERSION = 10;

    @Override
    public String name() {
        return "senml";
    }

    @Override
    public Codec open(String script) {
        return this;
    }

    @Override
    public Decoding decode(Uplink uplink) {
        var bytes = uplink.bytes();
        try {
            var isCbor = bytes.length > 0 && (bytes[0] & 0xe0) == 0x80;
            var pack = isCbor ? Cbor.parse(bytes) : Json.parse(bytes);
            if (!(pack instanceof Value.Array(var records))) {
                return CodecFailed.refused("a SenML pack is an array of records", bytes);
            }
            return new Decoding.Decoded(new Document(values(records)), List.of());
        } catch (MalformedJson e) {
            return CodecFailed.refused(String.valueOf(e.getMessage()), bytes);
        }
    }

    private static Map<String, Value> values(List<Value> records) throws MalformedJson {
        var values = new LinkedHashMap<String, Value>();
        var base = Document.EMPTY;
        for (int i = 0; i < records.size(); i++) {
            if (!(records.get(i) instanceof Document given)) {
                throw new MalformedJson("record " + i + " is no map");
            }
            var record = labelled(given, i);
            for (var name : List.of("bn", "bu", "bv", "bs", "bver")) {
                var changed = record.find(name);
                if (changed.isPresent()) {
                    base = base.with(name, changed.get());
                }
            }
            if (base.find("bver").orElse(Value.of(VERSION)) instanceof Value.Numeric version
                    && version.asDouble() > VERSION) {
                throw new MalformedJson("record " + i + ": a later version of SenML");
            }
            resolve(record, base, i, values);
        }
        return values;
    }

    private static void resolve(
            Document record, Document base, int index, Map<String, Value> values)
            throws MalformedJson {
        var name = base.text("bn").orElse("") + record.text("n").orElse("");
        var value = value(record, base, index);
        var sum = sum(record, base, "s", "bs", index);
        if (value.isEmpty() && sum.isEmpty()) {
            return; // base values alone
        }
        if (name.isEmpty()) {
            throw new MalformedJson("record " + index + " has no name");
        }
        if (value.isPresent()) {
            values.put(name, value.get());
            record.text("u")
                    .or(() -> base.text("bu"))
                    .ifPresent(unit -> values.put(name + "_unit", Value.of(unit)));
        }
        if (sum.isPresent()) {
            values.put(name + "_sum", sum.get());
        }
    }

    private static Optional<Value> value(Document record, Document base, int index)
            throws MalformedJson {
        for (var name : List.of("vs", "vb", "vd")) {
            if (record.find(name).isPresent()) {
                return record.find(name);
            }
        }
        // a record that names something and has no value of its own has the base value
        return record.find("v").isPresent() || record.find("n").isPresent()
                ? sum(record, base, "v", "bv", index)
                : Optional.empty();
    }

    /// The value and its base, added; empty if there is neither, or only a base of sums.
    private static Optional<Value> sum(
            Document record, Document base, String name, String baseName, int index)
            throws MalformedJson {
        var own = record.find(name);
        var added = base.find(baseName);
        if (own.isEmpty() && (added.isEmpty() || name.equals("s"))) {
            return Optional.empty();
        }
        if (!(own.orElse(Value.of(0)) instanceof Value.Numeric number)
                || !(added.orElse(Value.of(0)) instanceof Value.Numeric other)) {
            throw new MalformedJson("record " + index + ": " + name + " is no number");
        }
        if (added.isEmpty()) {
            return own;
        }
        var total = number.asDouble() + other.asDouble();
        if (!Double.isFinite(total)) {
            throw new MalformedJson("record " + index + ": " + name + " is too large");
        }
        return Optional.of(Value.of(total));
    }

    private static Document labelled(Document given, int index) throws MalformedJson {
        var record = new LinkedHashMap<String, Value>();
        for (var entry : given.values().entrySet()) {
            var name = LABELS.getOrDefault(entry.getKey(), entry.getKey());
            if (name.endsWith("_")) { // section 4.4: whoever does not know it must not go on
                throw new MalformedJson("record " + index + ": unknown field " + name);
            }
            record.put(name, entry.getValue());
        }
        return new Document(record);
    }

    @Override
    public Encoding encode(Document data, Document variables) {
        var records = new ArrayList<Value>();
        for (var entry : data.values().entrySet()) {
            var field =
                    switch (entry.getValue()) {
                        case Value.Numeric _ -> "v";
                        case Value.Text _ -> "vs";
                        case Value.Bool _ -> "vb";
                        case Value.Null _, Value.Array _, Document _ -> "";
                    };
            if (field.isEmpty()) {
                return CodecFailed.of(
                        CodecFailed.Reason.REFUSED,
                        "'" + Excerpt.of(entry.getKey(), 64) + "' is no number, text or boolean",
                        Excerpt.of(Json.write(data), CodecFailed.INPUT_CHARS_MAX));
            }
            records.add(Document.of("n", Value.of(entry.getKey())).with(field, entry.getValue()));
        }
        return new Encoding.Encoded(
                Json.bytes(new Value.Array(records)), OptionalInt.empty(), List.of());
    }
}
