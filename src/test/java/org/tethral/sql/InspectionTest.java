package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.sql.Devices.NOW;

import org.junit.jupiter.api.Test;

@EachEngine
class InspectionTest {

    private final Database database;

    InspectionTest(TestDatabase test) {
        this.database = test.database();
    }

    @Test
    void tellsTheSchemaTheSizeAndWhoShareTheDatabase() {
        var nodes = new SqlNodes(database);
        nodes.beat("node-b", NOW);
        nodes.beat("node-a", NOW);
        nodes.beat("node-a", NOW.plusSeconds(5));
        var found = new SqlInspection(database).look();
        assertThat(found.schema()).isEqualTo(Migrations.newest(database.dialect()));
        if (database.dialect() == Dialect.COCKROACHDB) {
            assertThat(found.bytes()).isNull();
        } else {
            assertThat(found.bytes()).isGreaterThan(100_000);
        }
        assertThat(found.nodes())
                .containsExactly(
                        new SqlInspection.Node("node-a", NOW, NOW.plusSeconds(5)),
                        new SqlInspection.Node("node-b", NOW, NOW));
    }
}
