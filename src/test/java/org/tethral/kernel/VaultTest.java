package org.tethral.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.Test;

class VaultTest {

    private final Random random = new Random(7);
    private final Vault vault = Vault.parse(Vault.newKey(random), random);

    @Test
    void opensWhatItSealed() {
        var secret = "correct horse".getBytes(StandardCharsets.UTF_8);
        assertThat(vault.open(vault.seal(secret, "one"), "one")).hasValue(secret);
        assertThat(vault.open(vault.seal(new byte[0], ""), "")).hasValue(new byte[0]);
    }

    @Test
    void sealsTheSameSecretDifferentlyEachTime() {
        var secret = new byte[16];
        assertThat(vault.seal(secret, "one")).isNotEqualTo(vault.seal(secret, "one"));
    }

    @Test
    void opensNothingForAnotherOwnerOrWithAnotherKey() {
        var sealed = vault.seal(new byte[16], "one");
        assertThat(vault.open(sealed, "two")).isEmpty();
        assertThat(Vault.parse(Vault.newKey(random), random).open(sealed, "one")).isEmpty();
    }

    @Test
    void noticesEachChangedBit() {
        var sealed = vault.seal(new byte[] {1, 2, 3}, "one");
        var bytes = Base64.getDecoder().decode(sealed.substring(3));
        for (int i = 0; i < bytes.length * 8; i++) {
            bytes[i / 8] ^= (byte) (1 << i % 8);
            assertThat(vault.open("v1." + Base64.getEncoder().encodeToString(bytes), "one"))
                    .isEmpty();
            bytes[i / 8] ^= (byte) (1 << i % 8);
        }
    }

    @Test
    void opensNothingThatWasNeverSealed() {
        for (var text : new String[] {"", "v1.", "v1.AAAA", "v2.AAAA", "v1.no base64", "plain"}) {
            assertThat(vault.open(text, "one")).as(text).isEmpty();
        }
    }

    @Test
    void takesKeysOf32BytesOnly() {
        assertThatThrownBy(() -> Vault.parse("c2hvcnQ=", random))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("32 bytes");
        assertThatThrownBy(() -> Vault.parse("no base64!", random))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
