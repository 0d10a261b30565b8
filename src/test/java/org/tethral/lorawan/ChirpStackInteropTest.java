package org.tethral.lorawan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.vertx.core.Vertx;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tethral.device.DevEui;
import org.tethral.kernel.Secret;
import org.tethral.lorawan.Addresses.Address;
import org.tethral.space.DownlinkNews;
import org.tethral.space.DownlinkRefused;

/// Against gRPC's own server for Java, which has a service of ChirpStack's name and form.
class ChirpStackInteropTest {

    private static final String KEY = "eyJ0eXAi";
    private static final UUID THEIRS = UUID.fromString("856a03e7-80f6-4c26-b971-9dcb34a59c2e");
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final MethodDescriptor<byte[], byte[]> ENQUEUE =
            MethodDescriptor.newBuilder(new Bytes(), new Bytes())
                    .setFullMethodName("api.DeviceService/Enqueue")
                    .setType(MethodDescriptor.MethodType.UNARY)
                    .build();

    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    private static final List<String> enqueued = new CopyOnWriteArrayList<>();
    private static final List<String> news = new CopyOnWriteArrayList<>();

    /// What the next call is answered with; null: nothing.
    private static final AtomicReference<@Nullable Status> status =
            new AtomicReference<>(Status.OK);

    private static Vertx vertx;
    private static Server server;
    private static QueueItems names;
    private static ChirpStackGrpc grpc;

    private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @BeforeAll
    static void start() throws IOException {
        vertx = Vertx.vertx();
        server =
                NettyServerBuilder.forAddress(
                                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                        .addService(
                                ServerServiceDefinition.builder("api.DeviceService")
                                        .addMethod(ENQUEUE, ChirpStackInteropTest::called)
                                        .build())
                        .build()
                        .start();
        names =
                new QueueItems(
                        new DownlinkNews() {
                            @Override
                            public void transmitted(UUID queueItemId, Instant at) {
                                news.add("transmitted " + queueItemId);
                            }

                            @Override
                            public void acknowledged(UUID item, boolean acknowledged, Instant at) {}

                            @Override
                            public void failed(
                                    @Nullable UUID item, DevEui display, String reason) {}
                        });
        grpc = client(KEY, PATIENCE);
    }

    private static ChirpStackGrpc client(String key, Duration answerWithin) {
        return new ChirpStackGrpc(
                new ChirpStackGrpc.Settings(
                        URI.create("http://127.0.0.1:" + server.getPort()), new Secret(key)),
                names,
                vertx,
                answerWithin);
    }

    @AfterAll
    static void stop() throws Exception {
        grpc.close();
        server.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    private static ServerCall.Listener<byte[]> called(
            ServerCall<byte[], byte[]> call, Metadata headers) {
        call.request(2);
        return new ServerCall.Listener<>() {
            private byte[] message = new byte[0];

            @Override
            public void onMessage(byte[] one) {
                message = one;
            }

            @Override
            public void onHalfClose() {
                answer(call, headers, message);
            }
        };
    }

    private static void answer(ServerCall<byte[], byte[]> call, Metadata headers, byte[] message) {
        var with = status.get();
        if (!("Bearer " + KEY).equals(headers.get(AUTHORIZATION))) {
            call.close(Status.UNAUTHENTICATED.withDescription("InvalidToken"), new Metadata());
        } else if (with != null && with.isOk()) {
            enqueued.add(HexFormat.of().formatHex(message));
            call.sendHeaders(new Metadata());
            var id = THEIRS.toString().getBytes(StandardCharsets.US_ASCII);
            var response = new byte[id.length + 2]; // id = 1
            response[0] = 0x0a;
            response[1] = (byte) id.length;
            System.arraycopy(id, 0, response, 2, id.length);
            call.sendMessage(response);
            call.close(Status.OK, new Metadata());
        } else if (with != null) {
            call.close(with, new Metadata());
        }
    }

    private static UUID send(ChirpStackGrpc by) throws Exception {
        var id = UUID.randomUUID();
        by.send(
                        new Address(Network.CHIRPSTACK, "", ""),
                        new Downlink(
                                id, new DevEui("0004A30B001C0530"), 200, new byte[] {7, 8}, false))
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);
        return id;
    }

    @Test
    void isUnderstood() throws Exception {
        status.set(Status.OK);
        var first = send(grpc);
        assertThat(enqueued.getLast())
                .isEqualTo(
                        "0a19"
                                + "1210"
                                + "30303034613330623030316330353330"
                                + "20c801"
                                + "2a020708");
        names.transmitted(THEIRS, Instant.EPOCH);
        assertThat(news.getLast()).isEqualTo("transmitted " + first);
        var second = send(grpc); // over the same connection
        names.transmitted(THEIRS, Instant.EPOCH);
        assertThat(news.getLast()).isEqualTo("transmitted " + second);
    }

    @ParameterizedTest
    @CsvSource({
        "UNAVAILABLE, 14, false",
        "PERMISSION_DENIED, 7, false",
        "INTERNAL, 13, false",
        "NOT_FOUND, 5, true",
        "INVALID_ARGUMENT, 3, true"
    })
    void saysWhyItWasNotTaken(String name, int code, boolean permanent) {
        status.set(Status.fromCodeValue(code).withDescription("it is so: ü"));
        refused(grpc, name + ", status " + code + ": it is so: ü", permanent);
    }

    @Test
    void saysThatItsKeyIsNotTaken() {
        var stranger = client("other", PATIENCE);
        try {
            refused(stranger, "UNAUTHENTICATED, status 16: InvalidToken", false);
        } finally {
            stranger.close();
        }
    }

    @Test
    void doesNotWaitForEver() {
        status.set(null);
        var hasty = client(KEY, Duration.ofMillis(300));
        try {
            refused(hasty, "does not answer within 300 ms", false);
        } finally {
            hasty.close();
        }
    }

    private static void refused(ChirpStackGrpc by, String why, boolean permanent) {
        assertThatThrownBy(() -> send(by))
                .hasCauseInstanceOf(DownlinkRefused.class)
                .hasMessageContaining(why)
                .satisfies(failure ->
                        assertThat(((DownlinkRefused) failure.getCause()).permanent())
                                .isEqualTo(permanent));
    }
}
