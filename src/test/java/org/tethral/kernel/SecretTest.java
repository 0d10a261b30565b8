package org.tethral.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.util.HashSet;
import org.junit.jupiter.api.Test;

final class SecretTest {

    @Test
    void isNeverPrintedByAccident() {
        var secret = Secret.generate("tethral_dev_", new SecureRandom());

        assertThat(secret.toString()).doesNotContain(secret.reveal());
        assertThat("" + secret).isEqualTo("Secret[…]");
    }

    /// The vector of FIPS 180-2 for "abc".
    @Test
    void hashesAsTheStandardSays() {
        assertThat(new Secret("abc").sha256())
                .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    @Test
    void neverGeneratesTheSameTwice() {
        var random = new SecureRandom();
        var seen = new HashSet<String>();
        for (int i = 0; i < 10_000; i++) {
            assertThat(seen.add(Secret.generate("p_", random).reveal())).isTrue();
        }
    }

    @Test
    void matchesItsLikeOnly() {
        assertThat(new Secret("same").matches(new Secret("same"))).isTrue();
        assertThat(new Secret("same").matches(new Secret("sane"))).isFalse();
        assertThat(new Secret("same").matches(new Secret("same "))).isFalse();
    }
}
