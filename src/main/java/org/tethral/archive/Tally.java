package org.tethral.archive;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// Counts rows, and adds up a sum of them that does not depend on their order: of each row's line,
/// without its end, the first 128 bits of SHA-256, added modulo 2^128. Tells whether two tables
/// have the same rows; does not tell who wrote them.
public final class Tally {

    /// @param checksum 32 hex digits
    public record Total(long rows, String checksum) {}

    private final MessageDigest digest = sha256();
    private long rows;
    private long high;
    private long low;

    /// Takes the row that stands in the line, which begins anew.
    public void add(Line line) {
        var utf8 = line.utf8();
        line.clear();
        add(utf8, utf8.length);
    }

    void add(byte[] line, int length) {
        digest.update(line, 0, length);
        var hash = ByteBuffer.wrap(digest.digest());
        high += hash.getLong();
        var part = hash.getLong();
        low += part;
        if (Long.compareUnsigned(low, part) < 0) {
            high++;
        }
        rows++;
    }

    long rows() {
        return rows;
    }

    public Total total() {
        return new Total(rows, "%016x%016x".formatted(high, low));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
