package org.tethral.payload;

/// A message that cannot be used; says why, for the person who wrote the device's program.
public final class Malformed extends Exception {
    private static final long serialVersionUID = 1L;

    public Malformed(String reason) {
        super(reason, null, false, false);
    }
}
