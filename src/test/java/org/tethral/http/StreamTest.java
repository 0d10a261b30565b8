package org.tethral.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.http.DeviceChannelTest.assertProblem;

import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class StreamTest {

    private static ApiServer server;

    @BeforeAll
    static void start() throws Exception {
        server = new ApiServer();
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    @Test
    void followsWhatDevicesDoAsItIsCommitted() throws Exception {
        var token = server.device("seen");
        var other = server.device("unseen");
        try (var listening = new Listening(server, "/api/v1/live?device_id=seen")) {
            listening.next(block -> block.startsWith(": live"));
            server.report(other, "{\"a\":0}");
            server.report(token, "{\"a\":1}");
            var reported = listening.next(block -> block.startsWith("event: reported"));
            assertThat(reported)
                    .contains("\"device_id\":\"seen\"")
                    .contains("\"values\":{\"a\":1}");
            server.send(
                    "POST", "/device/v1/state", "busy", Map.of("Authorization", "Bearer " + token));
            assertThat(listening.next(block -> block.startsWith("event: state")))
                    .contains("\"to_state\":\"busy\"");
            server.call("PATCH", "/api/v1/devices/seen/desired", "{\"b\":2}");
            assertThat(listening.next(block -> block.startsWith("event: desired")))
                    .contains("\"delta\":{\"b\":2}");
        }
    }

    @Test
    void tellsASlowReceiverWhatItLostAndGoesOn() throws Exception {
        var token = server.device("flood");
        var many =
                IntStream.range(0, 1_000)
                        .mapToObj(i -> "{\"text\":\"" + "x".repeat(200) + "\",\"i\":" + i + "}")
                        .collect(Collectors.joining(",", "[", "]"));
        try (var socket =
                new Socket(java.net.InetAddress.getLoopbackAddress(), server.edge.port())) {
            socket.setReceiveBufferSize(4_096);
            socket.getOutputStream()
                    .write(
                            ("GET /api/v1/live?device_id=flood HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                                            + server.key
                                            + "\r\n\r\n")
                                    .getBytes(StandardCharsets.US_ASCII));
            assertThat(readUntil(socket.getInputStream(), ": live")).isTrue();
            for (int i = 0; i < 30; i++) {
                assertThat(server.report(token, many).status())
                        .isEqualTo(200); // it harms nobody else
            }
            assertThat(readUntil(socket.getInputStream(), "event: lost")).isTrue();
            server.report(token, "{\"last\":\"one\"}");
            assertThat(readUntil(socket.getInputStream(), "{\"last\":\"one\"}")).isTrue();
        }
    }

    @Test
    void resumesTheEventStreamWithoutAGap() throws Exception {
        var token = server.device("resuming");
        var authorization = Map.of("Authorization", "Bearer " + token);
        long seen;
        try (var listening = new Listening(server, "/api/v1/events/stream?type=door.*")) {
            listening.next(block -> block.startsWith(": events"));
            server.send("POST", "/device/v1/event", "{\"type\":\"door.opened\"}", authorization);
            var block = listening.next(one -> one.contains("door.opened"));
            seen =
                    Long.parseLong(
                            block.lines().findFirst().orElseThrow().substring("id: ".length()));
        }
        server.send("POST", "/device/v1/event", "{\"type\":\"door.closed\"}", authorization);
        server.send("POST", "/device/v1/event", "{\"type\":\"window.opened\"}", authorization);
        server.send("POST", "/device/v1/event", "{\"type\":\"door.locked\"}", authorization);
        try (var listening =
                new Listening(
                        server,
                        "/api/v1/events/stream?type=door.*",
                        "Last-Event-ID",
                        Long.toString(seen))) {
            assertThat(listening.next(block -> block.contains("\"type\""))).contains("door.closed");
            assertThat(listening.next(block -> block.contains("\"type\""))).contains("door.locked");
        }
    }

    @Test
    void tellsOfActsOfTheRegistryToo() throws Exception {
        try (var listening =
                new Listening(server, "/api/v1/events/stream?type=device.registered")) {
            listening.next(block -> block.startsWith(": events"));
            server.device("newcomer");
            assertThat(listening.next(block -> block.contains("device.registered")))
                    .contains("\"newcomer\"");
        }
    }

    @Test
    void findsEventsAndCountsThem() {
        var token = server.device("teller");
        var stored =
                server.send(
                        "POST",
                        "/device/v1/event",
                        "{\"type\":\"fire.alarm\",\"priority\":\"critical\",\"event_id\":\"fire-1\",\"data\":{\"room\":3}}",
                        Map.of("Authorization", "Bearer " + token));
        assertThat(stored.status()).isEqualTo(200);
        assertThat(server.get("/api/v1/events/fire-1").text("source")).isEqualTo("device:teller");
        assertThat(server.get("/api/v1/events?type=fire.*&priority=high").items()).hasSize(1);
        assertThat(server.get("/api/v1/events/statistics?type=fire.alarm").raw().body())
                .contains("\"critical\":1");
        assertProblem(server.get("/api/v1/events/none").raw(), 404, "not-found", "none");
    }

    /// Reads on until the text came; false at the end of the stream.
    private static boolean readUntil(InputStream in, String wanted) throws Exception {
        var last = new StringBuilder();
        var buffer = new byte[65_536];
        for (var count = in.read(buffer); count >= 0; count = in.read(buffer)) {
            last.append(new String(buffer, 0, count, StandardCharsets.UTF_8));
            if (last.indexOf(wanted) >= 0) {
                return true;
            }
            last.delete(0, Math.max(0, last.length() - wanted.length()));
        }
        return false;
    }
}
