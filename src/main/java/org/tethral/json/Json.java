package org.tethral.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.regex.Pattern;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// Reads and writes JSON (RFC 8259). Refuses duplicate names, numbers beyond a double, more than
/// [#DEPTH_MAX] levels, the character U+0000, which PostgreSQL cannot keep, and halves of
/// characters, which nobody can.
public final class Json {

    public static final int DEPTH_MAX = 32;

    private static final JsonFactory FACTORY =
            JsonFactory.builder()
                    .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(DEPTH_MAX)
                                    .maxNumberLength(400)
                                    .build())
                    .build();

    /// What Jackson says of a source that it was told not to show.
    private static final Pattern SOURCE =
            Pattern.compile("\\[Source: .*?; ?|(?<=column: \\d{1,9})]");

    private Json() {}

    public static Value parse(byte[] utf8) throws MalformedJson {
        return parse(utf8, 0, utf8.length);
    }

    public static Value parse(byte[] utf8, int offset, int length) throws MalformedJson {
        try (var parser = FACTORY.createParser(utf8, offset, length)) {
            return whole(parser);
        } catch (JsonProcessingException e) {
            throw malformed(e);
        } catch (IOException e) {
            throw new MalformedJson("not UTF-8 text: " + e.getMessage());
        }
    }

    public static Value parse(String text) throws MalformedJson {
        return parse(text.getBytes(StandardCharsets.UTF_8));
    }

    public static Document parseObject(byte[] utf8) throws MalformedJson {
        return object(parse(utf8));
    }

    public static Document parseObject(String text) throws MalformedJson {
        return object(parse(text));
    }

    /// @throws IllegalArgumentException a text that no parser here would have let in
    public static String write(Value value) {
        var text = new StringWriter(128);
        try (var generator = FACTORY.createGenerator(text)) {
            write(value, generator);
        } catch (IOException e) {
            throw new UncheckedIOException("write to memory", e);
        }
        return text.toString();
    }

    public static byte[] bytes(Value value) {
        return write(value).getBytes(StandardCharsets.UTF_8);
    }

    private static Document object(Value value) throws MalformedJson {
        if (value instanceof Document document) {
            return document;
        }
        throw new MalformedJson("a JSON object is expected");
    }

    /// The one value of a source, in this or another encoding of the same tokens.
    static Value whole(JsonParser parser) throws IOException, MalformedJson {
        if (parser.nextToken() == null) {
            throw new MalformedJson("empty: a value is expected");
        }
        var value = read(parser);
        if (parser.nextToken() != null) {
            throw new MalformedJson("more than one value");
        }
        return value;
    }

    private static Value read(JsonParser parser) throws IOException, MalformedJson {
        return switch (parser.currentToken()) {
            case START_OBJECT -> {
                var values = new LinkedHashMap<String, Value>();
                for (var name = parser.nextFieldName();
                        name != null;
                        name = parser.nextFieldName()) {
                    parser.nextToken();
                    if (values.put(clean(name), read(parser)) != null) {
                        throw new MalformedJson("the name '" + name + "' is there twice");
                    }
                }
                yield new Document(values);
            }
            case START_ARRAY -> {
                var items = new ArrayList<Value>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    items.add(read(parser));
                }
                yield new Value.Array(items);
            }
            case VALUE_STRING -> new Value.Text(clean(parser.getText()));
            case VALUE_NUMBER_INT -> integer(parser);
            case VALUE_NUMBER_FLOAT -> number(parser.getDoubleValue());
            case VALUE_TRUE -> Value.Bool.TRUE;
            case VALUE_FALSE -> Value.Bool.FALSE;
            case VALUE_NULL -> Value.Null.NULL;
            case VALUE_EMBEDDED_OBJECT ->
                    throw new MalformedJson("bytes cannot be kept: send them as text");
            case NOT_AVAILABLE, END_OBJECT, END_ARRAY, FIELD_NAME ->
                    throw new MalformedJson("not a value");
        };
    }

    private static Value integer(JsonParser parser) throws IOException, MalformedJson {
        return switch (parser.getNumberType()) {
            case INT, LONG -> new Value.Numeric(parser.getLongValue());
            case BIG_INTEGER, FLOAT, DOUBLE, BIG_DECIMAL -> number(parser.getDoubleValue());
        };
    }

    private static Value number(double value) throws MalformedJson {
        if (!Double.isFinite(value)) {
            throw new MalformedJson("a number is too large");
        }
        return new Value.Numeric(value);
    }

    private static String clean(String text) throws MalformedJson {
        for (int i = 0; i < text.length(); i++) {
            var c = text.charAt(i);
            if (c == '\0') {
                throw new MalformedJson("the character U+0000 cannot be kept");
            }
            if (Character.isSurrogate(c)) {
                if (i + 1 == text.length() || !Character.isSurrogatePair(c, text.charAt(i + 1))) {
                    throw new MalformedJson("half of a surrogate pair is no character");
                }
                i++;
            }
        }
        if (!isWellFormed(text)) {
            throw new MalformedJson("half of a surrogate pair is no character");
        }
        return text;
    }

    /// Text that every store keeps as it is.
    private static String storable(String text) {
        if (text.indexOf('\0') >= 0 || !isWellFormed(text)) {
            throw new IllegalArgumentException("a text holds what is no character, or U+0000");
        }
        return text;
    }

    private static boolean isWellFormed(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                if (i + 1 == text.length()
                        || !Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1))) {
                    return false;
                }
                i++;
            }
        }
        return true;
    }

    static void write(Value value, JsonGenerator generator) throws IOException {
        switch (value) {
            case Document document -> {
                generator.writeStartObject();
                for (var entry : document.values().entrySet()) {
                    generator.writeFieldName(storable(entry.getKey()));
                    write(entry.getValue(), generator);
                }
                generator.writeEndObject();
            }
            case Value.Array(var items) -> {
                generator.writeStartArray();
                for (var item : items) {
                    write(item, generator);
                }
                generator.writeEndArray();
            }
            case Value.Text(var text) -> generator.writeString(storable(text));
            case Value.Numeric(var number) -> {
                if (number instanceof Long whole) {
                    generator.writeNumber(whole);
                } else {
                    generator.writeNumber(number.doubleValue());
                }
            }
            case Value.Bool truth -> generator.writeBoolean(truth == Value.Bool.TRUE);
            case Value.Null _ -> generator.writeNull();
        }
    }

    private static MalformedJson malformed(JsonProcessingException e) {
        var at = e.getLocation();
        var where =
                at == null ? "" : " (line " + at.getLineNr() + ", column " + at.getColumnNr() + ")";
        var what =
                SOURCE.matcher(e.getOriginalMessage().lines().findFirst().orElse(""))
                        .replaceAll("");
        return new MalformedJson("malformed JSON: " + what + where);
    }
}
