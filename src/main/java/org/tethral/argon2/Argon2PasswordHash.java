package org.tethral.argon2;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.concurrent.Semaphore;
import java.util.random.RandomGenerator;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;
import org.tethral.account.PasswordHash;
import org.tethral.kernel.Secret;

/// Argon2id with the parameters of the OWASP Password Storage Cheat Sheet: 19 MiB, two passes, one
/// lane. Takes some 20 ms of processor time and 19 MiB for that long; whoever finds
/// [#CONCURRENT_MAX] at work waits for one to end.
public final class Argon2PasswordHash implements PasswordHash {

    /// 19 MiB each, so that a crowd of devices that log in at once does not take all memory.
    static final int CONCURRENT_MAX = 2;

    private static final int MEMORY_KIBIBYTES = 19 * 1024;
    private static final int ITERATIONS = 2;
    private static final int PARALLELISM = 1;
    private static final int SALT_BYTES = 16;
    private static final int HASH_BYTES = 32;

    private final Semaphore room = new Semaphore(CONCURRENT_MAX);
    private final RandomGenerator salts;

    /// @param salts a cryptographically strong one
    public Argon2PasswordHash(RandomGenerator salts) {
        this.salts = salts;
    }

    @Override
    public String hash(Secret password) {
        var salt = new byte[SALT_BYTES];
        salts.nextBytes(salt);
        var asked =
                new PhcString(
                        MEMORY_KIBIBYTES, ITERATIONS, PARALLELISM, salt, new byte[HASH_BYTES]);
        var hash = compute(password, asked);
        return new PhcString(MEMORY_KIBIBYTES, ITERATIONS, PARALLELISM, salt, hash).toString();
    }

    /// Computes with the parameters that the hash was made with. False for a text that is no
    /// Argon2id hash.
    @Override
    public boolean matches(Secret password, String phc) {
        var kept = PhcString.parse(phc);
        return kept.isPresent()
                && MessageDigest.isEqual(compute(password, kept.get()), kept.get().hash());
    }

    private byte[] compute(Secret password, PhcString phc) {
        var generator = new Argon2BytesGenerator();
        var hash = new byte[phc.hash().length];
        room.acquireUninterruptibly();
        try {
            generator.init(
                    new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
                            .withVersion(Argon2Parameters.ARGON2_VERSION_13)
                            .withMemoryAsKB(phc.memoryKibibytes())
                            .withIterations(phc.iterations())
                            .withParallelism(phc.parallelism())
                            .withSalt(phc.salt())
                            .build());
            generator.generateBytes(password.reveal().getBytes(StandardCharsets.UTF_8), hash);
        } finally {
            room.release();
        }
        return hash;
    }
}
