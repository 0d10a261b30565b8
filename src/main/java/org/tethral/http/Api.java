package org.tethral.http;

import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.IntSupplier;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tethral.ingest.Ingest;
import org.tethral.json.Json;
import org.tethral.json.MalformedJson;
import org.tethral.kernel.Document;
import org.tethral.kernel.Page;
import org.tethral.kernel.StorageException;

/// Takes requests from the event loop to a virtual thread each, where they are authorized, checked,
/// carried out and answered, one step after the other.
final class Api implements AutoCloseable {

    /// Requests on their way; more are sent away.
    static final int REQUESTS_MAX = 256;

    /// Open streams; more are sent away.
    static final int STREAMS_MAX = 256;

    private static final int COMPRESSED_FROM_BYTES = 2_048;
    private static final Logger LOG = LoggerFactory.getLogger(Api.class);

    /// What is done for an operation, on a virtual thread: may block.
    @FunctionalInterface
    interface Action {
        Reply answer(ApiRequest request);
    }

    private final Vertx vertx;
    private final Authorization authorization;
    private final StreamWatch watch;
    private final Audit audit;
    private final IntSupplier bodyLimit;
    private final ExecutorService threads =
            Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("http-", 0).factory());
    private final Semaphore requests = new Semaphore(REQUESTS_MAX);
    private final Semaphore streams = new Semaphore(STREAMS_MAX);
    private final Set<Output> streaming = ConcurrentHashMap.newKeySet();

    Api(
            Vertx vertx,
            Authorization authorization,
            StreamWatch watch,
            Audit audit,
            IntSupplier bodyLimit) {
        this.vertx = vertx;
        this.authorization = authorization;
        this.watch = watch;
        this.audit = audit;
        this.bodyLimit = bodyLimit;
    }

    int requestsUnderWay() {
        return REQUESTS_MAX - requests.availablePermits();
    }

    int streamsOpen() {
        return STREAMS_MAX - streams.availablePermits();
    }

    /// Runs what may block, or refuses to when too much is under way.
    boolean run(Runnable work) {
        if (!requests.tryAcquire()) {
            return false;
        }
        threads.execute(() -> {
            try {
                work.run();
            } finally {
                requests.release();
            }
        });
        return true;
    }

    Handler<RoutingContext> serve(Contract.Entry operation, Action action) {
        if (!(operation.access() instanceof Access.ByPrincipal access)) {
            throw new IllegalStateException(
                    operation.id() + " has an action for principals, but is not for them");
        }
        return routing -> {
            var request = routing.request();
            var bodyBytesMax = bodyLimit.getAsInt();
            new BodyReader(
                            request,
                            bodyBytesMax,
                            body -> start(operation, access, action, routing, body),
                            close -> Send.tooLong(request, bodyBytesMax, close))
                    .read();
        };
    }

    private void start(
            Contract.Entry operation,
            Access.ByPrincipal access,
            Action action,
            RoutingContext routing,
            Buffer body) {
        var request = routing.request();
        var credentials = Credentials.of(request);
        var remote = request.remoteAddress().hostAddress();
        var path = Map.copyOf(routing.pathParams());
        MultiMap query;
        try {
            query = routing.queryParams();
        } catch (RuntimeException e) {
            Send.problem(
                    request.response(),
                    Problem.of(
                            400,
                            "malformed-query",
                            "the query is not percent-encoded as it should be"));
            return;
        }
        answer(
                request,
                operation.id(),
                () -> {
                    var principal = authorization.require(access, request.method(), credentials);
                    checkType(request, body);
                    var errors = operation.schema().errors(path, query, request.headers(), body);
                    if (!errors.isEmpty()) {
                        throw new Refusal(Problem.invalid(errors));
                    }
                    var reply =
                            action.answer(
                                    authorization.within(
                                            access,
                                            new ApiRequest(
                                                    principal,
                                                    path,
                                                    query,
                                                    request.headers(),
                                                    parsed(body))));
                    return watch.watched(
                            credentials,
                            principal,
                            audit.kept(operation.audit(), principal, remote, reply));
                });
    }

    /// Takes the step on a virtual thread, and sends what comes of it. To be called on the event
    /// loop.
    void answer(HttpServerRequest request, String operation, Step step) {
        var context = vertx.getOrCreateContext();
        if (!run(() -> reply(context, request, guarded(operation, step)))) {
            Send.problem(request.response(), tooBusy());
        }
    }

    private static Problem tooBusy() {
        return Problem.busy("too-busy", "too many requests are under way; try again shortly", 1);
    }

    @FunctionalInterface
    interface Step {
        Reply take();
    }

    /// The answer, or the problem that kept it from being given.
    static Reply guarded(String operation, Step step) {
        try {
            return step.take();
        } catch (RuntimeException e) {
            return refused(operation, e);
        }
    }

    /// What a failure is answered with.
    static Reply.Content refused(String operation, RuntimeException failure) {
        return Reply.of(
                switch (failure) {
                    case Refusal refusal -> refusal.problem();
                    case Page.BadCursor bad ->
                            Problem.invalid("cursor", String.valueOf(bad.getMessage()));
                    case Ingest.QueueFull full ->
                            Problem.busy("queue-full", String.valueOf(full.getMessage()), 1);
                    case StorageException storage -> problem(operation, storage);
                    default -> {
                        LOG.atError()
                                .addKeyValue("operation", operation)
                                .setCause(failure)
                                .log("request failed");
                        yield Problem.of(
                                500, "internal", "the server failed to answer; its log says why");
                    }
                });
    }

    private static Problem problem(String operation, StorageException failure) {
        return switch (failure.kind()) {
            case UNAVAILABLE -> {
                LOG.atWarn()
                        .addKeyValue("operation", operation)
                        .addKeyValue("reason", failure.getMessage())
                        .log("database away");
                yield Problem.busy(
                        "database-unavailable",
                        "the database does not answer; try again shortly",
                        2);
            }
            case CONFLICT ->
                    Problem.busy(
                            "conflict",
                            "somebody else changed the same at this moment; try again",
                            1);
            case REFUSED -> {
                LOG.atError()
                        .addKeyValue("operation", operation)
                        .setCause(failure)
                        .log("the database refused a statement");
                yield Problem.of(422, "not-storable", "the database does not take these values");
            }
        };
    }

    private void reply(Context context, HttpServerRequest request, Reply reply) {
        switch (reply) {
            case Reply.Content content -> {
                var ready =
                        compressed(
                                unlessKnown(content, request),
                                request.getHeader("Accept-Encoding"));
                context.runOnContext(_ -> Send.reply(request.response(), ready));
            }
            case Reply.Audited audited -> reply(context, request, audited.content());
            case Reply.Streamed streamed -> {
                if (streams.tryAcquire()) {
                    threads.execute(() -> stream(context, request.response(), streamed));
                } else {
                    context.runOnContext(_ -> Send.problem(request.response(), tooBusy()));
                }
            }
        }
    }

    private void stream(Context context, HttpServerResponse response, Reply.Streamed streamed) {
        var output = Output.of(context, response);
        streaming.add(output);
        context.runOnContext(_ -> {
            response.putHeader("Content-Type", streamed.contentType())
                    .putHeader("Cache-Control", "no-store")
                    .putHeader("X-Content-Type-Options", "nosniff")
                    .putHeader("X-Accel-Buffering", "no")
                    .setChunked(true);
            response.closeHandler(_ -> output.leave());
        });
        try {
            streamed.source().writeTo(output);
            context.runOnContext(_ -> end(response));
        } catch (Output.Gone | InterruptedException e) {
            context.runOnContext(_ -> response.reset());
        } catch (RuntimeException e) {
            // the status is sent: a broken end is all that can still tell of the failure
            LOG.atWarn().setCause(e).log("stream broke off");
            context.runOnContext(_ -> response.reset());
        } finally {
            streaming.remove(output);
            streams.release();
        }
    }

    void endStreams() {
        streaming.forEach(Output::leave);
    }

    private static void end(HttpServerResponse response) {
        if (!response.ended() && !response.closed()) {
            response.end();
        }
    }

    private static void checkType(HttpServerRequest request, Buffer body) {
        var type = request.getHeader("Content-Type");
        if (body.length() > 0 && type != null) {
            var bare = type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
            if (!bare.equals("application/json") && !bare.endsWith("+json")) {
                throw new Refusal(
                        Problem.of(
                                415,
                                "unsupported-media-type",
                                "send JSON: Content-Type: application/json"));
            }
        }
    }

    private static Document parsed(Buffer body) {
        if (body.length() == 0) {
            return Document.EMPTY;
        }
        try {
            return Json.parseObject(body.getBytes());
        } catch (MalformedJson e) {
            throw new Refusal(Problem.of(400, "malformed-json", String.valueOf(e.getMessage())));
        }
    }

    private static Reply.Content unlessKnown(Reply.Content content, HttpServerRequest request) {
        var known = request.getHeader("If-None-Match");
        return known != null
                        && content.status() == 200
                        && known.equals(content.headers().get("ETag"))
                ? new Reply.Content(304, Map.of("ETag", known), Buffer.buffer())
                : content;
    }

    private static Reply.Content compressed(Reply.Content content, @Nullable String accepted) {
        if (content.body().length() < COMPRESSED_FROM_BYTES
                || accepted == null
                || !accepted.contains("gzip")) {
            return content;
        }
        var bytes = new ByteArrayOutputStream(content.body().length() / 4);
        try (var gzip = new GZIPOutputStream(bytes)) {
            gzip.write(content.body().getBytes());
        } catch (IOException e) {
            throw new UncheckedIOException("compress in memory", e);
        }
        return new Reply.Content(
                        content.status(), content.headers(), Buffer.buffer(bytes.toByteArray()))
                .with("Content-Encoding", "gzip")
                .with("Vary", "Accept-Encoding");
    }

    /// Interrupts what is still under way.
    @Override
    public void close() {
        threads.shutdownNow();
    }
}
