package org.tethral.coap;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.californium.core.coap.CoAP;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.MediaTypeRegistry;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.californium.core.network.Exchange;
import org.jspecify.annotations.Nullable;
import org.tethral.kernel.Secret;
import org.tethral.kernel.Value;
import org.tethral.payload.Encoding;

/// A request, and its one answer, which may be given on any thread.
final class Call {

    private static final int SECRET_LENGTH_MAX = 1_024;

    private final Exchange exchange;
    private final Meters meters;
    private final long sinceNanos = System.nanoTime();
    private final AtomicBoolean answered = new AtomicBoolean();

    Call(Exchange exchange, Meters meters) {
        this.exchange = exchange;
        this.meters = meters;
    }

    Exchange exchange() {
        return exchange;
    }

    /// The whole request: of a block-wise transfer, what all its blocks make together.
    Request request() {
        return exchange.getRequest();
    }

    CoAP.Code method() {
        return request().getCode();
    }

    byte[] body() {
        var payload = request().getPayload();
        return payload == null ? new byte[0] : payload;
    }

    /// The value of `name=value` in the query.
    Optional<String> query(String name) {
        var prefix = name + "=";
        return request().getOptions().getUriQuery().stream()
                .filter(one -> one.startsWith(prefix))
                .map(one -> one.substring(prefix.length()))
                .findFirst();
    }

    /// Of the path, as ThingsBoard has it, or of the query.
    Optional<Secret> token() {
        return switch (Destination.of(request().getOptions().getUriPath())) {
            case Destination.ThingsBoard(var token, _) when !token.isEmpty() -> secret(token);
            case Destination.RpcAnswer(var token, _) when !token.isEmpty() -> secret(token);
            case Destination _ -> secret(query("token").orElse(null));
        };
    }

    private static Optional<Secret> secret(@Nullable String text) {
        return text == null || text.isEmpty() || text.length() > SECRET_LENGTH_MAX
                ? Optional.empty()
                : Optional.of(new Secret(text));
    }

    String address() {
        return request().getSourceContext().getPeerAddress().getAddress().getHostAddress();
    }

    /// How the body is written; none where we do not know that format. Without a format, and as
    /// plain text, it is JSON: so the usual tools send it.
    Optional<Encoding> bodyEncoding() {
        return switch (request().getOptions().getContentFormat()) {
            case MediaTypeRegistry.UNDEFINED,
                    MediaTypeRegistry.TEXT_PLAIN,
                    MediaTypeRegistry.APPLICATION_JSON ->
                    Optional.of(Encoding.JSON);
            case MediaTypeRegistry.APPLICATION_CBOR -> Optional.of(Encoding.CBOR);
            default -> Optional.empty();
        };
    }

    boolean namesAnswerEncoding() {
        return request().getOptions().hasAccept();
    }

    /// How the answer is to be written; none where we cannot.
    Optional<Encoding> answerEncoding() {
        return switch (request().getOptions().getAccept()) {
            case MediaTypeRegistry.UNDEFINED, MediaTypeRegistry.APPLICATION_JSON ->
                    Optional.of(Encoding.JSON);
            case MediaTypeRegistry.APPLICATION_CBOR -> Optional.of(Encoding.CBOR);
            default -> Optional.empty();
        };
    }

    /// A response with that content, in the encoding that was asked for.
    Response content(ResponseCode code, Value value) {
        var encoding = answerEncoding().orElse(Encoding.JSON);
        var response = new Response(code);
        response.setPayload(encoding.bytes(value));
        response.getOptions()
                .setContentFormat(
                        switch (encoding) {
                            case JSON -> MediaTypeRegistry.APPLICATION_JSON;
                            case CBOR -> MediaTypeRegistry.APPLICATION_CBOR;
                        });
        return response;
    }

    void answer(ResponseCode code) {
        answer(new Response(code));
    }

    /// The first answer is the one that is sent. False: this is not the first.
    boolean answer(Response response) {
        if (!answered.compareAndSet(false, true)) {
            return false;
        }
        exchange.sendResponse(response);
        return true;
    }

    /// @param reason for whoever wrote the device's program (RFC 7252, 5.5.2: a diagnostic payload)
    void refuse(ResponseCode code, String reason) {
        answer(refusal(code, reason));
        meters.refused(code);
    }

    /// Asks to come again after so many seconds.
    void busy(String reason, int seconds) {
        var response = refusal(ResponseCode.SERVICE_UNAVAILABLE, reason);
        response.getOptions().setMaxAge(seconds);
        answer(response);
        meters.refused(ResponseCode.SERVICE_UNAVAILABLE);
    }

    private static Response refusal(ResponseCode code, String reason) {
        var response = new Response(code);
        response.setPayload(reason.getBytes(StandardCharsets.UTF_8));
        return response;
    }

    /// The device need not send it again: the answer follows by itself (RFC 7252, 5.2.2).
    void acknowledge() {
        exchange.execute(() -> {
            if (!answered.get()) {
                exchange.sendAccept();
            }
        });
    }

    /// Somebody else answers: of this one there is no more to be heard.
    void handOver() {
        answered.set(true);
    }

    boolean isAnswered() {
        return answered.get();
    }

    long sinceNanos() {
        return sinceNanos;
    }
}
