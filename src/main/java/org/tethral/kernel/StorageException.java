package org.tethral.kernel;

/// The database did not do what was asked. The message says what was being done.
public class StorageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Cause kind;

    /// Why, as far as it decides what to do next.
    public enum Cause {
        /// The database is away, full, read-only or out of time: the same work may succeed later.
        UNAVAILABLE,
        /// Somebody else changed the same rows first, or a serialization failure: do the work again
        /// now.
        CONFLICT,
        /// The database will never take these values.
        REFUSED
    }

    public StorageException(Cause kind, String doing, Throwable cause) {
        super(doing + ": " + cause.getMessage(), cause);
        this.kind = kind;
    }

    public StorageException(Cause kind, String doing) {
        super(doing);
        this.kind = kind;
    }

    public Cause kind() {
        return kind;
    }
}
