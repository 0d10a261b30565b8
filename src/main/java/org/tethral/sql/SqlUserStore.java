package org.tethral.sql;

import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.tethral.account.EmailAddress;
import org.tethral.account.Role;
import org.tethral.account.User;
import org.tethral.account.UserStore;
import org.tethral.kernel.Page;

public final class SqlUserStore implements UserStore {

    static final String COLUMNS =
            """
            u.id, u.email, u.password_hash, u.role, u.community_id, u.active, u.created_at, u.last_login_at, u.version
            """;
    private static final String SELECT = "SELECT " + COLUMNS + "FROM users u ";
    private static final String LIST = "users";

    private final Database database;

    public SqlUserStore(Database database) {
        this.database = database;
    }

    @Override
    public Outcome add(User user) {
        return database.write(
                "add user " + user.id(),
                session -> {
                    var added =
                            session.sql(
                                            """
                                            INSERT INTO users (id, email, password_hash, role, community_id, active,
                                                               created_at, last_login_at, version)
                                            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                                            ON CONFLICT (email) DO NOTHING
                                            """)
                                    .set(user.id())
                                    .set(user.email().value())
                                    .set(user.passwordHash())
                                    .set(user.role().word())
                                    .set(user.community())
                                    .set(user.active())
                                    .set(user.createdAt())
                                    .set(user.lastLoginAt())
                                    .set(user.version())
                                    .update();
                    return added == 1
                            ? new Outcome.Stored(user)
                            : new Outcome.EmailTaken(user.email());
                });
    }

    @Override
    public Optional<User> find(UUID id) {
        return database.read("find user " + id, session -> find(session, id));
    }

    private static Optional<User> find(Session session, UUID id) throws SQLException {
        return session.sql(SELECT + "WHERE u.id = ?").set(id).find(SqlUserStore::user);
    }

    @Override
    public Optional<User> find(EmailAddress email) {
        return database.read(
                "find a user",
                session ->
                        session.sql(SELECT + "WHERE u.email = ?")
                                .set(email.value())
                                .find(SqlUserStore::user));
    }

    @Override
    public Page<User> list(Filter filter, Page.Request page) {
        var where = where(filter);
        var after = Cursor.decode(LIST, 1, page);
        if (after != null) {
            where.and("u.email > ?", sql -> sql.set(after.text(0)));
        }
        var rows =
                database.read(
                        "list users",
                        session ->
                                where.in(session, statement())
                                        .set(page.limit() + 1)
                                        .list(SqlUserStore::user));
        return Cursor.page(LIST, rows, page, one -> Cursor.of(one.email().value()));
    }

    static String statement() {
        return SELECT + "{where} ORDER BY u.email LIMIT ?";
    }

    static Where where(Filter filter) {
        var where =
                new Where()
                        .equal(
                                "u.community_id",
                                filter.community() == null ? null : filter.community().value())
                        .equal("u.role", filter.role() == null ? null : filter.role().word());
        var active = filter.active();
        if (active != null) {
            where.and("u.active = ?", sql -> sql.set(active));
        }
        return where;
    }

    @Override
    public Outcome change(User next, Instant at) {
        return database.write(
                "change user " + next.id(),
                session -> {
                    var found = find(session, next.id());
                    if (found.isEmpty()) {
                        return new Outcome.Unknown(next.id());
                    }
                    var before = found.get();
                    if (update(session, next) == 0) {
                        return new Outcome.VersionIsNow(before.version());
                    }
                    if (provesOrMayOtherwise(before, next)) {
                        signOut(session, next.id());
                        endKeysAbove(session, next, at);
                    }
                    return new Outcome.Stored(find(session, next.id()).orElseThrow());
                });
    }

    private static int update(Session session, User next) throws SQLException {
        return session.sql(
                        """
                        UPDATE users
                        SET role = ?, community_id = ?, active = ?, password_hash = ?, version = version + 1
                        WHERE id = ? AND version = ?
                        """)
                .set(next.role().word())
                .set(next.community())
                .set(next.active())
                .set(next.passwordHash())
                .set(next.id())
                .set(next.version())
                .update();
    }

    private static boolean provesOrMayOtherwise(User before, User next) {
        return before.role() != next.role()
                || before.active() != next.active()
                || !Objects.equals(before.community(), next.community())
                || !Objects.equals(before.passwordHash(), next.passwordHash());
    }

    private static void signOut(Session session, UUID user) throws SQLException {
        session.sql("DELETE FROM user_sessions WHERE user_id = ?").set(user).update();
    }

    /// Keys that the user made and that may do what the user may not, or no longer.
    private static void endKeysAbove(Session session, User user, Instant at) throws SQLException {
        var within =
                Arrays.stream(Role.values())
                        .filter(role -> user.active() && user.role().covers(role))
                        .map(Role::word)
                        .toList();
        var community = user.community();
        var elsewhere = community == null ? "" : " OR community_id IS NULL OR community_id <> ?";
        var sql =
                session.sql(
                                """
                                UPDATE api_keys SET revoked_at = ?
                                WHERE user_id = ? AND revoked_at IS NULL AND (NOT (role %s)%s)
                                """
                                        .formatted(session.dialect().oneOf(), elsewhere))
                        .set(at)
                        .set(user.id())
                        .set(within);
        if (community != null) {
            sql.set(community);
        }
        sql.update();
    }

    @Override
    public boolean remove(UUID id, Instant at) {
        return database.write(
                "remove user " + id,
                session -> {
                    session.sql(
                                    "UPDATE api_keys SET revoked_at = ? WHERE user_id = ? AND revoked_at IS NULL")
                            .set(at)
                            .set(id)
                            .update();
                    signOut(session, id);
                    return session.sql("DELETE FROM users WHERE id = ?").set(id).update() > 0;
                });
    }

    @Override
    public boolean hasAdministrator() {
        return database.read(
                "look for an administrator",
                session ->
                        session.sql(
                                                "SELECT 1 FROM users WHERE role = 'superadmin' AND active = ? LIMIT 1")
                                        .set(true)
                                        .number()
                                > 0);
    }

    static User user(Row row) throws SQLException {
        return new User(
                row.uuid("id"),
                new EmailAddress(row.text("email")),
                row.maybeText("password_hash"),
                Role.parse(row.text("role")),
                row.maybeCommunity(),
                row.flag("active"),
                row.time("created_at"),
                row.maybeTime("last_login_at"),
                row.number("version"));
    }
}
