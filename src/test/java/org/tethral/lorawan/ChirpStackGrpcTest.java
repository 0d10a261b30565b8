package org.tethral.lorawan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tethral.device.DevEui;
import org.tethral.kernel.Secret;
import org.tethral.lorawan.Addresses.Address;
import org.tethral.space.DownlinkNews;
import org.tethral.space.DownlinkRefused;

/// Against a server that speaks HTTP/2 without TLS and gRPC's framing (grpc.io, "gRPC over HTTP2"),
/// and answers as ChirpStack does.
class ChirpStackGrpcTest {

    /// `queue_item { dev_eui: "0004a30b001c0530", confirmed: true, f_port: 200, data: beef }`, with
    /// the byte and the length before it.
    private static final String REQUEST =
            "000000001d"
                    + "0a1b"
                    + "1210"
                    + "30303034613330623030316330353330"
                    + "1801"
                    + "20c801"
                    + "2a02beef";

    private static final String THEIRS = "856a03e7-80f6-4c26-b971-9dcb34a59c2e";

    private final Vertx vertx = Vertx.vertx();
    private final AtomicReference<String> asked = new AtomicReference<>();
    private final AtomicReference<String> body = new AtomicReference<>();
    private final AtomicReference<String> status = new AtomicReference<>("0");
    private final List<String> news = new ArrayList<>();
    private final QueueItems names = new QueueItems(new Listener());
    private HttpServer server;
    private ChirpStackGrpc grpc;

    private final class Listener implements DownlinkNews {
        @Override
        public void transmitted(UUID queueItemId, Instant at) {
            news.add("transmitted " + queueItemId);
        }

        @Override
        public void acknowledged(UUID queueItemId, boolean acknowledged, Instant at) {
            news.add("acknowledged " + queueItemId);
        }

        @Override
        public void failed(@Nullable UUID queueItemId, DevEui display, String reason) {
            news.add("failed " + queueItemId);
        }
    }

    @BeforeEach
    void start() throws Exception {
        server =
                vertx.createHttpServer(new HttpServerOptions().setHttp2ClearTextEnabled(true))
                        .requestHandler(this::answer)
                        .listen(0, "127.0.0.1")
                        .toCompletionStage()
                        .toCompletableFuture()
                        .get(30, TimeUnit.SECONDS);
        grpc =
                new ChirpStackGrpc(
                        new ChirpStackGrpc.Settings(
                                URI.create("http://127.0.0.1:" + server.actualPort()),
                                new Secret("key")),
                        names,
                        vertx);
    }

    @AfterEach
    void stop() throws Exception {
        grpc.close();
        vertx.close().toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    private void answer(HttpServerRequest request) {
        asked.set(
                String.join(
                        " ",
                        request.version().name(),
                        request.method().name(),
                        request.path(),
                        request.getHeader("content-type"),
                        request.getHeader("te"),
                        request.getHeader("authorization")));
        request.body()
                .onSuccess(whole -> {
                    body.set(HexFormat.of().formatHex(whole.getBytes()));
                    var response = request.response().putHeader("content-type", "application/grpc");
                    if (status.get().equals("0")) {
                        var name = THEIRS.getBytes(StandardCharsets.US_ASCII);
                        response.putTrailer("grpc-status", "0")
                                .end(
                                        Buffer.buffer(HexFormat.of().parseHex("00000000260a24"))
                                                .appendBytes(name));
                    } else {
                        response.putHeader("grpc-status", status.get())
                                .putHeader("grpc-message", "no such%20device")
                                .end();
                    }
                });
    }

    private UUID send() throws Exception {
        var id = UUID.randomUUID();
        grpc.send(
                        new Address(Network.CHIRPSTACK, "", ""),
                        new Downlink(
                                id,
                                new DevEui("0004A30B001C0530"),
                                200,
                                new byte[] {(byte) 0xbe, (byte) 0xef},
                                true))
                .toCompletableFuture()
                .get(30, TimeUnit.SECONDS);
        return id;
    }

    @Test
    void enqueuesAndKnowsTheDownlinkByTheNameThatItGot() throws Exception {
        var id = send();
        assertThat(asked.get())
                .isEqualTo(
                        "HTTP_2 POST /api.DeviceService/Enqueue application/grpc+proto trailers Bearer key");
        assertThat(body.get()).isEqualTo(REQUEST);
        names.transmitted(UUID.fromString(THEIRS), Instant.EPOCH);
        var other = UUID.randomUUID();
        names.acknowledged(other, true, Instant.EPOCH);
        assertThat(news).containsExactly("transmitted " + id, "acknowledged " + other);
    }

    @Test
    void tellsWhatWillNeverBeTakenFromWhatMayBe() {
        status.set("5");
        assertThatThrownBy(this::send)
                .hasCauseInstanceOf(DownlinkRefused.class)
                .hasMessageContaining("status 5: no such device")
                .satisfies(failure ->
                        assertThat(((DownlinkRefused) failure.getCause()).permanent()).isTrue());
        status.set("14");
        assertThatThrownBy(this::send)
                .hasCauseInstanceOf(DownlinkRefused.class)
                .satisfies(failure ->
                        assertThat(((DownlinkRefused) failure.getCause()).permanent()).isFalse());
    }

    @Test
    void failsForNowWhileThereIsNoServer() throws Exception {
        server.close().toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
        assertThatThrownBy(this::send).hasCauseInstanceOf(IOException.class);
    }
}
