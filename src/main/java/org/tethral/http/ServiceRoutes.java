package org.tethral.http;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.CookieSameSite;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.tethral.account.Role;
import org.tethral.account.Scope;
import org.tethral.account.Sessions;

/// Health, metrics, and signing in and out: what is open to more than API keys.
final class ServiceRoutes {

    /// Of others than those on this machine.
    static final Access.ByPrincipal METRICS =
            new Access.ByPrincipal(Role.VIEWER, Optional.of(Scope.READ), new Tenancy.Platform());

    private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

    private final Api api;
    private final Authorization authorization;
    private final Sessions sessions;
    private final Supplier<String> metrics;
    private final Health health;

    ServiceRoutes(Vertx vertx, HttpEdge.Parts parts, Api api, Authorization authorization) {
        this.api = api;
        this.authorization = authorization;
        this.sessions = parts.sessions();
        this.metrics = parts.metrics();
        this.health = new Health(vertx, parts, api);
    }

    Map<String, Handler<RoutingContext>> handlers() {
        return Map.of(
                "health", routing -> health.all(routing.request()),
                "healthReady", routing -> health.ready(routing.request()),
                "healthLive", routing -> Health.live(routing.request()),
                "metrics", routing -> metrics(routing.request()),
                "signIn", routing -> signIn(routing.request()),
                "signOut", routing -> signOut(routing.request()));
    }

    private void metrics(HttpServerRequest request) {
        var credentials = Credentials.of(request);
        var open = onThisMachine(request);
        api.answer(
                request,
                "metrics",
                () -> {
                    if (!open) {
                        authorization.require(METRICS, HttpMethod.GET, credentials);
                    }
                    return Reply.text(200, PROMETHEUS, metrics.get());
                });
    }

    /// A proxy on this machine speaks for others, and says so.
    private static boolean onThisMachine(HttpServerRequest request) {
        var address = request.remoteAddress().hostAddress();
        return (address.startsWith("127.")
                        || address.equals("::1")
                        || address.equals("0:0:0:0:0:0:0:1"))
                && request.getHeader("X-Forwarded-For") == null
                && request.getHeader("Forwarded") == null;
    }

    private void signIn(HttpServerRequest request) {
        var response = request.response();
        var session = Credentials.secret(request.getParam("token")).flatMap(sessions::signIn);
        if (session.isEmpty()) {
            Send.reply(
                    response,
                    Reply.text(
                            401,
                            "text/plain; charset=utf-8",
                            "This sign-in link was used before, or is too old. Ask the server for a new one.\n"));
            return;
        }
        response.addCookie(
                cookie(request, session.get().reveal())
                        .setMaxAge(Sessions.SESSION_VALID_FOR.toSeconds()));
        Send.reply(
                response,
                Reply.noContent(303).with("Location", "/").with("Referrer-Policy", "no-referrer"));
    }

    private void signOut(HttpServerRequest request) {
        var credentials = Credentials.of(request);
        if (!credentials.sameOrigin()) {
            Send.problem(
                    request.response(),
                    Problem.of(403, "cross-site", "only pages of this server may sign out"));
            return;
        }
        if (credentials.session() != null) {
            sessions.signOut(credentials.session());
        }
        request.response().addCookie(cookie(request, "").setMaxAge(0));
        Send.reply(request.response(), Reply.noContent());
    }

    private static Cookie cookie(HttpServerRequest request, String value) {
        return Cookie.cookie(Credentials.SESSION_COOKIE, value)
                .setPath("/")
                .setHttpOnly(true)
                .setSecure(request.isSSL())
                .setSameSite(CookieSameSite.STRICT);
    }
}
