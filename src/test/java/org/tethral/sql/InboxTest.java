package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.sql.Devices.NOW;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.tethral.device.ConnectionLog;
import org.tethral.device.DeviceId;
import org.tethral.device.Inbox;
import org.tethral.device.KeptMessages;
import org.tethral.device.Protocol;
import org.tethral.kernel.Page;

@EachEngine
class InboxTest {

    private final Database database;
    private final Inbox inbox;
    private final ConnectionLog connections;

    InboxTest(TestDatabase test) {
        this.database = test.database();
        this.inbox = new SqlInbox(database, "node-1");
        this.connections = new SqlConnectionLog(database);
        database.write("clear", session -> session.sql("DELETE FROM inbox").update());
    }

    @Test
    void countsTheAttemptsOfOneIdentity() {
        inbox.knocked(knock("stranger", NOW));
        inbox.knocked(
                new Inbox.Entry(
                        "stranger",
                        Protocol.HTTP,
                        "10.0.0.9",
                        "wrong token",
                        1,
                        NOW.plusSeconds(5),
                        NOW.plusSeconds(5)));
        assertThat(inbox.find("stranger"))
                .contains(
                        new Inbox.Entry(
                                "stranger",
                                Protocol.HTTP,
                                "10.0.0.9",
                                "wrong token",
                                2,
                                NOW,
                                NOW.plusSeconds(5)));
        assertThat(inbox.find("nobody")).isEmpty();
    }

    @Test
    void countsWhatItKeepsOfEach() {
        database.write("clear", session -> session.sql("DELETE FROM inbox_messages").update());
        var kept = new SqlInbox(database, "node-1");
        for (var id : List.of("m-1", "m-2", "m-2")) {
            kept.keep(
                    knock("talker", NOW),
                    new KeptMessages.Message("talker", id, NOW, null, "tts/up", new byte[1]));
        }
        kept.keep(
                knock("other", NOW),
                new KeptMessages.Message("other", "m-1", NOW, null, "tts/up", new byte[1]));
        inbox.knocked(knock("silent", NOW));
        assertThat(inbox.messages(List.of("talker", "silent", "nobody")))
                .isEqualTo(Map.of("talker", 2L));
        assertThat(inbox.messages(List.of())).isEmpty();
    }

    @Test
    void tellsTheConnectionLogOnceUntilALoopPausesForAMinute() {
        for (int second = 0; second <= 61; second++) {
            inbox.knocked(knock("looping", NOW.plusSeconds(second)));
        }
        var rejected = connections.list(new DeviceId("looping"), Page.Request.first(100)).items();
        assertThat(rejected)
                .containsExactly(
                        new ConnectionLog.Entry(
                                "looping",
                                ConnectionLog.Kind.REJECTED,
                                Protocol.MQTT,
                                "10.0.0.1",
                                "node-1",
                                "unknown token",
                                null,
                                NOW));
        inbox.knocked(knock("looping", NOW.plusSeconds(200)));
        assertThat(connections.list(new DeviceId("looping"), Page.Request.first(100)).items())
                .hasSize(2);
        assertThat(inbox.find("looping").orElseThrow().attempts()).isEqualTo(63);
    }

    @Test
    void logsOnlySoManyRejectionsAMinute() {
        var at = NOW.plus(Duration.ofDays(1));
        for (int i = 0; i < SqlInbox.REJECTIONS_LOGGED_PER_MINUTE_MAX + 50; i++) {
            inbox.knocked(knock("many-" + i, at.plusMillis(i)));
        }
        assertThat(logged("many-%")).isEqualTo(SqlInbox.REJECTIONS_LOGGED_PER_MINUTE_MAX);
        inbox.knocked(knock("many-later", at.plusSeconds(61)));
        assertThat(logged("many-%")).isEqualTo(SqlInbox.REJECTIONS_LOGGED_PER_MINUTE_MAX + 1);
    }

    private long logged(String pattern) {
        return database.read(
                "count",
                session ->
                        session.sql(
                                        "SELECT count(*) FROM device_connection_logs WHERE device_id LIKE ?")
                                .set(pattern)
                                .number());
    }

    @Test
    void makesRoomForTheNewestBySendingAwayTheOneLongestUnseen() {
        database.write(
                "fill",
                session -> {
                    var insert =
                            session.sql(
                                    """
                                    INSERT INTO inbox (identity, protocol, reason, attempts, first_seen, last_seen)
                                    VALUES (?, 'mqtt', 'r', 1, ?, ?)
                                    """);
                    for (int i = 0; i < Inbox.ENTRIES_MAX; i++) {
                        insert.set("old-" + i).set(NOW).set(NOW.plusMillis(i)).add();
                    }
                    return insert.batch();
                });
        inbox.knocked(knock("newest", NOW.plusSeconds(3_600)));
        assertThat(inbox.find("newest")).isPresent();
        assertThat(inbox.find("old-0")).isEmpty();
        assertThat(inbox.find("old-1")).isPresent();
        long entries =
                database.read(
                        "count", session -> session.sql("SELECT count(*) FROM inbox").number());
        assertThat(entries).isEqualTo(Inbox.ENTRIES_MAX);
    }

    @Test
    void listsTheNewestFirstPageByPage() {
        for (int i = 0; i < 7; i++) {
            inbox.knocked(knock("paged-" + i, NOW.plusSeconds(i / 2)));
        }
        var seen = new ArrayList<String>();
        var page = inbox.list(Page.Request.first(3));
        while (true) {
            page.items().forEach(entry -> seen.add(entry.identity()));
            if (page.next().isEmpty()) {
                break;
            }
            page = inbox.list(new Page.Request(3, page.next().get()));
        }
        assertThat(seen)
                .containsExactly(
                        "paged-6", "paged-5", "paged-4", "paged-3", "paged-2", "paged-1",
                        "paged-0");
    }

    @Test
    void forgetsADismissedOne() {
        inbox.knocked(knock("dismissed", NOW));
        assertThat(inbox.dismiss("dismissed")).isTrue();
        assertThat(inbox.dismiss("dismissed")).isFalse();
        assertThat(inbox.find("dismissed")).isEmpty();
    }

    private static Inbox.Entry knock(String identity, Instant at) {
        return new Inbox.Entry(identity, Protocol.MQTT, "10.0.0.1", "unknown token", 1, at, at);
    }
}
