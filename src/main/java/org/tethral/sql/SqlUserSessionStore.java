package org.tethral.sql;

import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;
import org.tethral.account.UserSessionStore;

public final class SqlUserSessionStore implements UserSessionStore {

    private final Database database;

    public SqlUserSessionStore(Database database) {
        this.database = database;
    }

    @Override
    public void open(Kept kept) {
        database.write(
                "open a session",
                session -> {
                    session.sql("DELETE FROM user_sessions WHERE expires_at <= ?")
                            .set(kept.openedAt())
                            .update();
                    makeRoom(session, kept);
                    insert(session, kept);
                    var user = kept.user();
                    return user == null
                            ? 0
                            : session.sql("UPDATE users SET last_login_at = ? WHERE id = ?")
                                    .set(kept.openedAt())
                                    .set(user.id())
                                    .update();
                });
    }

    private static void insert(Session session, Kept kept) throws SQLException {
        session.sql(
                        """
                        INSERT INTO user_sessions (secret_hash, user_id, method, opened_at, last_seen_at, expires_at,
                                                   remote_address)
                        VALUES (?, ?, ?, ?, ?, ?, ?)
                        """)
                .set(kept.secretHash())
                .set(kept.user() == null ? null : kept.user().id())
                .set(kept.method())
                .set(kept.openedAt())
                .set(kept.lastSeenAt())
                .set(kept.expiresAt())
                .set(kept.remoteAddress())
                .update();
    }

    private static void makeRoom(Session session, Kept kept) throws SQLException {
        var user = kept.user();
        var theirs = user == null ? "user_id IS NULL" : "user_id = ?";
        var sql =
                session.sql(
                        """
                        DELETE FROM user_sessions WHERE secret_hash IN
                            (SELECT secret_hash FROM user_sessions WHERE %s
                             ORDER BY opened_at DESC, secret_hash LIMIT 1000 OFFSET ?)
                        """
                                .formatted(theirs));
        if (user != null) {
            sql.set(user.id());
        }
        sql.set(SESSIONS_PER_USER_MAX - 1).update();
    }

    @Override
    public Optional<Kept> find(String secretHash) {
        return database.read(
                "find a session",
                session ->
                        session.sql(
                                        """
                                        SELECT s.secret_hash, s.user_id, s.method, s.opened_at, s.last_seen_at,
                                               s.expires_at, s.remote_address, %s
                                        FROM user_sessions s LEFT JOIN users u ON u.id = s.user_id
                                        WHERE s.secret_hash = ?
                                        """
                                                .formatted(SqlUserStore.COLUMNS))
                                .set(secretHash)
                                .find(SqlUserSessionStore::kept));
    }

    private static Kept kept(Row row) throws SQLException {
        return new Kept(
                row.text("secret_hash"),
                row.maybeUuid("user_id") == null ? null : SqlUserStore.user(row),
                row.text("method"),
                row.time("opened_at"),
                row.time("last_seen_at"),
                row.time("expires_at"),
                row.maybeText("remote_address"));
    }

    @Override
    public void seen(String secretHash, Instant at) {
        database.write(
                "note that a session is in use",
                session ->
                        session.sql(
                                        "UPDATE user_sessions SET last_seen_at = ? WHERE secret_hash = ?")
                                .set(at)
                                .set(secretHash)
                                .update());
    }

    @Override
    public void end(String secretHash) {
        database.write(
                "end a session",
                session ->
                        session.sql("DELETE FROM user_sessions WHERE secret_hash = ?")
                                .set(secretHash)
                                .update());
    }
}
