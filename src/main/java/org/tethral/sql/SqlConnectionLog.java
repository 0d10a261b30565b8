package org.tethral.sql;

import java.sql.SQLException;
import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;
import org.tethral.device.ConnectionLog;
import org.tethral.device.DeviceId;
import org.tethral.device.Protocol;
import org.tethral.kernel.Micros;
import org.tethral.kernel.Page;

public final class SqlConnectionLog implements ConnectionLog {

    private static final String LIST = "connections";

    private final Database database;

    private record Kept(UUID id, Entry entry) {}

    public SqlConnectionLog(Database database) {
        this.database = database;
    }

    @Override
    public Page<Entry> list(DeviceId device, Page.Request page) {
        return page(
                "list connections of " + device,
                new Where().equal("device_id", device.value()),
                page);
    }

    @Override
    public Page<Entry> newest(@Nullable CommunityId community, Page.Request page) {
        return page(
                "list connections",
                new Where().equal("community_id", community == null ? null : community.value()),
                page);
    }

    private Page<Entry> page(String doing, Where where, Page.Request request) {
        var after = Cursor.decode(LIST, 2, request);
        if (after != null) {
            var at = Micros.toInstant(after.number(0));
            var id = after.parsed(1, UUID::fromString);
            where.and("(timestamp, id) < (?, ?)", sql -> sql.set(at).set(id));
        }
        var rows =
                database.read(
                        doing,
                        session ->
                                where.in(
                                                session,
                                                """
                                                SELECT id, device_id, event, protocol, remote_address, node, reason,
                                                       session_seconds, timestamp
                                                FROM device_connection_logs {where}
                                                ORDER BY timestamp DESC, id DESC LIMIT ?
                                                """)
                                        .set(request.limit() + 1)
                                        .list(row -> new Kept(row.uuid("id"), entry(row))));
        return Cursor.page(
                        LIST,
                        rows,
                        request,
                        kept ->
                                Cursor.of(
                                        Long.toString(Micros.of(kept.entry().at())),
                                        kept.id().toString()))
                .map(Kept::entry);
    }

    /// Of a device that was turned away; known or not.
    static void insert(Session session, UUID id, Entry entry) throws SQLException {
        session.sql(
                        """
                        INSERT INTO device_connection_logs (id, device_id, event, protocol, remote_address, node, reason,
                                                            session_seconds, timestamp, community_id)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?,
                                (SELECT community_id FROM devices WHERE device_id = ?))
                        """)
                .set(id)
                .set(entry.device())
                .set(entry.kind().word())
                .set(entry.protocol().word())
                .set(entry.remoteAddress())
                .set(entry.node())
                .set(entry.reason())
                .setNumber(
                        entry.session() == null ? null : (Double) (entry.session().toNanos() / 1e9))
                .set(entry.at())
                .set(entry.device())
                .update();
    }

    private static Entry entry(Row row) throws SQLException {
        var seconds = row.maybeReal("session_seconds");
        return new Entry(
                row.text("device_id"),
                Kind.valueOf(row.text("event").toUpperCase(java.util.Locale.ROOT)),
                Protocol.parse(row.text("protocol")),
                row.maybeText("remote_address"),
                row.text("node"),
                row.maybeText("reason"),
                seconds == null ? null : Duration.ofNanos(Math.round(seconds * 1e9)),
                row.time("timestamp"));
    }
}
