package org.tethral.sql;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;
import org.tethral.device.Profile;
import org.tethral.device.ProfileId;
import org.tethral.device.ProfileStore;
import org.tethral.device.Protocol;
import org.tethral.kernel.StorageException;

public final class SqlProfileStore implements ProfileStore {

    private static final String SELECT =
            """
            SELECT id, community_id, name, manufacturer, model, protocol, codec, default_configuration,
                   retention, heartbeat_interval_s, offline_after_s, provisioning_key, provisioning_secret_hash, created_at
            FROM device_profiles
            """;

    private final Database database;

    public SqlProfileStore(Database database) {
        this.database = database;
    }

    @Override
    public Outcome add(Profile profile) {
        var added =
                database.write(
                        "add profile " + profile.name(),
                        session ->
                                bind(
                                                profile,
                                                session.sql(
                                                        """
                                                        INSERT INTO device_profiles
                                                            (community_id, name, manufacturer, model, protocol, codec,
                                                             default_configuration, retention, heartbeat_interval_s,
                                                             offline_after_s, provisioning_key, provisioning_secret_hash,
                                                             id, created_at)
                                                        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                                                        ON CONFLICT (name) DO NOTHING
                                                        """))
                                        .set(profile.createdAt())
                                        .update());
        return added == 0 ? new Outcome.NameTaken(profile.name()) : new Outcome.Stored(profile);
    }

    @Override
    public Outcome change(Profile profile) {
        return unlessNameTaken(
                profile,
                () -> {
                    var changed =
                            database.write(
                                    "change profile " + profile.name(),
                                    session ->
                                            bind(
                                                            profile,
                                                            session.sql(
                                                                    """
                                                                    UPDATE device_profiles
                                                                    SET community_id = ?, name = ?, manufacturer = ?,
                                                                        model = ?, protocol = ?, codec = ?,
                                                                        default_configuration = ?, retention = ?, heartbeat_interval_s = ?,
                                                                        offline_after_s = ?, provisioning_key = ?,
                                                                        provisioning_secret_hash = ?
                                                                    WHERE id = ?
                                                                    """))
                                                    .update());
                    return changed == 0
                            ? new Outcome.Unknown(profile.id())
                            : new Outcome.Stored(profile);
                });
    }

    private Outcome unlessNameTaken(Profile profile, Supplier<Outcome> act) {
        try {
            return act.get();
        } catch (StorageException e) {
            var other = findByName(profile.name());
            if (e.getCause() instanceof SQLException reason
                    && SqlErrors.isDuplicate(reason)
                    && other.isPresent()
                    && !other.get().id().equals(profile.id())) {
                return new Outcome.NameTaken(profile.name());
            }
            throw e;
        }
    }

    private static Sql bind(Profile profile, Sql sql) throws SQLException {
        return sql.set(profile.community())
                .set(profile.name())
                .set(profile.manufacturer())
                .set(profile.model())
                .set(profile.protocol() == null ? null : profile.protocol().word())
                .set(profile.codec())
                .set(profile.defaultConfiguration())
                .set(profile.retention())
                .set(profile.heartbeatInterval().toSeconds())
                .set(profile.offlineAfter().toSeconds())
                .set(profile.provisioningKey())
                .set(profile.provisioningSecretHash())
                .set(profile.id().value());
    }

    @Override
    public Outcome remove(ProfileId id) {
        return database.write(
                "remove profile " + id,
                session -> {
                    var devices =
                            session.sql("SELECT count(*) FROM devices WHERE profile_id = ?")
                                    .set(id.value())
                                    .number();
                    if (devices > 0) {
                        return new Outcome.InUse(devices);
                    }
                    var profile =
                            session.sql(SELECT + "WHERE id = ?")
                                    .set(id.value())
                                    .find(SqlProfileStore::profile);
                    session.sql("DELETE FROM device_profiles WHERE id = ?")
                            .set(id.value())
                            .update();
                    return profile.<Outcome>map(Outcome.Stored::new)
                            .orElseGet(() -> new Outcome.Unknown(id));
                });
    }

    @Override
    public Optional<Profile> find(ProfileId id) {
        return database.read(
                "find profile " + id,
                session ->
                        session.sql(SELECT + "WHERE id = ?")
                                .set(id.value())
                                .find(SqlProfileStore::profile));
    }

    @Override
    public Optional<Profile> findByName(String name) {
        return database.read(
                "find profile " + name,
                session ->
                        session.sql(SELECT + "WHERE name = ?")
                                .set(name)
                                .find(SqlProfileStore::profile));
    }

    @Override
    public Optional<Profile> findByProvisioningKey(String key) {
        return database.read(
                "find a profile by its provisioning key",
                session ->
                        session.sql(SELECT + "WHERE provisioning_key = ?")
                                .set(key)
                                .find(SqlProfileStore::profile));
    }

    @Override
    public List<Profile> list(@Nullable CommunityId community) {
        var where = new Where();
        if (community != null) {
            where.and(
                    "(community_id = ? OR community_id IS NULL)",
                    sql -> sql.set(community.value()));
        }
        return database.read(
                "list profiles",
                session ->
                        where.in(session, SELECT + "{where} ORDER BY name")
                                .list(SqlProfileStore::profile));
    }

    private static Profile profile(Row row) throws SQLException {
        var protocol = row.maybeText("protocol");
        return new Profile(
                new ProfileId(row.uuid("id")),
                row.maybeCommunity(),
                row.text("name"),
                row.maybeText("manufacturer"),
                row.maybeText("model"),
                protocol == null ? null : Protocol.parse(protocol),
                row.document("codec"),
                row.document("default_configuration"),
                row.document("retention"),
                Duration.ofSeconds(row.number("heartbeat_interval_s")),
                Duration.ofSeconds(row.number("offline_after_s")),
                row.maybeText("provisioning_key"),
                row.maybeText("provisioning_secret_hash"),
                row.time("created_at"));
    }
}
