package org.tethral.webhook;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.tethral.delivery.CloudEvent;
import org.tethral.delivery.Resolver;
import org.tethral.delivery.Sink;
import org.tethral.delivery.SinkKind;
import org.tethral.delivery.Subscription;
import org.tethral.event.Event;
import org.tethral.json.Json;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// One `POST` for each attempt. Any 2xx is "I have it"; redirects are not followed. The name is
/// looked up for each attempt, and the connection made to the very address that was checked.
final class WebhookSink implements Sink {

    /// What is read of an answer; a longer one costs the receiver its connection.
    static final int ANSWER_BYTES_MAX = 16 * 1024;

    private static final Duration CONNECT_MAX = Duration.ofSeconds(5);
    private static final int IDLE_SECONDS_MAX = 30;
    private static final int HEADER_BYTES_MAX = 8 * 1024;
    private static final String AGENT = "Tethral-Webhook/1";

    private final Resolver resolver;
    private final Target target;
    private final Signature signature;
    private final Document headers;
    private final SinkKind.Surroundings surroundings;
    private final HttpClientAgent client;
    private final Runnable closed;

    WebhookSink(
            Vertx vertx,
            Resolver resolver,
            Document settings,
            SinkKind.Surroundings surroundings,
            Runnable closed) {
        this.resolver = resolver;
        this.target = Target.parse(settings.text("url").orElse(""));
        this.signature = new Signature(settings.text("secret").orElse(""));
        this.headers =
                settings.find("headers").orElse(Document.EMPTY) instanceof Document given
                        ? given
                        : Document.EMPTY;
        this.surroundings = surroundings;
        this.closed = closed;
        this.client =
                vertx.createHttpClient(
                        options(settings.text("ca").orElse("")),
                        new PoolOptions()
                                .setHttp1MaxSize(Subscription.Terms.IN_FLIGHT_MAX)
                                .setMaxWaitQueueSize(Subscription.Terms.IN_FLIGHT_MAX));
    }

    /// @param ca empty: whoever this machine trusts
    private static HttpClientOptions options(String ca) {
        var options =
                new HttpClientOptions()
                        .setConnectTimeout((int) CONNECT_MAX.toMillis())
                        .setIdleTimeout(IDLE_SECONDS_MAX)
                        .setKeepAliveTimeout(IDLE_SECONDS_MAX)
                        .setMaxHeaderSize(HEADER_BYTES_MAX)
                        .setDecompressionSupported(false)
                        .setTcpNoDelay(true)
                        .setVerifyHost(true);
        if (!ca.isEmpty()) {
            options.setTrustOptions(new PemTrustOptions().addCertValue(Buffer.buffer(ca)));
        }
        return options;
    }

    @Override
    public Outcome deliver(List<Event.Logged> events) throws InterruptedException {
        InetAddress address;
        try {
            address = resolver.address(target.host(), surroundings.privateTargets());
        } catch (UnknownHostException | Resolver.PrivateTarget e) {
            return new Outcome.Failed(String.valueOf(e.getMessage()), null);
        }
        var sent = new AtomicReference<HttpClientRequest>();
        var answer = send(address, events, sent).toCompletionStage().toCompletableFuture();
        try {
            return answer.get();
        } catch (ExecutionException e) {
            var cause = e.getCause() == null ? e : e.getCause();
            var message = cause.getMessage();
            return new Outcome.Failed(message == null ? cause.toString() : message, null);
        } catch (InterruptedException e) {
            var request = sent.get();
            if (request != null) {
                request.reset();
            }
            throw e;
        }
    }

    private Future<Outcome> send(
            InetAddress address,
            List<Event.Logged> events,
            AtomicReference<HttpClientRequest> sent) {
        var body = body(events);
        var id = id(events);
        var timestamp = surroundings.clock().instant().getEpochSecond();
        var options =
                new RequestOptions()
                        .setMethod(HttpMethod.POST)
                        .setServer(
                                SocketAddress.inetSocketAddress(
                                        target.port(), address.getHostAddress()))
                        .setHost(target.host())
                        .setPort(target.port())
                        .setSsl(target.tls())
                        .setURI(target.path())
                        .setFollowRedirects(false)
                        .putHeader("User-Agent", AGENT)
                        .putHeader(
                                "Content-Type",
                                events.size() == 1
                                        ? CloudEvent.CONTENT_TYPE
                                        : CloudEvent.BATCH_CONTENT_TYPE)
                        .putHeader("webhook-id", id)
                        .putHeader("webhook-timestamp", Long.toString(timestamp))
                        .putHeader("webhook-signature", signature.of(id, timestamp, body));
        headers.values()
                .forEach((name, value) -> {
                    if (value instanceof Value.Text(var text)) {
                        options.putHeader(name, text);
                    }
                });
        return client.request(options)
                .compose(request -> {
                    sent.set(request);
                    return request.send(Buffer.buffer(body))
                            .compose(response -> outcome(request, response));
                });
    }

    private static byte[] body(List<Event.Logged> events) {
        return events.size() == 1
                ? Json.bytes(CloudEvent.of(events.getFirst()))
                : Json.bytes(new Value.Array(events.stream().<Value>map(CloudEvent::of).toList()));
    }

    /// The same for each attempt at the same events: the first sequence, and the last where there
    /// are several.
    private static String id(List<Event.Logged> events) {
        var first = events.getFirst().sequence();
        return events.size() == 1
                ? "evt_" + first
                : "evt_" + first + "_" + events.getLast().sequence();
    }

    private static Future<Outcome> outcome(HttpClientRequest request, HttpClientResponse response) {
        var read = Promise.<Outcome>promise();
        var outcome = outcome(response);
        var length = new int[1];
        response.handler(piece -> {
            length[0] += piece.length();
            if (length[0] > ANSWER_BYTES_MAX && read.tryComplete(outcome)) {
                request.reset();
            }
        });
        response.endHandler(_ -> read.tryComplete(outcome));
        response.exceptionHandler(e -> read.tryFail(e));
        return read.future();
    }

    private static Outcome outcome(HttpClientResponse response) {
        var status = response.statusCode();
        if (status >= 200 && status < 300) {
            return Outcome.DELIVERED;
        }
        var redirect = status >= 300 && status < 400 ? "; redirects are not followed" : "";
        return new Outcome.Failed(
                "status " + status + redirect, retryAfter(response.getHeader("Retry-After")));
    }

    private static @Nullable Duration retryAfter(@Nullable String header) {
        return header != null && header.matches("[0-9]{1,6}")
                ? Duration.ofSeconds(Long.parseLong(header))
                : null;
    }

    @Override
    public void close() {
        client.close();
        closed.run();
    }
}
