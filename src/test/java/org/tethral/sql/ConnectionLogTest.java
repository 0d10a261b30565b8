package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.sql.Devices.NOW;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.tethral.device.ConnectionLog;
import org.tethral.device.DeviceId;
import org.tethral.device.Protocol;
import org.tethral.kernel.Page;

@EachEngine
class ConnectionLogTest {

    private final Database database;
    private final ConnectionLog log;

    ConnectionLogTest(TestDatabase test) {
        this.database = test.database();
        this.log = new SqlConnectionLog(database);
    }

    @Test
    void givesEveryEntryOnceThoughManyShareOneMoment() {
        var entries =
                IntStream.range(0, 23)
                        .mapToObj(i ->
                                new ConnectionLog.Entry(
                                        "pump",
                                        i % 2 == 0
                                                ? ConnectionLog.Kind.CONNECTED
                                                : ConnectionLog.Kind.DISCONNECTED,
                                        Protocol.WEBSOCKET,
                                        "10.0.0." + i,
                                        "node",
                                        i % 2 == 0 ? null : "closed",
                                        i % 2 == 0 ? null : Duration.ofMillis(1_500 + i),
                                        NOW.plusSeconds(i / 10)))
                        .toList();
        add(entries);
        add(
                List.of(
                        new ConnectionLog.Entry(
                                "other",
                                ConnectionLog.Kind.TIMEOUT,
                                Protocol.MQTT,
                                null,
                                "node",
                                null,
                                null,
                                NOW.plusSeconds(1))));
        var seen = new ArrayList<ConnectionLog.Entry>();
        var page = log.list(new DeviceId("pump"), Page.Request.first(5));
        while (true) {
            seen.addAll(page.items());
            if (page.next().isEmpty()) {
                break;
            }
            page = log.list(new DeviceId("pump"), new Page.Request(5, page.next().get()));
        }
        assertThat(seen).containsExactlyInAnyOrderElementsOf(entries);
        assertThat(seen)
                .extracting(ConnectionLog.Entry::at)
                .isSortedAccordingTo((a, b) -> b.compareTo(a));
        assertThat(log.newest(null, Page.Request.first(1_000)).items()).hasSize(24);
    }

    private void add(List<ConnectionLog.Entry> entries) {
        database.write(
                "add",
                session -> {
                    for (var entry : entries) {
                        SqlConnectionLog.insert(session, UUID.randomUUID(), entry);
                    }
                    return 0;
                });
    }
}
