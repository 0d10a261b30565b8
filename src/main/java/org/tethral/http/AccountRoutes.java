package org.tethral.http;

import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.tethral.account.AccountStore;
import org.tethral.account.ApiKey;
import org.tethral.account.Community;
import org.tethral.account.Role;
import org.tethral.account.Scope;
import org.tethral.account.User;
import org.tethral.account.UserStore;
import org.tethral.kernel.Document;
import org.tethral.kernel.Micros;
import org.tethral.kernel.Secret;
import org.tethral.kernel.Value;

/// API keys, and the communities.
final class AccountRoutes {

    private final AccountStore accounts;
    private final UserStore users;
    private final InstantSource clock;
    private final RandomGenerator random;

    AccountRoutes(HttpEdge.Parts parts) {
        this.accounts = parts.stores().accounts();
        this.users = parts.stores().users();
        this.clock = parts.clock();
        this.random = parts.random();
    }

    void on(Operations.Target operations) {
        operations.on(
                "listApiKeys",
                request ->
                        Reply.ok(
                                Fields.whole(
                                        accounts.apiKeys(request.community()),
                                        key -> fields(key).document())));
        operations.on("addApiKey", this::add);
        operations.on("revokeApiKey", this::revoke);
        operations.on(
                "listCommunities",
                _ -> Reply.ok(Fields.whole(accounts.communities(), AccountRoutes::document)));
        operations.on("whoAmI", AccountRoutes::whoAmI);
    }

    private Reply add(ApiRequest request) {
        var secret = Secret.generate(ApiKey.SECRET_PREFIX, random);
        var key =
                new ApiKey(
                        Ids.next(random),
                        request.field("name", text -> text),
                        secret.sha256(),
                        request.field("role", Role::parse),
                        null,
                        Set.of(),
                        request.optionalField("expires_at", ApiRequest::time),
                        null,
                        null,
                        Micros.truncated(clock.instant()));
        accounts.addApiKey(key, users.find(request.principal().actor()).map(User::id).orElse(null));
        return Reply.created(
                        "/api/v1/api-keys/" + key.id(),
                        fields(key).text("secret", secret.reveal()).document())
                .audited(Act.added(key.id(), key.community(), fields(key).document()));
    }

    private Reply revoke(ApiRequest request) {
        var before = find(request.id());
        if (before.isEmpty() || !accounts.revokeApiKey(request.id(), clock.instant())) {
            return Reply.of(Problem.unknown("API key that is not revoked", request.id()));
        }
        var key = before.get();
        return Reply.noContent()
                .audited(
                        Act.changed(
                                key.id(),
                                key.community(),
                                fields(key).document(),
                                fields(find(key.id()).orElse(key)).document()));
    }

    private Optional<ApiKey> find(UUID id) {
        return accounts.apiKeys(null).stream().filter(key -> key.id().equals(id)).findFirst();
    }

    private static Reply whoAmI(ApiRequest request) {
        var principal = request.principal();
        return Reply.ok(
                new Fields()
                        .word("actor", principal.actor())
                        .text("role", principal.role().word())
                        .word("community_id", principal.community())
                        .document());
    }

    private static Fields fields(ApiKey key) {
        return new Fields()
                .word("id", key.id())
                .text("name", key.name())
                .text("role", key.role().word())
                .word("community_id", key.community())
                .list("scopes", key.scopes().stream().map(Scope::word).sorted().toList(), Value::of)
                .time("expires_at", key.expiresAt())
                .time("last_used_at", key.lastUsedAt())
                .time("revoked_at", key.revokedAt())
                .time("created_at", key.createdAt());
    }

    private static Document document(Community community) {
        return new Fields()
                .word("id", community.id())
                .text("name", community.name())
                .value("metadata", community.metadata())
                .time("created_at", community.createdAt())
                .document();
    }
}
