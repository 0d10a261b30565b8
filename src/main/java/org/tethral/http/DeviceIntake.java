package org.tethral.http;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.tethral.device.ConnectingDevice;
import org.tethral.device.DeviceId;
import org.tethral.device.DeviceLogin;
import org.tethral.device.Protocol;
import org.tethral.device.Rejections;
import org.tethral.dispatch.Traffic;
import org.tethral.ingest.Inbound;
import org.tethral.ingest.Ingest;
import org.tethral.kernel.Secret;
import org.tethral.payload.CommandPayload;
import org.tethral.payload.Malformed;

/// What all HTTP device protocols have in common: who sends, and the way into the queue and back.
/// Of one event loop; it is left only to look up a token that was not seen lately.
final class DeviceIntake {

    /// By it, a device may say which one it is: needed to register itself, where that is open, and
    /// seen in the inbox.
    static final String DEVICE_HEADER = "X-Device-Id";

    private static final String ANONYMOUS = "token from ";

    private final DeviceLogin login;
    private final Rejections rejections;
    private final Ingest ingest;
    private final Traffic traffic;
    private final InstantSource clock;
    private final Api api;
    private final Answers answers;
    private final Vertx vertx;
    private final IntSupplier messageLimit;

    DeviceIntake(
            HttpEdge.Parts parts, Api api, Answers answers, Vertx vertx, IntSupplier messageLimit) {
        this.login = parts.login();
        this.rejections = parts.rejections();
        this.ingest = parts.ingest();
        this.traffic = parts.commands().traffic();
        this.clock = parts.clock();
        this.api = api;
        this.answers = answers;
        this.vertx = vertx;
        this.messageLimit = messageLimit;
    }

    /// Makes messages of a body.
    @FunctionalInterface
    interface Parser {
        List<Inbound> parse(byte[] body, ConnectingDevice device, Instant now) throws Malformed;
    }

    /// Reads the body, stores what it says, and answers when that is durable.
    void take(
            HttpServerRequest request,
            Optional<Secret> token,
            Parser parser,
            Function<List<Long>, Reply.Content> stored) {
        takeWhole(request, token, (body, device) -> offer(request, body, device, parser, stored));
    }

    /// Reads the body, and goes on with it and the device whose request it is.
    void takeWhole(
            HttpServerRequest request,
            Optional<Secret> token,
            BiConsumer<Buffer, ConnectingDevice> next) {
        var messageBytesMax = messageLimit.getAsInt();
        new BodyReader(
                        request,
                        messageBytesMax,
                        body -> authenticate(request, token, device -> next.accept(body, device)),
                        close -> Send.tooLong(request, messageBytesMax, close))
                .read();
    }

    /// As [#authenticate] with the bearer token, for a request that may name by `wait` how long it
    /// waits.
    ///
    /// @param standard where it names nothing
    void authenticateToWait(
            HttpServerRequest request,
            Duration standard,
            BiConsumer<ConnectingDevice, Duration> next) {
        Duration patience;
        try {
            var given = request.getParam("wait");
            patience = given == null ? standard : CommandPayload.wait(given);
        } catch (Malformed e) {
            Send.problem(
                    request.response(), Problem.invalid("wait", String.valueOf(e.getMessage())));
            return;
        }
        authenticate(request, Credentials.bearer(request), device -> next.accept(device, patience));
    }

    /// Goes on with the device whose token (or certificate) it is, or answers why not. On the event
    /// loop, before and after.
    void authenticate(
            HttpServerRequest request, Optional<Secret> token, Consumer<ConnectingDevice> next) {
        if (token.isPresent()) {
            var known = login.remembered(token.get());
            if (known.isPresent()) {
                decide(request, known.get(), next);
            } else {
                var claimed = request.getHeader(DEVICE_HEADER);
                lookUp(
                        request,
                        () -> byToken(claimed, token.get()),
                        outcome -> decide(request, outcome, next));
            }
            return;
        }
        var certificate = ClientCertificate.of(request);
        if (certificate.isPresent()) {
            var shown = certificate.get();
            lookUp(
                    request,
                    () -> login.certificate(shown.fingerprint(), shown.subject()),
                    outcome -> decide(request, outcome, next));
            return;
        }
        Send.problem(request.response(), Problem.unauthenticated("the device's token is missing"));
    }

    /// Asks on a virtual thread, and goes on with the answer on the event loop.
    <T> void lookUp(HttpServerRequest request, Supplier<T> question, Consumer<T> next) {
        var context = vertx.getOrCreateContext();
        var asked =
                api.run(() -> {
                    try {
                        var outcome = question.get();
                        context.runOnContext(_ -> next.accept(outcome));
                    } catch (RuntimeException e) {
                        var content = Api.refused("look up what a device sent", e);
                        context.runOnContext(_ -> Send.reply(request.response(), content));
                    }
                });
        if (!asked) {
            Send.problem(
                    request.response(),
                    Problem.busy("too-busy", "too many devices ask at once; try again shortly", 1));
        }
    }

    private DeviceLogin.Outcome byToken(@Nullable String claimed, Secret token) {
        return claimed == null
                ? login.token(token)
                : login.tokenOf(ApiRequest.parsed(DEVICE_HEADER, claimed, DeviceId::new), token);
    }

    private void decide(
            HttpServerRequest request,
            DeviceLogin.Outcome outcome,
            Consumer<ConnectingDevice> next) {
        var claimed = request.getHeader(DEVICE_HEADER);
        switch (outcome) {
            case DeviceLogin.Accepted(var device, _)
                    when claimed == null || claimed.equals(device.id().value()) ->
                    next.accept(device.askingBy(Protocol.HTTP));
            case DeviceLogin.Accepted _ ->
                    refuse(
                            request,
                            claimed,
                            Problem.of(403, "device-refused", "the token is another device's"));
            case DeviceLogin.Refused refused ->
                    refuse(
                            request,
                            claimed,
                            refused.credentialIsWrong()
                                    ? Problem.unauthenticated(refused.reason())
                                    : Problem.of(403, "device-refused", refused.reason()));
        }
    }

    private void refuse(HttpServerRequest request, @Nullable String claimed, Problem problem) {
        var address = request.remoteAddress().hostAddress();
        var identity = claimed == null ? ANONYMOUS + address : claimed;
        rejections.rejected(identity, Protocol.HTTP, address, problem.detail());
        Send.problem(request.response(), problem);
    }

    /// Stores what the body says, and answers when that is durable.
    void offer(
            HttpServerRequest request,
            Buffer body,
            ConnectingDevice device,
            Parser parser,
            Function<List<Long>, Reply.Content> stored) {
        List<Inbound> messages;
        try {
            messages = parser.parse(body.getBytes(), device, clock.instant());
        } catch (Malformed e) {
            Send.problem(
                    request.response(),
                    Problem.of(400, "malformed-message", String.valueOf(e.getMessage())));
            return;
        }
        traffic.receivedOverHttp(messages.size());
        var exchange = new Exchange(request.response(), answers, messages.size(), stored);
        answers.await(exchange);
        var bytes = body.length() / messages.size();
        for (int i = 0; i < messages.size(); i++) {
            if (!ingest.offer(messages.get(i), bytes, exchange)) {
                exchange.notTaken(messages.size() - i);
                return;
            }
        }
    }

    /// A device is told something that it waited for.
    void sent() {
        traffic.sentOverHttp();
    }

    /// A request that carries no values is a sign of life all the same. Nobody waits for it.
    void heartbeat(ConnectingDevice device) {
        ingest.offer(new Inbound.Heartbeat(device, clock.instant()), 0, _ -> {});
    }
}
