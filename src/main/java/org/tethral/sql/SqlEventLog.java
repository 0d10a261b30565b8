package org.tethral.sql;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.tethral.event.Event;
import org.tethral.event.EventLog;
import org.tethral.event.Priority;
import org.tethral.kernel.Page;
import org.tethral.kernel.StorageException;

public final class SqlEventLog implements EventLog {

    private static final String LIST = "events";
    private static final String SELECT =
            """
            SELECT sequence, event_id, event_type, source, device_id, community_id, timestamp, data, metadata, priority, ttl
            FROM events {where}
            """;

    private final Database database;

    public SqlEventLog(Database database) {
        this.database = database;
    }

    @Override
    public Page<Event.Logged> list(Filter filter, Page.Request request) {
        var where = where(filter);
        var after = Cursor.decode(LIST, 1, request);
        if (after != null) {
            var sequence = after.number(0);
            where.and("sequence < ?", sql -> sql.set(sequence));
        }
        var rows =
                database.read(
                        "list events",
                        session ->
                                where.in(session, SELECT + "ORDER BY sequence DESC LIMIT ?")
                                        .set(request.limit() + 1)
                                        .list(EventRows::read));
        return Cursor.page(
                LIST, rows, request, logged -> Cursor.of(Long.toString(logged.sequence())));
    }

    @Override
    public List<Event.Logged> after(long sequence, int limit) {
        var settled = database.settledEvents();
        return database.read(
                "read on in the event log",
                session ->
                        new Where()
                                .and("sequence > ?", sql -> sql.set(sequence))
                                .and("sequence <= ?", sql -> sql.set(settled))
                                .in(session, SELECT + "ORDER BY sequence LIMIT ?")
                                .set(limit)
                                .list(EventRows::read));
    }

    @Override
    public Optional<Event.Logged> find(String eventId) {
        return database.read(
                "find event " + eventId,
                session ->
                        new Where()
                                .equal("event_id", eventId)
                                .in(session, SELECT)
                                .find(EventRows::read));
    }

    @Override
    public List<Event.Logged> at(List<Long> sequences) {
        if (sequences.isEmpty()) {
            return List.of();
        }
        var among =
                database.dialect()
                        .choose(
                                "sequence IN (SELECT CAST(value AS INTEGER) FROM json_each(?))",
                                "sequence = ANY (CAST(? AS bigint[]))");
        return database.read(
                "read events",
                session ->
                        new Where()
                                .and(
                                        among,
                                        sql ->
                                                sql.set(
                                                        sequences.stream()
                                                                .map(String::valueOf)
                                                                .toList()))
                                .in(session, SELECT + "ORDER BY sequence")
                                .list(EventRows::read));
    }

    @Override
    public Extent extent() {
        var settled = database.settledEvents();
        var highest =
                database.read(
                        "read the end of the event log",
                        session -> session.sql("SELECT max(sequence) FROM events").number());
        return new Extent(Math.min(settled, highest), highest);
    }

    @Override
    public long before(Instant time) {
        var end = extent().settled();
        var first =
                database.read(
                        "find the first event of a time",
                        session ->
                                session.sql("SELECT min(sequence) FROM events WHERE timestamp >= ?")
                                        .set(time)
                                        .number());
        return first == 0 ? end : Math.min(end, first - 1);
    }

    @Override
    public Appended append(Event event) {
        try {
            return database.write("append event " + event.id(), session -> append(session, event));
        } catch (StorageException e) {
            if (e.getCause() instanceof SQLException reason && SqlErrors.isDuplicate(reason)) {
                // somebody else was faster
                return new Appended(find(event.id()).orElseThrow(() -> e).sequence(), false);
            }
            throw e;
        }
    }

    private Appended append(Session session, Event event) throws SQLException {
        var known =
                session.sql("SELECT sequence FROM events WHERE event_id = ?")
                        .set(event.id())
                        .find(row -> row.number("sequence"));
        if (known.isPresent()) {
            return new Appended(known.get(), false);
        }
        EventRows.append(database, session, List.of(event));
        return new Appended(
                session.sql("SELECT sequence FROM events WHERE event_id = ?")
                        .set(event.id())
                        .number(),
                true);
    }

    @Override
    public Statistics statistics(Filter filter, Duration step) {
        var byType = counts(filter, "event_type", "ORDER BY event_type");
        return new Statistics(
                byType.values().stream().mapToLong(Long::longValue).sum(),
                byType,
                counts(filter, "source", "ORDER BY count DESC, source LIMIT " + SOURCES_MAX),
                counts(filter, "priority", "ORDER BY priority"),
                steps(filter, step));
    }

    private Map<String, Long> counts(Filter filter, String column, String order) {
        var counts = new LinkedHashMap<String, Long>();
        database.read(
                "count events",
                session -> {
                    counts.clear();
                    where(filter)
                            .in(
                                    session,
                                    "SELECT %s AS word, count(*) AS count FROM events {where} GROUP BY %s %s"
                                            .formatted(column, column, order))
                            .each(row -> counts.put(row.text("word"), row.number("count")));
                    return true;
                });
        return Collections.unmodifiableMap(counts);
    }

    private List<Step> steps(Filter filter, Duration length) {
        var seconds = length.toSeconds();
        var number =
                database.dialect()
                        .choose(
                                "timestamp / (1000000 * " + seconds + ")",
                                "CAST(floor(extract(epoch FROM timestamp) / "
                                        + seconds
                                        + ") AS bigint)");
        var newest =
                database.read(
                        "count events by time",
                        session ->
                                where(filter)
                                        .in(
                                                session,
                                                """
                                                SELECT number, count(*) AS count FROM (SELECT %s AS number FROM events {where}) AS steps
                                                GROUP BY number ORDER BY number DESC LIMIT ?
                                                """
                                                        .formatted(number))
                                        .set(STEPS_MAX)
                                        .list(row ->
                                                new Step(
                                                        Instant.ofEpochSecond(
                                                                row.number("number") * seconds),
                                                        row.number("count"))));
        return newest.reversed();
    }

    private static Where where(Filter filter) {
        var where =
                new Where()
                        .equal(
                                "community_id",
                                filter.community() == null ? null : filter.community().value())
                        .equal("source", filter.source())
                        .equal(
                                "device_id",
                                filter.device() == null ? null : filter.device().value());
        var type = filter.type();
        if (type != null && type.endsWith("*")) {
            var beginning = type.substring(0, type.length() - 1);
            // all types that begin so lie between it and it with the highest character of a type
            // after it
            where.and(
                    "event_type >= ? AND event_type < ?",
                    sql -> sql.set(beginning).set(beginning + "\u007f"));
        } else {
            where.equal("event_type", type);
        }
        var minimum = filter.minimumPriority();
        if (minimum != null) {
            var words =
                    Stream.of(Priority.values())
                            .filter(one -> one.compareTo(minimum) >= 0)
                            .map(Priority::word);
            where.and("priority IN ('" + String.join("', '", words.toList()) + "')", _ -> {});
        }
        if (filter.since() != null) {
            where.and("timestamp >= ?", sql -> sql.set(filter.since()));
        }
        if (filter.until() != null) {
            where.and("timestamp < ?", sql -> sql.set(filter.until()));
        }
        return where;
    }
}
