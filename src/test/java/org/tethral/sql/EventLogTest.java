package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.sql.Devices.NOW;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.tethral.account.CommunityId;
import org.tethral.device.DeviceId;
import org.tethral.event.Event;
import org.tethral.event.EventLog;
import org.tethral.event.EventType;
import org.tethral.event.Priority;
import org.tethral.kernel.Document;
import org.tethral.kernel.Page;
import org.tethral.kernel.Value;

@EachEngine
class EventLogTest {

    private final Database database;
    private final EventLog log;

    EventLogTest(TestDatabase test) {
        this.database = test.database();
        this.log = new SqlEventLog(database);
        database.write("clear", session -> session.sql("DELETE FROM events").update());
    }

    @Test
    void givesBackWhatWasAppended() {
        var full =
                new Event(
                        "an id",
                        new EventType("door.opened"),
                        "device:door-1",
                        new DeviceId("door-1"),
                        CommunityId.DEFAULT,
                        NOW.plusNanos(123_000),
                        Document.of("by", Value.of("Zoë")),
                        Document.of("trace", Value.of(true)),
                        Priority.CRITICAL,
                        Duration.ofSeconds(90));
        append(full);
        assertThat(log.find("an id"))
                .hasValueSatisfying(logged -> assertThat(logged.event()).isEqualTo(full));
        assertThat(log.find("no id")).isEmpty();
    }

    @Test
    void listsTheNewestFirstPageByPageWhileOthersAreAppended() {
        for (int i = 0; i < 12; i++) {
            append(event("e" + i, "a.b", null, Priority.NORMAL, i));
        }
        var seen = new ArrayList<String>();
        var page = log.list(EventLog.Filter.ALL, Page.Request.first(5));
        for (int added = 0; ; added++) {
            page.items().forEach(logged -> seen.add(logged.event().id()));
            append(event("late" + added, "a.b", null, Priority.NORMAL, 0));
            if (page.next().isEmpty()) {
                break;
            }
            page = log.list(EventLog.Filter.ALL, new Page.Request(5, page.next().get()));
        }
        assertThat(seen)
                .containsExactly(
                        "e11", "e10", "e9", "e8", "e7", "e6", "e5", "e4", "e3", "e2", "e1", "e0");
    }

    @Test
    void findsEventsByEachFilterAsTheFilterSaysOfItself() {
        var events =
                List.of(
                        event("1", "device.connected", "a", Priority.LOW, 0),
                        event("2", "device.connected.again", "b", Priority.NORMAL, 10),
                        event("3", "devices", "a", Priority.HIGH, 20),
                        event("4", "door.opened", null, Priority.CRITICAL, 30));
        append(events.toArray(new Event[0]));
        for (var filter :
                List.of(
                        EventLog.Filter.ALL,
                        filter("device.connected", null, null, null),
                        filter("device.*", null, null, null),
                        filter("*", null, null, null),
                        filter("d*", "a", null, null),
                        filter(null, "b", null, null),
                        filter(null, null, Priority.HIGH, null),
                        filter(null, null, null, Duration.ofSeconds(10)),
                        filter("nothing", null, null, null))) {
            var expected = events.stream().filter(filter::matches).map(Event::id).toList();
            assertThat(log.list(filter, Page.Request.first(100)).items().reversed())
                    .as("%s", filter)
                    .extracting(logged -> logged.event().id())
                    .isEqualTo(expected);
            assertThat(log.statistics(filter, Duration.ofHours(1)).total())
                    .isEqualTo(expected.size());
        }
        var statistics = log.statistics(filter("device*", null, null, null), Duration.ofHours(1));
        assertThat(statistics.byType())
                .isEqualTo(
                        Map.of(
                                "device.connected",
                                1L,
                                "device.connected.again",
                                1L,
                                "devices",
                                1L));
        assertThat(statistics.byPriority()).isEqualTo(Map.of("low", 1L, "normal", 1L, "high", 1L));
    }

    @Test
    void goesAlongTheLogInItsOrder() {
        append(event("a", "t", null, Priority.LOW, 0), event("b", "t", null, Priority.LOW, 0));
        append(event("c", "t", null, Priority.LOW, 0));
        var all = log.after(0, 100);
        assertThat(all).extracting(logged -> logged.event().id()).containsExactly("a", "b", "c");
        assertThat(log.after(all.get(0).sequence(), 1)).containsExactly(all.get(1));
        assertThat(log.after(all.get(2).sequence(), 10)).isEmpty();
    }

    @Test
    void doesNotPassByAnEventWhoseTransactionIsStillOpen() throws Exception {
        var numbered = new CountDownLatch(1);
        var mayCommit = new CountDownLatch(1);
        var slow =
                Thread.ofVirtual()
                        .start(() ->
                                database.write(
                                        "append slowly",
                                        session -> {
                                            // numbered, but nothing written yet
                                            var number = database.reserveEvents(session, 1)[0];
                                            numbered.countDown();
                                            await(mayCommit);
                                            return session.sql(
                                                            """
                                                            INSERT INTO events (sequence, event_id, event_type, source, timestamp)
                                                            VALUES (?, 'slow', 't', 'test', ?)
                                                            """)
                                                    .set(number)
                                                    .set(NOW)
                                                    .update();
                                        }));
        await(numbered);
        var quick =
                Thread.ofVirtual().start(() -> append(event("quick", "t", null, Priority.LOW, 0)));
        if (database.dialect() != Dialect.SQLITE) {
            quick.join();
            assertThat(log.find("quick")).isPresent();
        }
        assertThat(log.after(0, 10)).isEmpty();
        mayCommit.countDown();
        slow.join();
        quick.join();
        assertThat(log.after(0, 10))
                .extracting(logged -> logged.event().id())
                .containsExactly("slow", "quick");
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void append(Event... events) {
        database.write(
                "append",
                session -> {
                    append(session, events);
                    return 0;
                });
    }

    private void append(Session session, Event... events) throws java.sql.SQLException {
        EventRows.append(database, session, List.of(events));
    }

    private static EventLog.Filter filter(
            @Nullable String type,
            @Nullable String device,
            @Nullable Priority priority,
            @Nullable Duration since) {
        return new EventLog.Filter(
                CommunityId.DEFAULT,
                type,
                device == null ? null : "device:" + device,
                device == null ? null : new DeviceId(device),
                priority,
                since == null ? null : NOW.plus(since),
                since == null ? null : NOW.plus(since).plusSeconds(15));
    }

    private static Event event(
            String id, String type, @Nullable String device, Priority priority, long second) {
        return new Event(
                id,
                new EventType(type),
                device == null ? "system:test" : "device:" + device,
                device == null ? null : new DeviceId(device),
                CommunityId.DEFAULT,
                NOW.plusSeconds(second),
                Document.EMPTY,
                Document.EMPTY,
                priority,
                null);
    }
}
