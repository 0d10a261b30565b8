package org.tethral.http;

import java.time.InstantSource;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.tethral.account.AccountStore;
import org.tethral.account.ApiKey;
import org.tethral.account.CommunityId;
import org.tethral.account.Ownership;
import org.tethral.account.Principal;
import org.tethral.account.Role;
import org.tethral.account.Scope;
import org.tethral.account.User;
import org.tethral.account.UserStore;
import org.tethral.kernel.Document;
import org.tethral.kernel.Micros;
import org.tethral.kernel.Secret;
import org.tethral.kernel.Value;

/// API keys, and who asks.
final class AccountRoutes {

    private final AccountStore accounts;
    private final UserStore users;
    private final Ownership ownership;
    private final InstantSource clock;
    private final RandomGenerator random;

    AccountRoutes(HttpEdge.Parts parts) {
        this.accounts = parts.stores().accounts();
        this.users = parts.stores().users();
        this.ownership = parts.stores().ownership();
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
        operations.on("whoAmI", AccountRoutes::whoAmI);
    }

    private Reply add(ApiRequest request) {
        var role = request.field("role", Role::parse);
        var scopes = scopes(request.body());
        checkNoMore(request.principal(), role, scopes);
        var community = community(request, role);
        var secret = Secret.generate(ApiKey.SECRET_PREFIX, random);
        var key =
                new ApiKey(
                        Ids.next(random),
                        request.field("name", text -> text),
                        secret.sha256(),
                        role,
                        community,
                        scopes,
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

    /// Nobody gives away more than they have.
    private static void checkNoMore(Principal own, Role role, Set<Scope> scopes) {
        if (!own.role().covers(role)) {
            throw new Refusal(
                    Problem.of(
                            403,
                            "forbidden",
                            "your role is " + own.role().word() + ", and yours to give up to it"));
        }
        if (!own.scopes().isEmpty() && (scopes.isEmpty() || !own.scopes().containsAll(scopes))) {
            throw new Refusal(
                    Problem.of(
                            403,
                            "forbidden",
                            "your key is limited to scopes: name those of them that the new one gets"));
        }
    }

    /// Left out: the default community, where the role is for one.
    private @Nullable CommunityId community(ApiRequest request, Role role) {
        var given = request.optionalField("community_id", CommunityId::parse);
        if (role == Role.SUPERADMIN) {
            if (given != null) {
                throw new Refusal(
                        Problem.invalid("community_id", "a superadmin is of no single community"));
            }
            return null;
        }
        if (given == null) {
            return request.body().find("community_id").isPresent() ? null : CommunityId.DEFAULT;
        }
        if (ownership.find(Ownership.Kind.COMMUNITY, given.toString()).isEmpty()) {
            throw new Refusal(Problem.invalid("community_id", "there is no community " + given));
        }
        return given;
    }

    private static Set<Scope> scopes(Document given) {
        var scopes = EnumSet.noneOf(Scope.class);
        if (given.find("scopes").orElse(Value.Null.NULL) instanceof Value.Array(var items)) {
            for (var item : items) {
                if (item instanceof Value.Text(var word)) {
                    scopes.add(ApiRequest.parsed("scopes", word, Scope::parse));
                }
            }
        }
        return scopes;
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
                        .list("scopes", words(principal.scopes()), Value::of)
                        .document());
    }

    private static Fields fields(ApiKey key) {
        return new Fields()
                .word("id", key.id())
                .text("name", key.name())
                .text("role", key.role().word())
                .word("community_id", key.community())
                .list("scopes", words(key.scopes()), Value::of)
                .time("expires_at", key.expiresAt())
                .time("last_used_at", key.lastUsedAt())
                .time("revoked_at", key.revokedAt())
                .time("created_at", key.createdAt());
    }

    private static List<String> words(Set<Scope> scopes) {
        return scopes.stream().map(Scope::word).sorted().toList();
    }
}
