package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.tethral.archive.Layout;

/// What a backup carries, by what the databases themselves say they have.
class CatalogueTest {

    private static final TestDatabase SQLITE = TestDatabase.sqlite();
    private static final TestDatabase POSTGRESQL = TestDatabase.postgresql();

    @AfterAll
    static void remove() {
        SQLITE.close();
        POSTGRESQL.close();
    }

    /// A new table or column is carried by itself, if it is the same on both engines and of types
    /// for which there is a rule; one that shall not be carried is named in LEFT_OUT, with a
    /// reason.
    @Test
    void carriesTheSameTablesAndColumnsOnEveryEngine() {
        assertThat(layouts(SQLITE)).isEqualTo(layouts(POSTGRESQL)).hasSizeGreaterThan(25);
    }

    @Test
    void knowsJsonAndBytesFromText() {
        var devices = layouts(SQLITE).get("devices");
        assertThat(devices).isNotNull();
        assertThat(String.valueOf(devices))
                .contains("name=metadata, kind=JSON")
                .contains("name=name, kind=TEXT")
                .contains("name=created_at, kind=INTEGER");
        assertThat(String.valueOf(layouts(SQLITE).get("mqtt_queue")))
                .contains("name=payload, kind=BYTES");
    }

    @Test
    void leavesOutOnlyWhatThereIs() {
        var known = new java.util.HashSet<String>();
        for (var test : List.of(SQLITE, POSTGRESQL)) {
            test.database()
                    .read(
                            "list columns",
                            session -> {
                                session.sql(
                                                session.dialect()
                                                        .choose(
                                                                "SELECT m.name AS t, c.name AS c FROM sqlite_schema m JOIN pragma_table_info(m.name) c",
                                                                "SELECT table_name AS t, column_name AS c FROM information_schema.columns"))
                                        .each(row -> {
                                            known.add(row.text("t"));
                                            known.add(row.text("t") + "." + row.text("c"));
                                        });
                                return known.size();
                            });
        }
        assertThat(known).containsAll(Catalogue.LEFT_OUT.keySet());
        assertThat(Catalogue.LEFT_OUT.values()).allSatisfy(why -> assertThat(why).isNotBlank());
    }

    @Test
    void refusesAColumnForWhichThereIsNoRule() {
        POSTGRESQL
                .database()
                .write(
                        "add a table",
                        session ->
                                session.sql(
                                                "CREATE TABLE odd (id BIGINT PRIMARY KEY, span INTERVAL)")
                                        .update());
        try {
            assertThatThrownBy(() -> layouts(POSTGRESQL)).hasMessageContaining("odd.span");
        } finally {
            POSTGRESQL
                    .database()
                    .write("drop a table", session -> session.sql("DROP TABLE odd").update());
        }
    }

    @Test
    void putsWhatIsReferredToFirst() {
        for (var test : List.of(SQLITE, POSTGRESQL)) {
            var names =
                    test.database().read("list tables", Catalogue::tables).stream()
                            .map(Catalogue.Table::name)
                            .toList();
            assertThat(names)
                    .containsSubsequence("communities", "device_profiles", "devices")
                    .containsSubsequence("devices", "device_credentials")
                    .containsSubsequence("event_subscriptions", "event_deliveries");
        }
    }

    @Test
    void schemasOfBothEnginesHaveOneVersion() {
        assertThat(Migrations.newest(Dialect.SQLITE))
                .isEqualTo(Migrations.newest(Dialect.POSTGRESQL));
    }

    private static Map<String, Layout> layouts(TestDatabase test) {
        var layouts = new TreeMap<String, Layout>();
        for (var table : test.database().read("list tables", Catalogue::tables)) {
            layouts.put(table.name(), table.layout());
        }
        return layouts;
    }
}
