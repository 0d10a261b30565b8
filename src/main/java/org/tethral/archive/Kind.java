package org.tethral.archive;

import java.util.Locale;

/// What a column's values are in a backup. An engine that knows more of them (times, truth values,
/// ids) keeps that to itself: a time is an INTEGER of microseconds since 1970, a truth value 0 or
/// 1, an id TEXT in lower case.
public enum Kind {
    TEXT,
    INTEGER,
    REAL,
    /// Any JSON value.
    JSON,
    /// In Base64.
    BYTES;

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Kind parse(String word) {
        for (var kind : values()) {
            if (kind.word().equals(word)) {
                return kind;
            }
        }
        throw new UnusableBackup("it has values of an unknown type, " + word);
    }
}
