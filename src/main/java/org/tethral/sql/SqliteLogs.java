package org.tethral.sql;

import static org.tethral.sql.SqliteBinding.setNumber;
import static org.tethral.sql.SqliteBinding.setTime;

import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;
import org.tethral.event.Event;
import org.tethral.ingest.Fact;
import org.tethral.json.Json;
import org.tethral.kernel.TimeOrderedIds;
import org.tethral.state.StateChange;

/// The tables of SQLite that are only ever appended to, beside the snapshots: state changes,
/// events, connections.
final class SqliteLogs {

    private final TimeOrderedIds ids;

    SqliteLogs(TimeOrderedIds ids) {
        this.ids = ids;
    }

    void moves(Session session, List<StateChange> moves, Instant at) throws SQLException {
        if (moves.isEmpty()) {
            return;
        }
        var insert =
                session.prepare(
                        """
                        INSERT INTO state_changes (id, device_id, from_state, to_state, timestamp, reason, actor)
                        VALUES (?, ?, ?, ?, ?, ?, ?)
                        """);
        for (var move : moves) {
            insert.setString(1, ids.next(at).toString());
            insert.setString(2, move.device().value());
            insert.setString(3, move.from().value());
            insert.setString(4, move.to().value());
            setTime(insert, 5, move.at());
            insert.setString(6, move.reason());
            insert.setString(7, move.actor().toString());
            insert.addBatch();
        }
        insert.executeBatch();
    }

    static void events(Session session, List<Event.Logged> events) throws SQLException {
        if (events.isEmpty()) {
            return;
        }
        var insert =
                session.prepare(
                        """
                        INSERT INTO events (sequence, event_id, event_type, source, device_id, community_id, timestamp,
                                            data, metadata, priority, ttl)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                        """);
        for (var logged : events) {
            var event = logged.event();
            insert.setLong(1, logged.sequence());
            insert.setString(2, event.id());
            insert.setString(3, event.type().value());
            insert.setString(4, event.source());
            insert.setString(5, event.device() == null ? null : event.device().value());
            insert.setString(6, text(event.community()));
            setTime(insert, 7, event.timestamp());
            insert.setString(8, Json.write(event.data()));
            insert.setString(9, Json.write(event.metadata()));
            insert.setString(10, event.priority().word());
            setNumber(insert, 11, event.ttl() == null ? null : (Long) event.ttl().toSeconds());
            insert.addBatch();
        }
        insert.executeBatch();
    }

    void links(Session session, List<Fact.Linked> links, Instant at) throws SQLException {
        if (links.isEmpty()) {
            return;
        }
        var insert =
                session.prepare(
                        """
                        INSERT INTO device_connection_logs
                            (id, device_id, event, protocol, remote_address, node, reason, session_seconds, timestamp,
                             community_id)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                        """);
        for (var linked : links) {
            var link = linked.entry();
            insert.setString(1, ids.next(at).toString());
            insert.setString(2, link.device());
            insert.setString(3, link.kind().word());
            insert.setString(4, link.protocol().word());
            insert.setString(5, link.remoteAddress());
            insert.setString(6, link.node());
            insert.setString(7, link.reason());
            if (link.session() == null) {
                insert.setNull(8, Types.REAL);
            } else {
                insert.setDouble(8, link.session().toMillis() / 1_000.0);
            }
            setTime(insert, 9, link.at());
            insert.setString(10, text(linked.community()));
            insert.addBatch();
        }
        insert.executeBatch();
    }

    private static @Nullable String text(@Nullable CommunityId community) {
        return community == null ? null : community.toString();
    }
}
