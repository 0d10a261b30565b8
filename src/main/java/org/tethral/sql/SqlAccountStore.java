package org.tethral.sql;

import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tethral.account.AccountStore;
import org.tethral.account.ApiKey;
import org.tethral.account.CommunityId;
import org.tethral.account.Role;
import org.tethral.account.Scope;

public final class SqlAccountStore implements AccountStore {

    private static final String SELECT_KEY =
            """
            SELECT id, name, key_hash, role, community_id, scopes, expires_at, last_used_at, revoked_at, created_at
            FROM api_keys
            """;

    private final Database database;
    private final LastUses uses;

    public SqlAccountStore(Database database) {
        this.database = database;
        this.uses = new LastUses(database, "api_keys");
    }

    @Override
    public void addApiKey(ApiKey key, @Nullable UUID madeBy) {
        database.write(
                "add API key " + key.name(),
                session ->
                        session.sql(
                                        """
                                        INSERT INTO api_keys (id, name, key_hash, role, community_id, scopes, expires_at,
                                                              last_used_at, revoked_at, created_at, user_id)
                                        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                                        """)
                                .set(key.id())
                                .set(key.name())
                                .set(key.keyHash())
                                .set(key.role().word())
                                .set(key.community())
                                .setTexts(key.scopes().stream().map(Scope::word).sorted().toList())
                                .set(key.expiresAt())
                                .set(key.lastUsedAt())
                                .set(key.revokedAt())
                                .set(key.createdAt())
                                .set(madeBy)
                                .update());
    }

    @Override
    public Optional<ApiKey> findApiKey(String keyHash) {
        return database.read(
                "find an API key",
                session ->
                        session.sql(SELECT_KEY + "WHERE key_hash = ?")
                                .set(keyHash)
                                .find(SqlAccountStore::key));
    }

    @Override
    public List<ApiKey> apiKeys(@Nullable CommunityId community) {
        uses.write();
        return database.read(
                "list API keys",
                session ->
                        new Where()
                                .equal("community_id", community == null ? null : community.value())
                                .in(session, SELECT_KEY + "{where} ORDER BY created_at DESC, id")
                                .list(SqlAccountStore::key));
    }

    @Override
    public boolean revokeApiKey(UUID id, Instant at) {
        return database.write(
                "revoke API key " + id,
                session ->
                        session.sql(
                                                "UPDATE api_keys SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL")
                                        .set(at)
                                        .set(id)
                                        .update()
                                > 0);
    }

    @Override
    public void apiKeyUsed(UUID id, Instant at) {
        uses.used(id, at);
    }

    private static ApiKey key(Row row) throws SQLException {
        return new ApiKey(
                row.uuid("id"),
                row.text("name"),
                row.text("key_hash"),
                Role.parse(row.text("role")),
                row.maybeCommunity(),
                row.texts("scopes").stream().map(Scope::parse).collect(Collectors.toSet()),
                row.maybeTime("expires_at"),
                row.maybeTime("last_used_at"),
                row.maybeTime("revoked_at"),
                row.time("created_at"));
    }
}
