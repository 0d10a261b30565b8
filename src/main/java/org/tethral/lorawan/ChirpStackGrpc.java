package org.tethral.lorawan;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.tethral.kernel.Secret;
import org.tethral.space.DownlinkRefused;

/// Downlinks by the API of ChirpStack, `api.DeviceService/Enqueue` (`device.proto`): one unary call
/// of gRPC over HTTP/2, whose message of five fields is written by hand. ChirpStack names the
/// downlink itself; what it tells of that name is told of ours, see [QueueItems].
final class ChirpStackGrpc implements DownlinkRoute, AutoCloseable {

    private static final String ENQUEUE = "/api.DeviceService/Enqueue";
    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(10);
    private static final int ANSWER_BYTES_MAX = 4_096;

    // status codes of gRPC
    private static final String OK = "0";
    private static final String INVALID_ARGUMENT = "3";
    private static final String NOT_FOUND = "5";

    /// What to look for in its documentation, by the code.
    private static final List<String> STATUS_NAMES =
            List.of(
                    "OK",
                    "CANCELLED",
                    "UNKNOWN",
                    "INVALID_ARGUMENT",
                    "DEADLINE_EXCEEDED",
                    "NOT_FOUND",
                    "ALREADY_EXISTS",
                    "PERMISSION_DENIED",
                    "RESOURCE_EXHAUSTED",
                    "FAILED_PRECONDITION",
                    "ABORTED",
                    "OUT_OF_RANGE",
                    "UNIMPLEMENTED",
                    "INTERNAL",
                    "UNAVAILABLE",
                    "DATA_LOSS",
                    "UNAUTHENTICATED");

    /// @param server `http://HOST:8080`, or with TLS `https://…`
    /// @param key an API key of ChirpStack
    record Settings(URI server, Secret key) {}

    private final Settings settings;
    private final QueueItems names;
    private final Duration answerWithin;
    private final HttpClient client;

    ChirpStackGrpc(Settings settings, QueueItems names, Vertx vertx) {
        this(settings, names, vertx, ANSWER_WITHIN);
    }

    ChirpStackGrpc(Settings settings, QueueItems names, Vertx vertx, Duration answerWithin) {
        this.settings = settings;
        this.names = names;
        this.answerWithin = answerWithin;
        var tls = "https".equals(settings.server().getScheme());
        this.client =
                vertx.createHttpClient(
                        new HttpClientOptions()
                                .setProtocolVersion(HttpVersion.HTTP_2)
                                .setHttp2ClearTextUpgrade(false)
                                .setSsl(tls)
                                .setUseAlpn(tls)
                                .setConnectTimeout((int) ANSWER_WITHIN.toMillis()));
    }

    @Override
    public Network network() {
        return Network.CHIRPSTACK;
    }

    @Override
    public boolean needsApplication() {
        return false;
    }

    @Override
    public boolean keepsNames() {
        return false;
    }

    @Override
    public CompletionStage<Void> send(Addresses.Address address, Downlink downlink) {
        var server = settings.server();
        var tls = "https".equals(server.getScheme());
        var port = server.getPort() >= 0 ? server.getPort() : tls ? 443 : 80;
        return client.request(HttpMethod.POST, port, server.getHost(), ENQUEUE)
                .compose(request -> call(request, downlink))
                .timeout(answerWithin.toMillis(), TimeUnit.MILLISECONDS)
                .recover(failure -> Future.failedFuture(told(failure)))
                .<Void>map(response -> {
                    answered(response, downlink);
                    return null;
                })
                .toCompletionStage();
    }

    private Throwable told(Throwable failure) {
        return failure instanceof TimeoutException
                ? new DownlinkRefused(
                        "ChirpStack does not answer within " + answerWithin.toMillis() + " ms",
                        false)
                : failure;
    }

    private record Answer(@Nullable String status, @Nullable String message, Buffer body) {}

    private Future<Answer> call(HttpClientRequest request, Downlink downlink) {
        request.putHeader("content-type", "application/grpc+proto");
        request.putHeader("te", "trailers");
        request.putHeader("authorization", "Bearer " + settings.key().reveal());
        return request.send(framed(enqueue(downlink)))
                .compose(response -> response.body().map(body -> answer(response, body)));
    }

    private static Answer answer(HttpClientResponse response, Buffer body) {
        if (response.statusCode() != 200) {
            return new Answer("HTTP " + response.statusCode(), null, body);
        }
        // an answer that is only a failure has its status in the headers
        var inHeaders = response.getHeader("grpc-status");
        return inHeaders != null
                ? new Answer(inHeaders, response.getHeader("grpc-message"), body)
                : new Answer(
                        response.trailers().get("grpc-status"),
                        response.trailers().get("grpc-message"),
                        body);
    }

    private void answered(Answer answer, Downlink downlink) {
        var status = answer.status() == null ? "none" : answer.status();
        if (!status.equals(OK)) {
            var why =
                    answer.message() == null
                            ? ""
                            : ": " + URLDecoder.decode(answer.message(), StandardCharsets.UTF_8);
            throw new DownlinkRefused(
                    "ChirpStack answers with " + named(status) + why,
                    status.equals(INVALID_ARGUMENT) || status.equals(NOT_FOUND));
        }
        name(answer.body())
                .flatMap(ProtoJson::parsedUuid)
                .ifPresent(name -> names.isCalled(name, downlink.id()));
    }

    private static String named(String status) {
        return status.matches("1?\\d") && Integer.parseInt(status) < STATUS_NAMES.size()
                ? STATUS_NAMES.get(Integer.parseInt(status)) + ", status " + status
                : "status " + status;
    }

    /// A message is preceded by a byte, 0: not compressed, and its length.
    private static Buffer framed(Buffer message) {
        return Buffer.buffer()
                .appendByte((byte) 0)
                .appendInt(message.length())
                .appendBuffer(message);
    }

    /// `EnqueueDeviceQueueItemRequest { DeviceQueueItem queue_item = 1; }`
    private static Buffer enqueue(Downlink downlink) {
        var item = Buffer.buffer();
        bytes(
                item,
                2,
                downlink.devEui()
                        .value()
                        .toLowerCase(Locale.ROOT)
                        .getBytes(StandardCharsets.US_ASCII));
        if (downlink.confirmed()) {
            varint(item.appendByte(tag(3, 0)), 1);
        }
        varint(item.appendByte(tag(4, 0)), downlink.port());
        bytes(item, 5, downlink.payload());
        var request = Buffer.buffer();
        bytes(request, 1, item.getBytes());
        return request;
    }

    /// @param wire 0: a number, 2: bytes
    private static byte tag(int field, int wire) {
        return (byte) (field << 3 | wire);
    }

    private static void bytes(Buffer message, int field, byte[] value) {
        varint(message.appendByte(tag(field, 2)), value.length);
        message.appendBytes(value);
    }

    private static void varint(Buffer message, int value) {
        var rest = value;
        while (rest > 0x7f) {
            message.appendByte((byte) (rest & 0x7f | 0x80));
            rest >>>= 7;
        }
        message.appendByte((byte) rest);
    }

    /// `EnqueueDeviceQueueItemResponse { string id = 1; }`. Empty: it has none.
    private static Optional<String> name(Buffer body) {
        var frame = 5;
        if (body.length() < frame + 2
                || body.length() > ANSWER_BYTES_MAX
                || body.getByte(frame) != tag(1, 2)) {
            return Optional.empty();
        }
        int length = body.getByte(frame + 1);
        return length < 0 || body.length() < frame + 2 + length
                ? Optional.empty()
                : Optional.of(body.getString(frame + 2, frame + 2 + length, "UTF-8"));
    }

    @Override
    public void close() {
        client.close();
    }
}
