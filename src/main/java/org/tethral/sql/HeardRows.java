package org.tethral.sql;

import static org.tethral.sql.Columns.longs;
import static org.tethral.sql.Columns.texts;
import static org.tethral.sql.Columns.time;

import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;
import org.tethral.kernel.Micros;
import org.tethral.kernel.StorageException;

/// The rows of `message_counts`: how many messages each lane took of each community in each minute.
/// A row per lane, so that none waits for another one's.
final class HeardRows {

    /// Counted under this are devices of no community.
    static final UUID NO_COMMUNITY = new UUID(0, 0);

    private static final Pipeline.Miss LOST =
            new Pipeline.Miss(
                    StorageException.Cause.UNAVAILABLE, "the database did not count all messages");

    private HeardRows() {}

    static UUID key(@Nullable CommunityId community) {
        return community == null ? NO_COMMUNITY : community.value();
    }

    static Instant minute(Instant at) {
        return at.truncatedTo(ChronoUnit.MINUTES);
    }

    static void onSqlite(Session session, String writer, JournalRows rows) throws SQLException {
        if (rows.heard().isEmpty()) {
            return;
        }
        var count =
                session.prepare(
                        """
                        INSERT INTO message_counts (minute, community_id, writer, messages) VALUES (?, ?, ?, ?)
                        ON CONFLICT (minute, community_id, writer) DO UPDATE SET messages = messages + excluded.messages
                        """);
        for (var heard : rows.heard()) {
            SqliteBinding.setTime(count, 1, minute(rows.at()));
            count.setString(2, key(heard.community()).toString());
            count.setString(3, writer);
            count.setLong(4, heard.messages());
            count.addBatch();
        }
        count.executeBatch();
    }

    static void onPostgresql(Pipeline pipeline, String writer, JournalRows rows) {
        if (rows.heard().isEmpty()) {
            return;
        }
        pipeline.add(
                """
                INSERT INTO message_counts AS kept (minute, community_id, writer, messages)
                SELECT %s, community_id::uuid, ?, messages
                FROM unnest(?::text[], ?::bigint[]) AS x (community_id, messages)
                ON CONFLICT (minute, community_id, writer) DO UPDATE SET messages = kept.messages + excluded.messages
                """
                        .formatted(time("?")),
                rows.heard().size(),
                LOST,
                Micros.of(minute(rows.at())),
                writer,
                texts(rows.heard(), heard -> key(heard.community()).toString()),
                longs(rows.heard(), heard -> heard.messages()));
    }
}
