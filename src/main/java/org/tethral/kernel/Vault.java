package org.tethral.kernel;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.Optional;
import java.util.random.RandomGenerator;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// Encrypts secrets that must be readable again, which a hash does not allow: AES-256 in GCM (NIST
/// SP 800-38D). A sealed secret is `v1.` and Base64 of a nonce of 12 bytes, the text, and its tag
/// of 16; it opens only for the owner that it was sealed for, so that nobody can move it to another
/// row.
public final class Vault {

    public static final int KEY_BYTES = 32;

    private static final String VERSION = "v1.";
    private static final String CIPHER = "AES/GCM/NoPadding";
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;

    private final SecretKeySpec key;
    private final RandomGenerator random;

    /// @param random must be hard to guess, and must not repeat itself
    public Vault(byte[] key, RandomGenerator random) {
        if (key.length != KEY_BYTES) {
            throw new IllegalArgumentException("the key has " + KEY_BYTES + " bytes");
        }
        this.key = new SecretKeySpec(key, "AES");
        this.random = random;
    }

    /// A new key, in Base64: what [#parse] takes.
    public static String newKey(RandomGenerator random) {
        var bytes = new byte[KEY_BYTES];
        random.nextBytes(bytes);
        return Base64.getEncoder().encodeToString(bytes);
    }

    /// @throws IllegalArgumentException it is not 32 bytes in Base64
    public static Vault parse(String key, RandomGenerator random) {
        return new Vault(Base64.getDecoder().decode(key.strip()), random);
    }

    public String seal(byte[] secret, String owner) {
        var nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        try {
            var sealed = cipher(Cipher.ENCRYPT_MODE, nonce, owner).doFinal(secret);
            var whole =
                    ByteBuffer.allocate(NONCE_BYTES + sealed.length).put(nonce).put(sealed).array();
            return VERSION + Base64.getEncoder().encodeToString(whole);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has AES-GCM", e);
        }
    }

    /// Empty: it was sealed with another key or for another owner, or it was changed.
    public Optional<byte[]> open(String sealed, String owner) {
        if (!sealed.startsWith(VERSION)) {
            return Optional.empty();
        }
        try {
            var whole = Base64.getDecoder().decode(sealed.substring(VERSION.length()));
            if (whole.length < NONCE_BYTES) {
                return Optional.empty();
            }
            var nonce = java.util.Arrays.copyOf(whole, NONCE_BYTES);
            return Optional.of(
                    cipher(Cipher.DECRYPT_MODE, nonce, owner)
                            .doFinal(whole, NONCE_BYTES, whole.length - NONCE_BYTES));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private Cipher cipher(int mode, byte[] nonce, String owner) throws GeneralSecurityException {
        var cipher = Cipher.getInstance(CIPHER);
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(owner.getBytes(StandardCharsets.UTF_8));
        return cipher;
    }
}
