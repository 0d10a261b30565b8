package org.tethral.sql;

import static org.tethral.device.KeptMessages.ALL_MAX;
import static org.tethral.device.KeptMessages.BYTES_MAX;
import static org.tethral.device.KeptMessages.OF_ONE_MAX;

import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.tethral.device.DevEui;
import org.tethral.device.KeptMessages.Message;

/// Rows of `inbox_messages`.
final class KeptRows {

    private static final int REGISTERED_AT_A_TIME = 100;

    private KeptRows() {}

    static void keep(Session session, Message message) throws SQLException {
        if (message.body().length > BYTES_MAX) {
            return;
        }
        var added =
                session.sql(
                                """
                                INSERT INTO inbox_messages (identity, message_id, received_at, community_id, kind, body)
                                VALUES (?, ?, ?, ?, ?, ?)
                                ON CONFLICT (identity, message_id) DO NOTHING
                                """)
                        .set(message.identity())
                        .set(message.id())
                        .set(message.receivedAt())
                        .set(message.community())
                        .set(message.kind())
                        .set(message.body())
                        .update();
        if (added > 0) {
            makeRoom(session, message.identity());
        }
    }

    private static void makeRoom(Session session, String identity) throws SQLException {
        var ofOne =
                session.sql("SELECT count(*) FROM inbox_messages WHERE identity = ?")
                        .set(identity)
                        .number();
        if (ofOne > OF_ONE_MAX) {
            session.sql(
                            """
                            DELETE FROM inbox_messages WHERE identity = ? AND message_id IN
                                (SELECT message_id FROM inbox_messages WHERE identity = ?
                                 ORDER BY received_at, message_id LIMIT ?)
                            """)
                    .set(identity)
                    .set(identity)
                    .set(ofOne - OF_ONE_MAX)
                    .update();
        }
        var all = session.sql("SELECT count(*) FROM inbox_messages").number();
        if (all > ALL_MAX) {
            session.sql(
                            """
                            DELETE FROM inbox_messages WHERE (identity, message_id) IN
                                (SELECT identity, message_id FROM inbox_messages
                                 ORDER BY received_at, identity, message_id LIMIT ?)
                            """)
                    .set(all - ALL_MAX)
                    .update();
        }
    }

    static List<DevEui> registered(Session session) throws SQLException {
        return session.sql(
                        """
                        SELECT DISTINCT identity FROM inbox_messages kept
                        WHERE EXISTS (SELECT 1 FROM sensor_devices WHERE dev_eui = kept.identity)
                           OR EXISTS (SELECT 1 FROM display_devices WHERE dev_eui = kept.identity)
                        ORDER BY identity LIMIT ?
                        """)
                .set(REGISTERED_AT_A_TIME)
                .list(row -> new DevEui(row.text("identity")));
    }

    static List<Message> of(Session session, String identity) throws SQLException {
        return session.sql(
                        """
                        SELECT identity, message_id, received_at, community_id, kind, body FROM inbox_messages
                        WHERE identity = ? ORDER BY received_at, message_id
                        """)
                .set(identity)
                .list(row ->
                        new Message(
                                row.text("identity"),
                                row.text("message_id"),
                                row.time("received_at"),
                                row.maybeCommunity(),
                                row.text("kind"),
                                row.bytes("body")));
    }

    static Map<String, Long> counts(Session session, Collection<String> identities)
            throws SQLException {
        var counts = new HashMap<String, Long>();
        session.sql(
                        "SELECT identity, count(*) AS kept FROM inbox_messages WHERE identity "
                                + session.dialect().oneOf()
                                + " GROUP BY identity")
                .set(identities)
                .each(row -> counts.put(row.text("identity"), row.number("kept")));
        return counts;
    }

    static int forget(Session session, Message message) throws SQLException {
        return session.sql("DELETE FROM inbox_messages WHERE identity = ? AND message_id = ?")
                .set(message.identity())
                .set(message.id())
                .update();
    }

    /// All that is not to be applied.
    static void dismiss(Session session, String identity) throws SQLException {
        session.sql(
                        """
                        DELETE FROM inbox_messages WHERE identity = ?
                            AND NOT EXISTS (SELECT 1 FROM sensor_devices WHERE dev_eui = ?)
                            AND NOT EXISTS (SELECT 1 FROM display_devices WHERE dev_eui = ?)
                        """)
                .set(identity)
                .set(identity)
                .set(identity)
                .update();
    }
}
