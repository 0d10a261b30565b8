package org.tethral.http;

import io.vertx.core.Handler;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.CookieSameSite;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.net.URI;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tethral.account.IdentityProvider;
import org.tethral.account.ProviderLogin;
import org.tethral.account.Sessions;

/// Signing in with an identity provider: the browser is sent there, and comes back with a code.
final class ProviderRoutes {

    private static final String CALLBACK = "/sign-in/provider/callback";
    private static final String COOKIE = "tethral_provider";
    private static final Logger LOG = LoggerFactory.getLogger(ProviderRoutes.class);

    private final Api api;
    private final HttpEdge.@Nullable Provider provider;
    private final SignInAudit audit;

    ProviderRoutes(HttpEdge.Parts parts, Api api) {
        this.api = api;
        this.provider = parts.provider();
        this.audit = new SignInAudit(parts);
    }

    Map<String, Handler<RoutingContext>> handlers() {
        return Map.of(
                "signInAtProvider", routing -> depart(routing.request()),
                "signedInAtProvider", routing -> arrive(routing.request()));
    }

    private void depart(HttpServerRequest request) {
        var tls = request.isSSL();
        var from = from(request);
        api.answer(
                request,
                "signInAtProvider",
                () -> {
                    var known = known();
                    var sent = reached(() -> known.login().depart(callback(known, from)));
                    return Reply.noContent(303)
                            .with("Location", sent.where().toString())
                            .with("Referrer-Policy", "no-referrer")
                            .with("Set-Cookie", cookie(sent.sealed(), tls));
                });
    }

    /// The browser comes from the provider's page: a strict cookie would stay at home.
    private static String cookie(String sealed, boolean tls) {
        return Cookie.cookie(COOKIE, sealed)
                .setPath(CALLBACK)
                .setHttpOnly(true)
                .setSecure(tls)
                .setSameSite(CookieSameSite.LAX)
                .setMaxAge(ProviderLogin.AWAY_MAX.toSeconds())
                .encode();
    }

    private void arrive(HttpServerRequest request) {
        var tls = request.isSSL();
        var from = from(request);
        var remote = request.remoteAddress().hostAddress();
        var query = request.query();
        var kept = request.getCookie(COOKIE);
        var sealed = kept == null ? "" : kept.getValue();
        api.answer(
                request,
                "signedInAtProvider",
                () -> {
                    var known = known();
                    var callback = callback(known, from);
                    var back = back(callback, query);
                    return switch (reached(
                            () -> known.login().arrive(callback, back, sealed, remote))) {
                        case ProviderLogin.Outcome.SignedIn(var user, var session, var added) -> {
                            LOG.atInfo()
                                    .addKeyValue("user_id", user.id())
                                    .addKeyValue("remote_address", remote)
                                    .log("signed in at the provider");
                            if (added) {
                                audit.added(user, remote);
                            }
                            audit.opened(user.principal(), ProviderLogin.METHOD, remote);
                            yield SignInRoutes.entered(
                                    session,
                                    Sessions.SESSION_VALID_FOR,
                                    tls,
                                    Reply.noContent(303).with("Location", "/"));
                        }
                        case ProviderLogin.Outcome.Refused(var reason) -> {
                            LOG.atInfo()
                                    .addKeyValue("reason", reason)
                                    .addKeyValue("remote_address", remote)
                                    .log("sign-in at the provider refused");
                            yield Reply.text(
                                    401,
                                    "text/plain; charset=utf-8",
                                    "You cannot sign in so. An administrator of this server finds the reason in its log, and can add you to its people.\n");
                        }
                    };
                });
    }

    @FunctionalInterface
    private interface Asking<T> {
        T ask();
    }

    private static <T> T reached(Asking<T> asking) {
        try {
            return asking.ask();
        } catch (IdentityProvider.Away e) {
            LOG.atWarn().addKeyValue("reason", e.getMessage()).log("identity provider away");
            throw new Refusal(
                    Problem.busy("provider-away", "the identity provider does not answer", 10));
        }
    }

    private HttpEdge.Provider known() {
        if (provider == null) {
            throw new Refusal(Problem.of(404, "not-found", "there is no identity provider here"));
        }
        return provider;
    }

    private static URI back(URI callback, @Nullable String query) {
        try {
            return URI.create(callback + "?" + (query == null ? "" : query));
        } catch (IllegalArgumentException e) {
            throw new Refusal(
                    Problem.of(400, "malformed-query", "the query is not percent-encoded"));
        }
    }

    /// As browsers reach us, unless it is set.
    private static @Nullable String from(HttpServerRequest request) {
        var host = request.getHeader("Host");
        return host == null ? null : (request.isSSL() ? "https://" : "http://") + host;
    }

    private static URI callback(HttpEdge.Provider provider, @Nullable String from) {
        try {
            var base = provider.publicUrl();
            if (base != null) {
                return base.resolve(CALLBACK);
            }
            if (from != null) {
                return URI.create(from + CALLBACK);
            }
        } catch (IllegalArgumentException e) {
            // told below
        }
        throw new Refusal(Problem.of(400, "malformed-host", "the Host header is none"));
    }
}
