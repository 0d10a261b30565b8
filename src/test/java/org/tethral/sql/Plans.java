package org.tethral.sql;

/// How an engine goes about a statement, for tests that write it themselves; see [Explained].
record Plans(Database database) {

    String explain() {
        return database.dialect().choose("EXPLAIN QUERY PLAN ", "EXPLAIN ");
    }

    /// @param statement begins with [#explain]
    String of(SqlWork<Sql> statement) {
        return database.read(
                "explain",
                session ->
                        String.join(
                                        "\n",
                                        statement
                                                .run(session)
                                                .list(row ->
                                                        row.text(
                                                                switch (database.dialect()) {
                                                                    case SQLITE -> "detail";
                                                                    case POSTGRESQL -> "QUERY PLAN";
                                                                    case COCKROACHDB -> "info";
                                                                })))
                                + "\n");
    }
}
