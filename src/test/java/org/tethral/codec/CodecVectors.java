package org.tethral.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// Runs codecs against vectors in the form of ChirpStack's device-profile repository.
final class CodecVectors {

    private static final Instant AT = Instant.parse("2026-05-01T12:00:00Z");

    private final JavaScriptKind kind = new JavaScriptKind();

    /// Checks all vectors beside a codec, and says how many there were.
    int check(Path codec) throws IOException {
        var name = codec.getFileName().toString().replaceFirst("\\.js$", "");
        var script = kind.open(Files.readString(codec));
        var count = 0;
        for (var vector : vectors(codec.resolveSibling("test_decode_" + name + ".json"))) {
            var expected = object(vector, "expected");
            var decoding = script.decode(uplink(object(vector, "input")));
            var what = codec + ": " + vector.text("name").orElse("");
            if (expected.find("data").orElse(Value.Null.NULL) instanceof Document data) {
                assertThat(decoding)
                        .as(what)
                        .isInstanceOfSatisfying(
                                Decoding.Decoded.class,
                                it -> assertThat(it.data()).as(what).isEqualTo(data));
            } else {
                assertThat(decoding).as(what).isInstanceOf(CodecFailed.class);
            }
            count++;
        }
        for (var vector : vectors(codec.resolveSibling("test_encode_" + name + ".json"))) {
            var data = object(object(vector, "input"), "data");
            var what = codec + ": " + vector.text("name").orElse("");
            assertThat(script.encode(data, Document.EMPTY))
                    .as(what)
                    .isInstanceOfSatisfying(
                            Encoding.Encoded.class,
                            it -> {
                                var expected = object(vector, "expected");
                                assertThat(it.bytes()).as(what).isEqualTo(bytes(expected));
                                expected.find("fPort")
                                        .ifPresent(port ->
                                                assertThat(Value.of(it.port().orElseThrow()))
                                                        .isEqualTo(port));
                            });
            count++;
        }
        return count;
    }

    /// They have comments and hexadecimal numbers: they are JavaScript.
    private List<Document> vectors(Path file) throws IOException {
        if (!Files.exists(file)) {
            return List.of();
        }
        var script = "decodeUplink = () => ({data: {all: " + Files.readString(file) + "\n}})";
        var decoding = kind.open(script).decode(new Uplink(new byte[0], 1, AT, Document.EMPTY));
        assertThat(decoding).as(file.toString()).isInstanceOf(Decoding.Decoded.class);
        var all = ((Decoding.Decoded) decoding).data().find("all").orElseThrow();
        return ((Value.Array) all).items().stream().map(Document.class::cast).toList();
    }

    private static Uplink uplink(Document input) {
        var port = (Value.Numeric) input.find("fPort").orElse(Value.of(1));
        var variables =
                input.find("variables").orElse(Value.Null.NULL) instanceof Document given
                        ? given
                        : Document.EMPTY;
        return new Uplink(bytes(input), port.value().intValue(), AT, variables);
    }

    private static byte[] bytes(Document document) {
        var items = ((Value.Array) document.find("bytes").orElseThrow()).items();
        var bytes = new byte[items.size()];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = ((Value.Numeric) items.get(i)).value().byteValue();
        }
        return bytes;
    }

    private static Document object(Document document, String name) {
        return (Document) document.find(name).orElseThrow();
    }
}
