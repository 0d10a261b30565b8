package org.tethral.http;

import io.vertx.core.http.HttpMethod;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import org.tethral.account.AccountStore;
import org.tethral.account.ApiKey;
import org.tethral.account.CommunityId;
import org.tethral.account.Ownership;
import org.tethral.account.Principal;
import org.tethral.account.Sessions;
import org.tethral.kernel.Secret;
import org.tethral.kernel.Value;

/// Who may do what: the one place where it is decided, by what the document says of an operation.
final class Authorization {

    private static final Duration USE_NOTED_EVERY = Duration.ofMinutes(1);
    private static final Set<HttpMethod> SAFE = Set.of(HttpMethod.GET, HttpMethod.HEAD);

    private static final String COMMUNITY = "community_id";

    private final AccountStore accounts;
    private final Ownership ownership;
    private final Sessions sessions;
    private final InstantSource clock;

    Authorization(
            AccountStore accounts, Ownership ownership, Sessions sessions, InstantSource clock) {
        this.accounts = accounts;
        this.ownership = ownership;
        this.sessions = sessions;
        this.clock = clock;
    }

    /// Before the request is read. May ask the database.
    ///
    /// @throws Refusal with 401 or 403
    Principal require(Access.ByPrincipal access, HttpMethod method, Credentials credentials) {
        var principal = authenticate(method, credentials);
        if (!principal.role().covers(access.role())) {
            throw forbidden(
                    "this needs the role "
                            + access.role().word()
                            + ", yours is "
                            + principal.role().word());
        }
        if (access.scope().isPresent() && !principal.may(access.scope().get())) {
            throw forbidden("this needs a key with the scope " + access.scope().get().word());
        }
        if (access.tenancy() instanceof Tenancy.Platform && principal.community() != null) {
            throw forbidden("this is for those who are of no single community");
        }
        return principal;
    }

    /// Keeps who is of a single community to it: what is of another one is as if it were not there.
    /// May ask the database.
    ///
    /// @return the request as its action shall see it
    /// @throws Refusal with 403 or 404
    ApiRequest within(Access.ByPrincipal access, ApiRequest request) {
        var own = request.principal().community();
        if (own == null) {
            return request;
        }
        checkNamed(own, request);
        return switch (access.tenancy()) {
            case Tenancy.Platform _, Tenancy.Self _, Tenancy.Filtered _ -> request;
            case Tenancy.Creates _ ->
                    request.with(request.body().with(COMMUNITY, Value.of(own.toString())));
            case Tenancy.Of of -> {
                checkOwned(own, of, request);
                yield request;
            }
        };
    }

    /// Whatever a request is about, it names no community but the caller's.
    private static void checkNamed(CommunityId own, ApiRequest request) {
        var asked = request.query(COMMUNITY, CommunityId::parse);
        var given = request.body().find(COMMUNITY);
        if (asked != null && !asked.equals(own)
                || given.isPresent() && !given.get().equals(Value.of(own.toString()))) {
            throw forbidden("you are of the community " + own + ", and this is of another");
        }
    }

    private void checkOwned(CommunityId own, Tenancy.Of of, ApiRequest request) {
        var name =
                switch (of.place()) {
                    case PATH -> request.path().get(of.name());
                    case QUERY -> request.query(of.name()).orElse(null);
                    case BODY -> request.body().text(of.name()).orElse(null);
                };
        if (name == null) {
            throw new Refusal(Problem.invalid(of.name(), "is missing"));
        }
        var visible =
                ownership
                        .find(of.kind(), name)
                        .filter(owner ->
                                owner.community() == null
                                        ? of.shared()
                                        : owner.community().equals(own));
        if (visible.isEmpty()) {
            throw new Refusal(Problem.unknown(of.kind().words(), name));
        }
    }

    private static Refusal forbidden(String detail) {
        return new Refusal(Problem.of(403, "forbidden", detail));
    }

    private Principal authenticate(HttpMethod method, Credentials credentials) {
        var key = credentials.key();
        if (key != null) {
            return byKey(key);
        }
        var session = credentials.session();
        if (session == null) {
            throw new Refusal(
                    Problem.unauthenticated(
                            "an API key (Authorization: Bearer …, or X-API-Key) or a session is needed"));
        }
        var principal =
                sessions.find(session)
                        .orElseThrow(() ->
                                new Refusal(
                                        Problem.unauthenticated(
                                                "the session is over: sign in again")));
        if (!SAFE.contains(method) && !credentials.sameOrigin()) {
            throw new Refusal(
                    Problem.of(
                            403,
                            "cross-site",
                            "a session changes things only from pages of this server"));
        }
        return principal;
    }

    /// Who that is at this moment; empty: nobody, or nobody any more. Does not count as a use. Asks
    /// the database.
    Optional<Principal> look(Credentials credentials) {
        var key = credentials.key();
        if (key != null) {
            return valid(key).map(Principal::of);
        }
        var session = credentials.session();
        return session == null ? Optional.empty() : sessions.look(session);
    }

    private Optional<ApiKey> valid(Secret secret) {
        var now = clock.instant();
        return accounts.findApiKey(secret.sha256()).filter(found -> found.validAt(now));
    }

    private Principal byKey(Secret secret) {
        var key =
                valid(secret)
                        .orElseThrow(() ->
                                new Refusal(
                                        Problem.unauthenticated(
                                                "unknown, expired or revoked API key")));
        noteUse(key);
        return Principal.of(key);
    }

    private void noteUse(ApiKey key) {
        var now = clock.instant();
        var before = key.lastUsedAt();
        if (before == null || before.plus(USE_NOTED_EVERY).isBefore(now)) {
            accounts.apiKeyUsed(key.id(), now);
        }
    }
}
