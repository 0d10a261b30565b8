package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// `docs/storage.md` is what people query by.
@EachEngine
class StorageDocumentTest {

    private static final Pattern QUERY =
            Pattern.compile("```sql ?(\\w*)\\n(.*?)```", Pattern.DOTALL);

    private final Database database;
    private final String document;

    StorageDocumentTest(TestDatabase test) throws IOException {
        this.database = test.database();
        this.document = Files.readString(Path.of("docs/storage.md"));
    }

    @Test
    void hasQueriesThatRun() {
        var engine = database.dialect() == Dialect.SQLITE ? "sqlite" : "postgresql";
        var queries = new ArrayList<String>();
        QUERY.matcher(document)
                .results()
                .filter(found -> List.of("", engine).contains(found.group(1)))
                .forEach(found -> queries.add(found.group(2)));
        assertThat(queries).hasSizeGreaterThan(5);
        for (var query : queries) {
            var runnable =
                    query.strip()
                            .replaceAll("\\$__timeFilter\\((.*?)\\)", "$1 > '2026-01-01Z'")
                            .replace("$__from", "0")
                            .replace("$__to", "1784030000000")
                            .replace(" ? ", " ?? ") // the operator, to this driver
                            .replaceAll(";$", "");
            database.read(
                    runnable,
                    session -> {
                        session.sql(runnable).each(_ -> {});
                        return true;
                    });
        }
    }

    @Test
    void namesEveryTable() {
        var count = 0;
        if (Schema.of(database).find("tables").orElseThrow() instanceof Value.Array(var tables)) {
            for (var table : tables) {
                assertThat(document)
                        .contains("`" + ((Document) table).text("name").orElseThrow() + "`");
                count++;
            }
        }
        assertThat(count).isGreaterThan(15);
    }
}
