package org.tethral.sql;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.tethral.device.ConnectingDevice;
import org.tethral.device.Credential;
import org.tethral.device.CredentialStore;
import org.tethral.device.DeviceId;
import org.tethral.device.Profile;

public final class SqlCredentialStore implements CredentialStore {

    private static final String SELECT =
            """
            SELECT id, device_id, type, identity, secret_hash, not_before, not_after, revoked_at, last_used_at
            FROM device_credentials
            """;

    private final Database database;
    private final LastUses uses;

    public SqlCredentialStore(Database database) {
        this.database = database;
        this.uses = new LastUses(database, "device_credentials");
    }

    @Override
    public Addition add(Credential credential) {
        return database.write(
                "add a credential of " + credential.device(),
                session -> {
                    var devices =
                            session.sql("SELECT count(*) FROM devices WHERE device_id = ?")
                                    .set(credential.device())
                                    .number();
                    if (devices == 0) {
                        return new Addition.UnknownDevice(credential.device());
                    }
                    return insert(session, credential)
                            ? new Addition.Added(credential)
                            : new Addition.IdentityTaken();
                });
    }

    /// False where the identity is taken.
    static boolean insert(Session session, Credential credential) throws SQLException {
        return session.sql(
                                """
                                INSERT INTO device_credentials (id, device_id, type, identity, secret_hash, not_before,
                                                                not_after, revoked_at, last_used_at)
                                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                                ON CONFLICT (type, identity) DO NOTHING
                                """)
                        .set(credential.id())
                        .set(credential.device())
                        .set(credential.type().word())
                        .set(credential.identity())
                        .set(credential.secretHash())
                        .set(credential.notBefore())
                        .set(credential.notAfter())
                        .set(credential.revokedAt())
                        .set(credential.lastUsedAt())
                        .update()
                > 0;
    }

    /// Oldest first.
    @Override
    public List<Credential> list(DeviceId device) {
        uses.write();
        return database.read(
                "list credentials of " + device,
                session ->
                        session.sql(SELECT + "WHERE device_id = ? ORDER BY not_before, id")
                                .set(device)
                                .list(SqlCredentialStore::credential));
    }

    @Override
    public Optional<Credential> find(UUID id) {
        uses.write();
        return database.read(
                "find credential " + id,
                session ->
                        session.sql(SELECT + "WHERE id = ?")
                                .set(id)
                                .find(SqlCredentialStore::credential));
    }

    @Override
    public boolean end(UUID id, Instant at) {
        return update(
                "UPDATE device_credentials SET not_after = ? WHERE id = ? AND revoked_at IS NULL",
                id,
                at);
    }

    @Override
    public boolean revoke(UUID id, Instant at) {
        return update(
                "UPDATE device_credentials SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL",
                id,
                at);
    }

    private boolean update(String statement, UUID id, Instant at) {
        return database.write(
                "end credential " + id,
                session -> session.sql(statement).set(at).set(id).update() > 0);
    }

    @Override
    public Optional<Found> find(Credential.Type type, String identity) {
        return database.read(
                "find a credential",
                session ->
                        session.sql(
                                        """
                                        SELECT c.id, c.device_id, c.type, c.identity, c.secret_hash, c.not_before,
                                               c.not_after, c.revoked_at, c.last_used_at,
                                               d.community_id, d.enabled, p.heartbeat_interval_s, p.offline_after_s
                                        FROM device_credentials c
                                        JOIN devices d ON d.device_id = c.device_id
                                        LEFT JOIN device_profiles p ON p.id = d.profile_id
                                        WHERE c.type = ? AND c.identity = ?
                                        """)
                                .set(type.word())
                                .set(identity)
                                .find(row -> new Found(credential(row), connecting(row))));
    }

    @Override
    public void used(UUID id, Instant at) {
        uses.used(id, at);
    }

    /// Out of columns of `devices` and, where it has one, of its profile.
    static ConnectingDevice connecting(Row row) throws SQLException {
        return new ConnectingDevice(
                row.device(),
                row.maybeCommunity(),
                row.flag("enabled"),
                seconds(
                        row.maybeNumber("heartbeat_interval_s"),
                        Profile.HEARTBEAT_INTERVAL_DEFAULT),
                seconds(row.maybeNumber("offline_after_s"), Profile.OFFLINE_AFTER_DEFAULT));
    }

    private static Duration seconds(@Nullable Long seconds, Duration otherwise) {
        return seconds == null ? otherwise : Duration.ofSeconds(seconds);
    }

    private static Credential credential(Row row) throws SQLException {
        return new Credential(
                row.uuid("id"),
                row.device(),
                Credential.Type.parse(row.text("type")),
                row.text("identity"),
                row.text("secret_hash"),
                row.time("not_before"),
                row.maybeTime("not_after"),
                row.maybeTime("revoked_at"),
                row.maybeTime("last_used_at"));
    }
}
