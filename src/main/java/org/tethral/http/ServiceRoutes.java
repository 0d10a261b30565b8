package org.tethral.http;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.tethral.account.Role;
import org.tethral.account.Scope;

/// Health and metrics: what is open to more than API keys.
final class ServiceRoutes {

    /// Of others than those on this machine.
    static final Access.ByPrincipal METRICS =
            new Access.ByPrincipal(Role.VIEWER, Optional.of(Scope.READ), new Tenancy.Platform());

    private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

    private final Api api;
    private final Authorization authorization;
    private final Supplier<String> metrics;
    private final Health health;

    ServiceRoutes(Vertx vertx, HttpEdge.Parts parts, Api api, Authorization authorization) {
        this.api = api;
        this.authorization = authorization;
        this.metrics = parts.metrics();
        this.health = new Health(vertx, parts, api);
    }

    Map<String, Handler<RoutingContext>> handlers() {
        return Map.of(
                "health", routing -> health.all(routing.request()),
                "healthReady", routing -> health.ready(routing.request()),
                "healthLive", routing -> Health.live(routing.request()),
                "metrics", routing -> metrics(routing.request()));
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
}
