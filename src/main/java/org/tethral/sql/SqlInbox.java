package org.tethral.sql;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.tethral.device.ConnectionLog;
import org.tethral.device.DevEui;
import org.tethral.device.Inbox;
import org.tethral.device.KeptMessages;
import org.tethral.device.Protocol;
import org.tethral.kernel.Micros;
import org.tethral.kernel.Page;

/// Each knock is also a `rejected` row of the connection log, but not each of a device that knocks
/// in a loop, and only so many a minute in all: whoever is turned away shall not be able to fill
/// the disk.
public final class SqlInbox implements Inbox, KeptMessages {

    /// A device that knocked less than this ago is in a loop: its attempts are counted, not logged.
    static final Duration LOOP_PAUSE = Duration.ofMinutes(1);

    static final int REJECTIONS_LOGGED_PER_MINUTE_MAX = 600;
    private static final String LIST = "inbox";

    private final Database database;
    private final String node;
    private Instant minute = Instant.EPOCH;
    private int loggedThisMinute;

    /// @param node whom the connection log names as the one that turned a device away
    public SqlInbox(Database database, String node) {
        this.database = database;
        this.node = node;
    }

    @Override
    public void knocked(Entry entry) {
        var quota = mayLog(entry.lastSeen());
        database.write(
                "keep a knock of " + entry.identity(), session -> keep(session, entry, quota));
    }

    @Override
    public void keep(Entry knock, @Nullable Message message) {
        var quota = mayLog(knock.lastSeen());
        database.write(
                "keep a message of " + knock.identity(),
                session -> {
                    if (message != null) {
                        KeptRows.keep(session, message);
                    }
                    return keep(session, knock, quota);
                });
    }

    @Override
    public List<DevEui> registered() {
        return database.read("find who is registered by now", KeptRows::registered);
    }

    @Override
    public List<Message> of(String identity) {
        return database.read(
                "find the messages of " + identity, session -> KeptRows.of(session, identity));
    }

    @Override
    public void forget(Message message) {
        database.write(
                "forget a message of " + message.identity(),
                session -> KeptRows.forget(session, message));
    }

    @Override
    public void admitted(DevEui device) {
        database.write(
                "take " + device + " out of the inbox",
                session ->
                        session.sql("DELETE FROM inbox WHERE identity = ?")
                                .set(device.value())
                                .update());
    }

    private synchronized boolean mayLog(Instant at) {
        if (Duration.between(minute, at).abs().compareTo(Duration.ofMinutes(1)) >= 0) {
            minute = at;
            loggedThisMinute = 0;
        }
        return loggedThisMinute++ < REJECTIONS_LOGGED_PER_MINUTE_MAX;
    }

    private int keep(Session session, Entry entry, boolean quota) throws SQLException {
        var before =
                session.sql("SELECT last_seen FROM inbox WHERE identity = ?")
                        .set(entry.identity())
                        .find(row -> row.time("last_seen"));
        session.sql(
                        """
                        INSERT INTO inbox (identity, protocol, remote_address, reason, attempts, first_seen, last_seen)
                        VALUES (?, ?, ?, ?, ?, ?, ?)
                        ON CONFLICT (identity) DO UPDATE
                        SET protocol = excluded.protocol, remote_address = excluded.remote_address,
                            reason = excluded.reason, attempts = inbox.attempts + excluded.attempts,
                            last_seen = excluded.last_seen
                        """)
                .set(entry.identity())
                .set(entry.protocol().word())
                .set(entry.remoteAddress())
                .set(entry.reason())
                .set(entry.attempts())
                .set(entry.firstSeen())
                .set(entry.lastSeen())
                .update();
        if (quota
                && before.map(at -> at.plus(LOOP_PAUSE).isBefore(entry.lastSeen())).orElse(true)) {
            var rejected =
                    new ConnectionLog.Entry(
                            entry.identity(),
                            ConnectionLog.Kind.REJECTED,
                            entry.protocol(),
                            entry.remoteAddress(),
                            node,
                            entry.reason(),
                            null,
                            entry.lastSeen());
            SqlConnectionLog.insert(session, UUID.randomUUID(), rejected);
        }
        return before.isPresent() ? 0 : makeRoom(session);
    }

    private static int makeRoom(Session session) throws SQLException {
        var tooMany = session.sql("SELECT count(*) FROM inbox").number() - ENTRIES_MAX;
        return tooMany <= 0
                ? 0
                : session.sql(
                                """
                                DELETE FROM inbox WHERE identity IN
                                    (SELECT identity FROM inbox ORDER BY last_seen, identity LIMIT ?)
                                """)
                        .set(tooMany)
                        .update();
    }

    @Override
    public Page<Entry> list(Page.Request request) {
        var where = new Where();
        var after = Cursor.decode(LIST, 2, request);
        if (after != null) {
            var at = Micros.toInstant(after.number(0));
            where.and("(last_seen, identity) < (?, ?)", sql -> sql.set(at).set(after.text(1)));
        }
        var rows =
                database.read(
                        "list the inbox",
                        session ->
                                where.in(
                                                session,
                                                """
                                                SELECT identity, protocol, remote_address, reason, attempts, first_seen,
                                                       last_seen
                                                FROM inbox {where} ORDER BY last_seen DESC, identity DESC LIMIT ?
                                                """)
                                        .set(request.limit() + 1)
                                        .list(SqlInbox::entry));
        return Cursor.page(
                LIST,
                rows,
                request,
                entry -> Cursor.of(Long.toString(Micros.of(entry.lastSeen())), entry.identity()));
    }

    @Override
    public Optional<Entry> find(String identity) {
        return database.read(
                "find in the inbox",
                session ->
                        session.sql(
                                        """
                                        SELECT identity, protocol, remote_address, reason, attempts, first_seen, last_seen
                                        FROM inbox WHERE identity = ?
                                        """)
                                .set(identity)
                                .find(SqlInbox::entry));
    }

    @Override
    public boolean dismiss(String identity) {
        return database.write(
                "dismiss from the inbox",
                session -> {
                    KeptRows.dismiss(session, identity);
                    return session.sql("DELETE FROM inbox WHERE identity = ?")
                                    .set(identity)
                                    .update()
                            > 0;
                });
    }

    @Override
    public Map<String, Long> messages(Collection<String> identities) {
        return database.read(
                "count kept messages", session -> KeptRows.counts(session, identities));
    }

    private static Entry entry(Row row) throws SQLException {
        return new Entry(
                row.text("identity"),
                Protocol.parse(row.text("protocol")),
                row.maybeText("remote_address"),
                row.text("reason"),
                row.number("attempts"),
                row.time("first_seen"),
                row.time("last_seen"));
    }
}
