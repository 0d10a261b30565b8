package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.tethral.json.Json;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

@EachEngine
class SchemaTest {

    private final TestDatabase test;
    private final Document schema;

    SchemaTest(TestDatabase test) {
        this.test = test;
        this.schema = Schema.of(test.database());
    }

    @Test
    void namesTheDatabaseAndItsTables() {
        assertThat(schema.text("database").orElse("")).contains(test.url().describe());
        assertThat(schema.text("version"))
                .contains(Integer.toString(Migrations.newest(test.database().dialect())));
        assertThat(named(schema, "tables"))
                .contains(
                        "api_keys",
                        "communities",
                        "customers",
                        "device_connection_logs",
                        "device_credentials",
                        "device_lifecycle_log",
                        "device_profiles",
                        "device_state_snapshots",
                        "device_states",
                        "devices",
                        "distributors",
                        "events",
                        "inbox",
                        "message_receipts",
                        "reading_rollups",
                        "state_changes")
                .doesNotContain("flyway_schema_history", "device_state_snapshots_default")
                .isSorted();
    }

    @Test
    void tellsOfEachColumnItsTypeAndWhetherItMayBeEmpty() {
        var sqlite = test.database().dialect() == Dialect.SQLITE;
        var devices = table("devices");
        assertThat(named(devices, "columns")).startsWith("id", "device_id", "name");
        assertThat(one(devices, "columns", "id"))
                .isEqualTo(
                        Document.of("name", Value.of("id"))
                                .with("type", Value.of(sqlite ? "TEXT" : "uuid"))
                                .with("nullable", Value.of(false))
                                .with("key", Value.of(true)));
        assertThat(one(devices, "columns", "overdue_at"))
                .isEqualTo(
                        Document.of("name", Value.of("overdue_at"))
                                .with(
                                        "type",
                                        Value.of(sqlite ? "INTEGER" : "timestamp with time zone"))
                                .with("nullable", Value.of(true))
                                .with("key", Value.of(false)));
        assertThat(one(devices, "columns", "version").text("default")).contains("1");
    }

    @Test
    void tellsOfEachIndexItsColumnsAndCondition() {
        assertThat(
                        one(table("state_changes"), "indexes", "state_changes_by_device")
                                .find("columns")
                                .map(Json::write))
                .hasValueSatisfying(
                        columns -> assertThat(columns).startsWith("[\"device_id\",\"timestamp\""));
        assertThat(one(table("devices"), "indexes", "devices_overdue").text("where"))
                .hasValueSatisfying(condition -> assertThat(condition).startsWith("is_online"));
        assertThat(Json.write(table("device_credentials")))
                .contains("\"columns\":[\"type\",\"identity\"],\"unique\":true");
    }

    private Document table(String name) {
        return one(schema, "tables", name);
    }

    private static Document one(Document document, String list, String name) {
        return items(document, list).stream()
                .filter(item -> item.text("name").orElse("").equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static List<String> named(Document document, String list) {
        return items(document, list).stream().map(item -> item.text("name").orElse("")).toList();
    }

    private static List<Document> items(Document document, String list) {
        return document.find(list).orElseThrow() instanceof Value.Array(var items)
                ? items.stream().map(Document.class::cast).toList()
                : List.of();
    }
}
