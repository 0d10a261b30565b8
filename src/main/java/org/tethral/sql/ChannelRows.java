package org.tethral.sql;

import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tethral.ingest.Posting;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;
import org.tethral.source.Channel;
import org.tethral.source.Circuit;
import org.tethral.source.Health;
import org.tethral.source.Position;
import org.tethral.source.Progress;
import org.tethral.source.Standing;

/// The rows of `thingspeak_channels`.
final class ChannelRows {

    static final String SELECT =
            """
            SELECT c.id, c.device_id, c.source, c.channel_id, c.api_key, c.account, c.field_map, c.poll_interval_s,
                   c.enabled, c.version, c.created_at, c.first_entry_id, c.last_entry_id, c.read_from, c.entries_missing,
                   c.history_from, c.history_lowest, c.history_at, c.last_polled_at, c.breaker_state, c.breaker_until, c.last_error,
                   c.failing_since, c.node, d.community_id
            FROM thingspeak_channels c JOIN devices d ON d.device_id = c.device_id {where}
            """;

    private ChannelRows() {}

    /// In the commit of what was read. Whoever lost the lease, or must begin anew, moves nothing.
    static void write(Session session, List<Posting> postings) throws SQLException {
        for (var posting : postings) {
            if (posting instanceof Posting.Read(var progress)) {
                write(session, progress);
            }
        }
    }

    private static void write(Session session, Progress progress) throws SQLException {
        var position = progress.position();
        if (position != null) {
            var history = position.history();
            session.sql(
                            """
                            UPDATE thingspeak_channels
                            SET first_entry_id = ?, last_entry_id = ?, read_from = ?, entries_missing = ?, history_from = ?,
                                history_lowest = ?, history_at = ?
                            WHERE id = ? AND fence = ? AND revision = ?
                            """)
                    .set(position.first())
                    .set(position.last())
                    .set(position.at())
                    .set(position.missing())
                    .setNumber(history == null ? null : Long.valueOf(history.from()))
                    .setNumber(history == null ? null : Long.valueOf(history.lowest()))
                    .set(history == null ? null : history.at())
                    .set(progress.lease().channel())
                    .set(progress.lease().fence())
                    .set(progress.lease().revision())
                    .update();
        }
        var health = progress.health();
        if (health != null) {
            session.sql(
                            """
                            UPDATE thingspeak_channels
                            SET last_polled_at = ?, breaker_state = ?, breaker_until = ?, last_error = ?, failing_since = ?
                            WHERE id = ? AND fence = ? AND revision = ?
                            """)
                    .set(health.polledAt())
                    .set(health.circuit().state().word())
                    .set(health.circuit().until())
                    .set(health.error())
                    .set(health.failingSince())
                    .set(progress.lease().channel())
                    .set(progress.lease().fence())
                    .set(progress.lease().revision())
                    .update();
        }
    }

    static Standing standing(Row row) throws SQLException {
        return new Standing(
                channel(row),
                row.maybeCommunity(),
                position(row),
                new Health(
                        row.maybeTime("last_polled_at"),
                        new Circuit(
                                Circuit.State.parse(row.text("breaker_state")),
                                row.maybeTime("breaker_until")),
                        row.maybeText("last_error"),
                        row.maybeTime("failing_since")),
                row.maybeText("node"));
    }

    private static Channel channel(Row row) throws SQLException {
        return new Channel(
                row.uuid("id"),
                row.device(),
                row.text("source"),
                row.text("channel_id"),
                row.maybeText("api_key"),
                row.text("account"),
                fields(row.document("field_map")),
                Duration.ofSeconds(row.number("poll_interval_s")),
                row.flag("enabled"),
                row.number("version"),
                row.time("created_at"));
    }

    private static Position position(Row row) throws SQLException {
        var historyAt = row.maybeTime("history_at");
        return new Position(
                row.number("first_entry_id"),
                row.number("last_entry_id"),
                row.maybeTime("read_from"),
                row.number("entries_missing"),
                historyAt == null
                        ? null
                        : new Position.History(
                                row.number("history_from"),
                                row.number("history_lowest"),
                                historyAt));
    }

    static Document fields(Map<String, String> fields) {
        var document = Document.EMPTY;
        for (var field : fields.entrySet().stream().sorted(Map.Entry.comparingByKey()).toList()) {
            document = document.with(field.getKey(), Value.of(field.getValue()));
        }
        return document;
    }

    private static Map<String, String> fields(Document kept) {
        var fields = new LinkedHashMap<String, String>();
        kept.values()
                .forEach((field, value) -> {
                    if (value instanceof Value.Text(var name)) {
                        fields.put(field, name);
                    }
                });
        return fields;
    }
}
