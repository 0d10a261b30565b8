package org.tethral.archive;

/// The file is no backup, is damaged, incomplete, or of a later program. The message says which, as
/// the end of a sentence that names the file.
public final class UnusableBackup extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public UnusableBackup(String message) {
        super(message);
    }

    UnusableBackup(String message, Throwable cause) {
        super(message, cause);
    }
}
