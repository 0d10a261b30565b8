package org.tethral.lorawan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tethral.device.DevEui;
import org.tethral.json.Json;
import org.tethral.kernel.Secret;
import org.tethral.lorawan.Addresses.Address;
import org.tethral.space.DownlinkRefused;

class ThingsStackDownlinksTest {

    private static final UUID ID = UUID.fromString("1bbcab1d-6ec6-4136-b3f5-d63be1dc08de");
    private static final Downlink DOWNLINK =
            new Downlink(
                    ID,
                    new DevEui("0004A30B001C0530"),
                    15,
                    new byte[] {(byte) 0xbe, (byte) 0xef},
                    true);

    private final AtomicInteger status = new AtomicInteger(200);
    private final AtomicReference<String> path = new AtomicReference<>();
    private final AtomicReference<String> key = new AtomicReference<>();
    private final AtomicReference<byte[]> body = new AtomicReference<>();
    private HttpServer server;
    private ThingsStackDownlinks downlinks;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/",
                exchange -> {
                    path.set(exchange.getRequestMethod() + " " + exchange.getRequestURI());
                    key.set(exchange.getRequestHeaders().getFirst("Authorization"));
                    body.set(exchange.getRequestBody().readAllBytes());
                    exchange.sendResponseHeaders(status.get(), -1);
                    exchange.close();
                });
        server.start();
        downlinks =
                new ThingsStackDownlinks(
                        new ThingsStackDownlinks.Settings(
                                URI.create("http://127.0.0.1:" + server.getAddress().getPort()),
                                "hook",
                                new Secret("NNSXS.key")));
    }

    @AfterEach
    void stop() {
        downlinks.close();
        server.stop(0);
    }

    private void send(String name) throws Exception {
        downlinks
                .send(new Address(Network.THINGS_STACK, "app1", name), DOWNLINK)
                .toCompletableFuture()
                .get(30, TimeUnit.SECONDS);
    }

    @Test
    void pushesWithOurIdAsCorrelation() throws Exception {
        send("dev1");
        assertThat(path.get())
                .isEqualTo(
                        "POST /api/v3/as/applications/app1/webhooks/hook/devices/dev1/down/push");
        assertThat(key.get()).isEqualTo("Bearer NNSXS.key");
        assertThat(Json.parse(body.get()))
                .isEqualTo(
                        Json.parse(
                                """
                                {"downlinks": [{"f_port": 15, "frm_payload": "vu8=", "confirmed": true,
                                 "priority": "NORMAL", "correlation_ids": ["tethral:%s"]}]}
                                """
                                        .formatted(ID)));
    }

    @Test
    void callsADeviceThatItNeverHeardAsTheConsoleDoes() throws Exception {
        send("");
        assertThat(path.get()).endsWith("/devices/eui-0004a30b001c0530/down/push");
    }

    @Test
    void tellsWhatWillNeverBeTakenFromWhatMayBe() {
        status.set(404);
        assertThatThrownBy(() -> send("dev1"))
                .hasCauseInstanceOf(DownlinkRefused.class)
                .hasMessageContaining("answers 404")
                .satisfies(failure ->
                        assertThat(((DownlinkRefused) failure.getCause()).permanent()).isTrue());
        status.set(503);
        assertThatThrownBy(() -> send("dev1"))
                .hasCauseInstanceOf(DownlinkRefused.class)
                .satisfies(failure ->
                        assertThat(((DownlinkRefused) failure.getCause()).permanent()).isFalse());
    }
}
