package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// Indexes that were added to a live database can be taken away again, and added again.
@EachEngine
class UndoTest {

    private static final String LISTS = "V16__lists.sql";
    private static final Pattern CREATED = Pattern.compile("CREATE INDEX .*IF NOT EXISTS (\\w+)");

    private final TestDatabase test;
    private final String engine;

    UndoTest(TestDatabase test) {
        this.test = test;
        this.engine = test.database().dialect().choose("sqlite", "postgresql");
    }

    @Test
    void takesAwayWhatTheScriptAddsAndAddsItAgain() throws Exception {
        var script =
                script("db/" + engine + "/" + LISTS).replace("${concurrently}", "CONCURRENTLY");
        var added = CREATED.matcher(script).results().map(found -> found.group(1)).toList();
        assertThat(added).hasSizeGreaterThan(2);
        assertThat(indexes(test)).containsAll(added);
        run(script("db/undo/" + engine + "/" + LISTS));
        assertThat(indexes(test)).doesNotContainAnyElementsOf(added);
        run(script);
        assertThat(indexes(test)).containsAll(added);
        run(script);
        assertThat(indexes(test)).containsAll(added);
    }

    private static String script(String name) throws IOException {
        try (var file = UndoTest.class.getClassLoader().getResourceAsStream(name)) {
            return new String(Objects.requireNonNull(file).readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private void run(String script) throws SQLException {
        try (var connection = test.connect();
                var statement = connection.createStatement()) {
            for (var one : script.replaceAll("(?m)^--.*$", "").split(";", -1)) {
                if (!one.isBlank()) {
                    statement.execute(one);
                }
            }
        }
    }

    private static List<String> indexes(TestDatabase test) {
        var names = new ArrayList<String>();
        test.database()
                .read(
                        "list indexes",
                        session -> {
                            session.sql(
                                            session.dialect()
                                                    .choose(
                                                            "SELECT name FROM sqlite_schema WHERE type = 'index'",
                                                            "SELECT indexname AS name FROM pg_indexes"))
                                    .each(row -> names.add(row.text("name")));
                            return true;
                        });
        return names;
    }
}
