package org.tethral.json;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.tethral.kernel.Value;

/// Reads and writes CBOR (RFC 8949), as far as JSON can say the same: maps with names as keys,
/// arrays, text, numbers, booleans, null. It refuses what [Json] refuses, and byte strings. Tags
/// are passed over.
public final class Cbor {

    private static final CBORFactory FACTORY =
            CBORFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(Json.DEPTH_MAX)
                                    .maxNumberLength(400)
                                    .build())
                    .build();

    private Cbor() {}

    public static Value parse(byte[] cbor) throws MalformedJson {
        try (var parser = FACTORY.createParser(cbor)) {
            return Json.whole(parser);
        } catch (JsonProcessingException e) {
            throw malformed(
                    e.getOriginalMessage().lines().findFirst().orElse(""),
                    e.getLocation() == null ? -1 : e.getLocation().getByteOffset());
        } catch (IOException e) {
            throw malformed(String.valueOf(e.getMessage()), -1);
        }
    }

    public static byte[] bytes(Value value) {
        var bytes = new ByteArrayOutputStream(128);
        try (var generator = FACTORY.createGenerator(bytes)) {
            Json.write(value, generator);
        } catch (IOException e) {
            throw new UncheckedIOException("write to memory", e);
        }
        return bytes.toByteArray();
    }

    private static MalformedJson malformed(String what, long offset) {
        return new MalformedJson(
                "malformed CBOR: " + what + (offset < 0 ? "" : " (at byte " + offset + ")"));
    }
}
