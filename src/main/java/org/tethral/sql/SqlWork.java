package org.tethral.sql;

import java.sql.SQLException;

/// What is done with a session. May be run twice, so it holds SQL and nothing else that has an
/// effect.
@FunctionalInterface
interface SqlWork<T> {

    T run(Session session) throws SQLException;

    /// Part of such work, inside its transaction.
    @FunctionalInterface
    interface Question<T> {

        T ask() throws SQLException;
    }
}
