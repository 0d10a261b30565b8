package org.tethral.http;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.ServerWebSocketHandshake;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.ext.web.Router;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.tethral.kernel.TlsFiles;

/// The share of one event loop in the listeners: all instances listen on the same ports, and the
/// connections are divided among them.
final class Listener extends VerticleBase {

    private static final int HEADER_BYTES_MAX = 16 * 1024;
    private static final int REQUEST_LINE_BYTES_MAX = 8 * 1024;
    private static final long SWEEP_EVERY_MILLIS = 1_000;

    /// Vert.x shares a free port among instances under a negative number.
    private static final int FREE_PORT = -1;

    private static final int FREE_TLS_PORT = -2;

    private final HttpEdge.Settings settings;
    private final HttpEdge.Parts parts;
    private final Api api;
    private final Operations operations;
    private final Contract.Mounting mounting;
    private final @Nullable Handler<ServerWebSocketHandshake> handshake;
    private final @Nullable Handler<ServerWebSocket> open;
    private final List<HttpServer> servers = new ArrayList<>();
    private volatile @Nullable Answers answers;
    private volatile int port = -1;
    private volatile int tlsPort = -1;

    Listener(
            HttpEdge.Settings settings,
            HttpEdge.Parts parts,
            Api api,
            Operations operations,
            Contract.Mounting mounting,
            @Nullable Handler<ServerWebSocketHandshake> handshake,
            @Nullable Handler<ServerWebSocket> open) {
        this.settings = settings;
        this.parts = parts;
        this.api = api;
        this.operations = operations;
        this.mounting = mounting;
        this.handshake = handshake;
        this.open = open;
    }

    @Override
    public Future<?> start() {
        var mine = new Answers(context);
        answers = mine;
        vertx.setPeriodic(SWEEP_EVERY_MILLIS, _ -> mine.sweep(System.nanoTime()));
        var intake = new DeviceIntake(parts, api, mine, vertx, settings.messageBytesMax());
        var router =
                mounting.router(vertx, operations.handlers(new DeviceChannel(intake, parts, api)));
        Problems.on(router);
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

    private Future<Integer> listen(Router router, HttpServerOptions options, int wanted) {
        var server = vertx.createHttpServer(options);
        Handler<HttpServerRequest> requests = router;
        server.requestHandler(requests);
        if (handshake != null && open != null) {
            server.webSocketHandshakeHandler(handshake);
            server.webSocketHandler(open);
        }
        servers.add(server);
        return server.listen(wanted, settings.bind())
                .map(HttpServer::actualPort)
                .recover(e ->
                        Future.failedFuture(
                                new IllegalStateException(
                                        "cannot listen on "
                                                + settings.bind()
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
