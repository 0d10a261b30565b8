package org.tethral.http;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.tethral.kernel.TlsFiles;

/// The share of one event loop in the listeners: all instances listen on the same ports, and the
/// connections are divided among them.
final class Listener extends VerticleBase {

    private static final int HEADER_BYTES_MAX = 16 * 1024;
    private static final int REQUEST_LINE_BYTES_MAX = 8 * 1024;
    private static final long SWEEP_EVERY_MILLIS = 500;

    /// Vert.x shares a free port among instances under a negative number.
    private static final int FREE_PORT = -1;

    private static final int FREE_TLS_PORT = -2;

    /// What all instances share.
    record Shared(
            HttpEdge.Settings settings,
            Duration answerWithin,
            HttpEdge.Parts parts,
            Api api,
            Operations operations,
            Contract.Mounting mounting,
            ServiceRoutes service,
            DesiredWatch watch,
            Set<CommandWait> waiting,
            Pages pages,
            HttpEdge.WebSockets webSockets) {}

    private final Shared shared;
    private final List<HttpServer> servers = new ArrayList<>();
    private volatile @Nullable Answers answers;
    private @Nullable Router routes;
    private volatile int port = -1;
    private volatile int tlsPort = -1;

    Listener(Shared shared) {
        this.shared = shared;
    }

    @Override
    public Future<?> start() {
        var mine = new Answers(context, shared.answerWithin());
        answers = mine;
        vertx.setPeriodic(SWEEP_EVERY_MILLIS, _ -> mine.sweep(System.nanoTime()));
        var router = shared.mounting().router(vertx, shared.operations().handlers(direct(mine)));
        shared.pages().on(router);
        routes = router;
        Problems.on(router);
        var settings = shared.settings();
        var plain =
                listen(router, options(), settings.port() == 0 ? FREE_PORT : settings.port())
                        .onSuccess(actual -> port = actual);
        var tls = settings.tls();
        if (settings.tlsPort() < 0 || tls == null) {
            return plain;
        }
        var secured =
                listen(
                                router,
                                secured(tls),
                                settings.tlsPort() == 0 ? FREE_TLS_PORT : settings.tlsPort())
                        .onSuccess(actual -> tlsPort = actual);
        return Future.all(plain, secured);
    }

    private Map<String, Handler<RoutingContext>> direct(Answers mine) {
        var parts = shared.parts();
        var api = shared.api();
        var intake = new DeviceIntake(parts, api, mine, vertx, shared.settings().messageLimit());
        var handlers = new HashMap<>(shared.service().handlers());
        handlers.putAll(new SignInRoutes(parts, api).handlers());
        handlers.putAll(new ProviderRoutes(parts, api).handlers());
        handlers.putAll(new DeviceChannel(intake, parts, api, shared.watch(), vertx).handlers());
        handlers.putAll(
                new CommandChannel(
                                intake, parts, shared.waiting(), vertx, shared.mounting().names())
                        .handlers());
        handlers.putAll(
                new ProvisioningChannel(parts, api, shared.settings().messageLimit()).handlers());
        handlers.putAll(
                new ThingsBoardChannel(
                                intake,
                                parts,
                                shared.watch(),
                                api,
                                vertx,
                                shared.mounting().names())
                        .handlers());
        return handlers;
    }

    private Future<Integer> listen(Router router, HttpServerOptions options, int wanted) {
        var webSockets = shared.webSockets();
        webSockets.limits().accept(options);
        var server = vertx.createHttpServer(options);
        Handler<HttpServerRequest> requests = router;
        server.requestHandler(requests);
        server.webSocketHandshakeHandler(webSockets.handshake());
        servers.add(server);
        var address = shared.settings().bind();
        return server.listen(wanted, address)
                .map(HttpServer::actualPort)
                .recover(e ->
                        Future.failedFuture(
                                new IllegalStateException(
                                        "cannot listen on "
                                                + address
                                                + ":"
                                                + Math.max(wanted, 0)
                                                + " for HTTP: "
                                                + e.getMessage(),
                                        e)));
    }

    private static HttpServerOptions options() {
        return new HttpServerOptions()
                .setHandle100ContinueAutomatically(true)
                .setMaxHeaderSize(HEADER_BYTES_MAX)
                .setMaxInitialLineLength(REQUEST_LINE_BYTES_MAX)
                .setIdleTimeout((int) HttpEdge.IDLE_MAX.toSeconds())
                .setIdleTimeoutUnit(TimeUnit.SECONDS)
                .setHttp2ClearTextEnabled(false)
                .setTcpNoDelay(true)
                .setReuseAddress(true);
    }

    private static HttpServerOptions secured(TlsFiles files) {
        var options = options();
        options.setSsl(true)
                .setUseAlpn(true)
                .setEnabledSecureTransportProtocols(Set.of("TLSv1.2", "TLSv1.3"))
                .setKeyCertOptions(
                        new PemKeyCertOptions()
                                .setCertPath(files.certificate().toString())
                                .setKeyPath(files.privateKey().toString()));
        var authority = files.clientAuthority();
        if (authority != null) {
            options.setTrustOptions(new PemTrustOptions().addCertPath(authority.toString()))
                    .setClientAuth(io.vertx.core.http.ClientAuth.REQUEST);
        }
        return options;
    }

    /// On any thread: answers are ready to be sent.
    void flush() {
        var mine = answers;
        if (mine != null) {
            mine.flush();
        }
    }

    @Nullable Router routes() {
        return routes;
    }

    int port() {
        return port;
    }

    int tlsPort() {
        return tlsPort;
    }

    /// Takes no more connections; those that are open end with the request that they carry.
    Future<?> shutDown(Duration max) {
        var stopping =
                servers.stream()
                        .map(server -> server.shutdown(max.toSeconds(), TimeUnit.SECONDS))
                        .toList();
        return Future.join(stopping);
    }
}
