package org.tethral.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/// A program that is always the same, and has room for one backup.
final class MachineryRig {

    private MachineryRig() {}

    static Machinery machinery() {
        var taken = new AtomicInteger();
        var at = Instant.parse("2026-01-01T00:00:00Z");
        return new Machinery(
                () ->
                        new Machinery.View(
                                new Machinery.About("1", "test", at, at, "25", 2, 0.5),
                                new Machinery.Store("SQLite", 1, null, null),
                                List.of(new Machinery.Load("ingest lane 0", "messages", 1, 2)),
                                List.of(new Machinery.Breaker("thingspeak", Map.of("open", 1L))),
                                Map.of("messages_stored", 1L),
                                List.of(new Machinery.Node("test", at, at)),
                                new Machinery.Backups(
                                        "/backups",
                                        false,
                                        null,
                                        List.of(new Machinery.Backup("a.backup", 1, at)))),
                () ->
                        switch (taken.getAndIncrement()) {
                            case 0 -> new Machinery.Begun.Started("b.backup");
                            case 1 -> new Machinery.Begun.Running();
                            default -> new Machinery.Begun.TooMany(2);
                        });
    }

    /// Each of its operations, as a client would.
    static void call(ApiServer server) {
        assertThat(server.get("/api/v1/system").text("version")).isEqualTo("1");
        var begun = server.post("/api/v1/system/backups", "");
        assertThat(begun.status()).isEqualTo(202);
        assertThat(begun.text("name")).isEqualTo("b.backup");
        for (var type : List.of("backup-under-way", "too-many")) {
            var refused = server.post("/api/v1/system/backups", "");
            assertThat(refused.status()).isEqualTo(409);
            assertThat(refused.text("type")).endsWith(type);
        }
    }
}
