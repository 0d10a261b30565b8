package org.tethral.sql;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;
import org.tethral.kernel.StorageException;

/// What an error of a database means for whoever asked.
///
/// Only what is certainly the fault of the values is [StorageException.Cause#REFUSED], as such a
/// message is dropped; a missing table, a full disk or a lost permission can be mended, and the
/// work then succeeds.
final class SqlErrors {

    private SqlErrors() {}

    static StorageException of(String doing, SQLException e) {
        return new StorageException(kind(e), doing, e);
    }

    static StorageException.Cause kind(SQLException e) {
        var sqlite = sqlite(e);
        return sqlite == null ? kindOfState(e.getSQLState()) : kindOfSqlite(sqlite);
    }

    /// True where a row with that key is there already.
    static boolean isDuplicate(SQLException e) {
        var sqlite = sqlite(e);
        return sqlite == null
                ? "23505".equals(state(e))
                : sqlite == SQLiteErrorCode.SQLITE_CONSTRAINT_UNIQUE
                        || sqlite == SQLiteErrorCode.SQLITE_CONSTRAINT_PRIMARYKEY;
    }

    /// True where a row that is referred to is not there, or one that is referred to would go.
    static boolean isMissingReference(SQLException e) {
        var sqlite = sqlite(e);
        return sqlite == null
                ? "23503".equals(state(e))
                : sqlite == SQLiteErrorCode.SQLITE_CONSTRAINT_FOREIGNKEY;
    }

    /// True where two rows would claim the same time.
    static boolean isOverlap(SQLException e) {
        var sqlite = sqlite(e);
        return sqlite == null
                ? "23P01".equals(state(e))
                : sqlite == SQLiteErrorCode.SQLITE_CONSTRAINT_TRIGGER;
    }

    /// A batch's exception carries the one that says why.
    private static @Nullable SQLiteErrorCode sqlite(SQLException e) {
        for (SQLException one = e; one != null; one = one.getNextException()) {
            if (one instanceof SQLiteException known) {
                return known.getResultCode();
            }
            if (one.getCause() instanceof SQLiteException known) {
                return known.getResultCode();
            }
        }
        return null;
    }

    private static @Nullable String state(SQLException e) {
        var state = e.getSQLState();
        var next = e.getNextException();
        return state == null && next != null ? next.getSQLState() : state;
    }

    private static StorageException.Cause kindOfSqlite(SQLiteErrorCode code) {
        return switch (SQLiteErrorCode.getErrorCode(code.code & 0xff)) {
            case SQLITE_CONSTRAINT, SQLITE_TOOBIG, SQLITE_MISMATCH, SQLITE_RANGE ->
                    StorageException.Cause.REFUSED;
            // somebody else (a shell) wrote between this transaction's first read and its first
            // write
            case SQLITE_BUSY ->
                    code == SQLiteErrorCode.SQLITE_BUSY_SNAPSHOT
                            ? StorageException.Cause.CONFLICT
                            : StorageException.Cause.UNAVAILABLE;
            // an enumeration of the driver, with more than 100 codes: all others are trouble of the
            // file or the disk
            default -> StorageException.Cause.UNAVAILABLE;
        };
    }

    /// Classes of SQLSTATE: 22 data exception, 23 integrity constraint, 21 cardinality, 54 program
    /// limit, 40 rollback.
    private static StorageException.Cause kindOfState(@Nullable String state) {
        if (state == null || state.length() != 5) {
            return StorageException.Cause.UNAVAILABLE;
        }
        if (state.equals("40001") || state.equals("40P01")) {
            return StorageException.Cause.CONFLICT;
        }
        return switch (state.substring(0, 2)) {
            case "21", "22", "23", "54" -> StorageException.Cause.REFUSED;
            default -> StorageException.Cause.UNAVAILABLE;
        };
    }
}
