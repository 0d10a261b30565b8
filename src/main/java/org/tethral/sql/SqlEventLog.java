package org.tethral.sql;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.tethral.event.Event;
import org.tethral.event.EventLog;
import org.tethral.event.Priority;
import org.tethral.kernel.Page;

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

    private record Group(String type, String priority, long count) {}

    @Override
    public Statistics statistics(Filter filter) {
        var groups =
                database.read(
                        "count events",
                        session ->
                                where(filter)
                                        .in(
                                                session,
                                                """
                                                SELECT event_type, priority, count(*) AS count FROM events {where}
                                                GROUP BY event_type, priority ORDER BY event_type, priority
                                                """)
                                        .list(row ->
                                                new Group(
                                                        row.text("event_type"),
                                                        row.text("priority"),
                                                        row.number("count"))));
        var total = 0L;
        var byType = new LinkedHashMap<String, Long>();
        var byPriority = new LinkedHashMap<String, Long>();
        for (var group : groups) {
            total += group.count();
            byType.merge(group.type(), group.count(), Long::sum);
            byPriority.merge(group.priority(), group.count(), Long::sum);
        }
        return new Statistics(
                total,
                Collections.unmodifiableMap(byType),
                Collections.unmodifiableMap(byPriority));
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
