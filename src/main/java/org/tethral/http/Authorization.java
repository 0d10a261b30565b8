package org.tethral.http;

import io.vertx.core.http.HttpMethod;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Set;
import org.tethral.account.AccountStore;
import org.tethral.account.ApiKey;
import org.tethral.account.Principal;
import org.tethral.account.Role;
import org.tethral.account.Sessions;
import org.tethral.kernel.Secret;

/// Who may do what: the one place where it is decided.
final class Authorization {

    private static final Duration USE_NOTED_EVERY = Duration.ofMinutes(1);
    private static final Set<HttpMethod> SAFE = Set.of(HttpMethod.GET, HttpMethod.HEAD);

    private final AccountStore accounts;
    private final Sessions sessions;
    private final InstantSource clock;

    Authorization(AccountStore accounts, Sessions sessions, InstantSource clock) {
        this.accounts = accounts;
        this.sessions = sessions;
        this.clock = clock;
    }

    /// May ask the database.
    ///
    /// @throws Refusal with 401 or 403
    Principal require(Role needed, HttpMethod method, Credentials credentials) {
        var principal = authenticate(method, credentials);
        if (!principal.role().covers(needed)) {
            throw new Refusal(
                    Problem.of(
                            403,
                            "forbidden",
                            "this needs the role "
                                    + needed.word()
                                    + ", yours is "
                                    + principal.role().word()));
        }
        if (principal.community() != null) {
            // until every path filters by community, whoever belongs to a single one sees nothing
            throw new Refusal(
                    Problem.of(403, "forbidden", "keys of a single community are not served yet"));
        }
        return principal;
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

    private Principal byKey(Secret secret) {
        var now = clock.instant();
        var key =
                accounts.findApiKey(secret.sha256())
                        .filter(found -> found.validAt(now))
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
