package org.tethral.cli;

import org.jspecify.annotations.Nullable;

/// What was asked for cannot be done. The message is the one line that a person gets to read, so it
/// says what is wrong and, where that is known, what to do.
public final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// The program's exit code when something cannot be done, and when it was asked in a wrong way.
    public static final int FAILED = 1;

    public static final int MISUSED = 2;

    private final int exitCode;

    private Failure(int exitCode, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.exitCode = exitCode;
    }

    public static Failure failed(String message) {
        return new Failure(FAILED, message, null);
    }

    public static Failure failed(String message, Throwable cause) {
        return new Failure(FAILED, message, cause);
    }

    /// A wrong argument or setting.
    public static Failure misused(String message) {
        return new Failure(MISUSED, message, null);
    }

    public int exitCode() {
        return exitCode;
    }
}
