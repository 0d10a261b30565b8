package org.tethral.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Codecs as they were published, in a clone of a repository that the environment variable
/// `TETHRAL_CODECS` names: each `NAME.js` with a `test_decode_NAME.json` or
/// `test_encode_NAME.json`.
class CodecRepositoryTest {

    @Tag("soak")
    @Test
    void decodesThePublishedVectorsOfPublishedCodecs() throws Exception {
        var clone = System.getenv("TETHRAL_CODECS");
        assumeTrue(clone != null, "TETHRAL_CODECS names no directory");
        var vectors = new CodecVectors();
        var scripts = 0;
        var count = 0;
        var faults = new ArrayList<String>();
        try (var files = Files.walk(Path.of(clone))) {
            for (var file : files.filter(it -> it.toString().endsWith(".js")).sorted().toList()) {
                try {
                    var found = vectors.check(file);
                    scripts += found > 0 ? 1 : 0;
                    count += found;
                } catch (AssertionError e) {
                    faults.add(file + ": " + e.getMessage());
                }
            }
        }
        System.out.println(count + " vectors of " + scripts + " codecs are decoded as published");
        assertThat(faults).isEmpty();
        assertThat(count).isPositive();
    }
}
