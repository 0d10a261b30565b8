package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.tethral.sql.Devices.NOW;

import java.time.Instant;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.tethral.account.AccountStore;
import org.tethral.account.ApiKey;
import org.tethral.account.CommunityId;
import org.tethral.account.Role;
import org.tethral.account.Scope;
import org.tethral.kernel.StorageException;

@EachEngine
class AccountStoreTest {

    private final AccountStore store;

    AccountStoreTest(TestDatabase test) {
        this.store = new SqlAccountStore(test.database());
    }

    @Test
    void findsAKeyByTheHashOfItsSecret() {
        var key = key("hash-1", CommunityId.DEFAULT, NOW);
        store.addApiKey(key);
        assertThat(store.findApiKey("hash-1")).contains(key);
        assertThat(store.findApiKey("hash-2")).isEmpty();
        assertThatThrownBy(() -> store.addApiKey(key("hash-1", null, NOW)))
                .isInstanceOf(StorageException.class)
                .hasMessageStartingWith("add API key ");
    }

    @Test
    void listsTheNewestFirst() {
        var older = key("hash-older", null, NOW.plusSeconds(100));
        var newer = key("hash-newer", null, NOW.plusSeconds(200));
        store.addApiKey(older);
        store.addApiKey(newer);
        assertThat(store.apiKeys(null)).startsWith(newer, older);
    }

    @Test
    void revokesOnce() {
        var key = key("hash-revoked", null, NOW);
        store.addApiKey(key);
        assertThat(store.revokeApiKey(key.id(), NOW.plusSeconds(1))).isTrue();
        assertThat(store.revokeApiKey(key.id(), NOW.plusSeconds(2))).isFalse();
        assertThat(store.findApiKey("hash-revoked").orElseThrow().revokedAt())
                .isEqualTo(NOW.plusSeconds(1));
    }

    @Test
    void showsWhenEachWasLastUsed() {
        var key = key("hash-used", null, NOW);
        store.addApiKey(key);
        store.apiKeyUsed(key.id(), NOW.plusSeconds(3));
        store.apiKeyUsed(key.id(), NOW.plusSeconds(4));
        assertThat(store.apiKeys(null))
                .filteredOn(one -> one.id().equals(key.id()))
                .extracting(ApiKey::lastUsedAt)
                .containsExactly(NOW.plusSeconds(4));
    }

    private static ApiKey key(String hash, @Nullable CommunityId community, Instant createdAt) {
        return new ApiKey(
                UUID.randomUUID(),
                "ops",
                hash,
                Role.OPERATOR,
                community,
                Set.of(Scope.READ, Scope.COMMANDS_SEND),
                NOW.plusSeconds(1_000),
                null,
                null,
                createdAt);
    }
}
