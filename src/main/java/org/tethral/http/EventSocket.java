package org.tethral.http;

import io.netty.handler.codec.http.QueryStringDecoder;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.ServerWebSocketHandshake;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tethral.account.Role;
import org.tethral.account.Scope;
import org.tethral.event.Event;
import org.tethral.json.Json;
import org.tethral.kernel.Document;

/// `/api/v1/events/ws`: the event stream over a WebSocket, one event as JSON per message. The query
/// is the same; what the client sends is not read.
final class EventSocket {

    static final String OPERATION = "eventSocket";
    static final String PATH = "/api/v1/events/ws";
    static final int SOCKETS_MAX = 256;

    /// What the document says of it: a handshake passes by the router.
    private static final Access.ByPrincipal ACCESS =
            new Access.ByPrincipal(Role.VIEWER, Optional.of(Scope.READ), new Tenancy.Filtered());

    private static final short GOING_AWAY = 1_001;
    private static final short POLICY_VIOLATION = 1_008;
    private static final Logger LOG = LoggerFactory.getLogger(EventSocket.class);

    private final Api api;
    private final Authorization authorization;
    private final StreamWatch watch;
    private final EventStream stream;
    private final Set<Output> open = ConcurrentHashMap.newKeySet();

    EventSocket(Api api, Authorization authorization, StreamWatch watch, EventStream stream) {
        this.api = api;
        this.authorization = authorization;
        this.watch = watch;
        this.stream = stream;
    }

    /// What a plain request is told.
    static void on(Operations.Target operations) {
        operations.on(
                OPERATION,
                _ ->
                        Reply.of(
                                        Problem.of(
                                                426,
                                                "upgrade-required",
                                                "this path speaks WebSocket; for HTTP there is /api/v1/events/stream"))
                                .with("Upgrade", "websocket"));
    }

    /// @throws IllegalStateException the document says otherwise
    static void checkAccess(Contract.Entry entry) {
        if (!entry.access().equals(ACCESS)) {
            throw new IllegalStateException(PATH + " does not check " + entry.access());
        }
    }

    boolean isFor(ServerWebSocketHandshake handshake) {
        return PATH.equals(handshake.path());
    }

    /// On the connection's event loop. Refuses with the status that the stream over HTTP would
    /// have.
    void handshake(ServerWebSocketHandshake handshake) {
        var context = Vertx.currentContext();
        if (context == null
                || open.size() >= SOCKETS_MAX
                || !api.run(() -> decide(context, handshake))) {
            handshake.reject(503);
        }
    }

    private void decide(Context context, ServerWebSocketHandshake handshake) {
        var decided =
                Api.guarded(
                        OPERATION,
                        () -> {
                            var source = source(handshake);
                            context.runOnContext(_ -> accept(context, handshake, source));
                            return Reply.noContent();
                        });
        if (decided instanceof Reply.Content(var status, _, _) && status >= 400) {
            context.runOnContext(_ -> handshake.reject(status));
        }
    }

    /// A browser sends its cookie with a socket that another site opens: the origin is checked as
    /// with what changes something.
    private Reply.Source source(ServerWebSocketHandshake handshake) {
        var credentials = Credentials.of(handshake.headers(), handshake.isSsl());
        var principal = authorization.require(ACCESS, HttpMethod.CONNECT, credentials);
        var query = MultiMap.caseInsensitiveMultiMap();
        new QueryStringDecoder(handshake.uri())
                .parameters()
                .forEach((name, values) -> query.add(name, values));
        var wish =
                stream.wish(
                        authorization.within(
                                ACCESS,
                                new ApiRequest(
                                        principal,
                                        Map.of(),
                                        query,
                                        handshake.headers(),
                                        Document.EMPTY)));
        return watch.watched(
                new StreamWatch.Admission(credentials, principal),
                output -> stream.follow(wish, output, new Messages()));
    }

    private void accept(Context context, ServerWebSocketHandshake handshake, Reply.Source source) {
        handshake
                .accept()
                .onSuccess(socket -> follow(context, socket, source))
                .onFailure(e -> LOG.atDebug().setCause(e).log("handshake failed"));
    }

    private void follow(Context context, ServerWebSocket socket, Reply.Source source) {
        var output =
                new Output(
                        context,
                        new Output.Channel() {
                            @Override
                            public boolean isOpen() {
                                return !socket.isClosed();
                            }

                            @Override
                            public Future<Void> write(Buffer piece) {
                                return piece.length() == 0
                                        ? socket.writePing(piece)
                                        : socket.writeTextMessage(piece.toString());
                            }
                        });
        open.add(output);
        socket.closeHandler(_ -> output.leave());
        socket.exceptionHandler(_ -> output.leave());
        Thread.ofVirtual()
                .name("event-socket")
                .start(() -> {
                    try {
                        source.writeTo(output);
                    } catch (Output.Gone | InterruptedException e) {
                        // the client left, or the server stops
                    } catch (RuntimeException e) {
                        LOG.atWarn().setCause(e).log("event socket broke off");
                    } finally {
                        open.remove(output);
                        var code = output.isExpelled() ? POLICY_VIOLATION : GOING_AWAY;
                        context.runOnContext(_ -> socket.close(code));
                    }
                });
    }

    void close() {
        open.forEach(Output::leave);
    }

    private static final class Messages implements EventStream.Form {
        @Override
        public String beginning(long after) {
            return "{\"after\":" + after + "}";
        }

        @Override
        public void append(StringBuilder text, Event.Logged logged) {
            text.append(Json.write(EventJson.document(logged)));
        }

        /// A ping.
        @Override
        public String heartbeat(long after) {
            return "";
        }

        @Override
        public boolean joins() {
            return false;
        }
    }
}
