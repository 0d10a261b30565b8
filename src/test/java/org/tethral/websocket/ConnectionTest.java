package org.tethral.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.websocket.WebSocketEdgeTest.status;
import static org.tethral.websocket.WebSocketEdgeTest.until;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tethral.device.ConnectionLog.Kind;

/// How connections begin and end, and what the connection log says of it.
class ConnectionTest {

    private Rig rig;

    @BeforeEach
    void start() throws Exception {
        rig = new Rig();
    }

    @AfterEach
    void stop() throws Exception {
        rig.close();
    }

    @Test
    void refusesHandshakesThatProveNothingAndLogsThem() {
        rig.register("pump-7");
        rig.register("pump-8");

        assertThat(Client.refusal(rig.address("pump-7"), null)).isEqualTo(401);
        assertThat(Client.refusal(rig.address("pump-7"), "wrong")).isEqualTo(401);
        assertThat(Client.refusal(rig.address("pump-7"), "token-of-pump-8")).isEqualTo(403);
        assertThat(Client.refusal(rig.address("nobody"), "wrong")).isEqualTo(401);
        assertThat(Client.refusal(rig.address("a%2Fb"), "wrong")).isEqualTo(400);
        assertThat(Client.refusal(rig.address(""), "wrong")).isEqualTo(404);

        until(() -> rig.knocks.entries.size() == 5);
        assertThat(rig.knocks.entries.get(2))
                .satisfies(entry -> {
                    assertThat(entry.identity()).isEqualTo("pump-7");
                    assertThat(entry.remoteAddress()).isEqualTo("127.0.0.1");
                    assertThat(entry.reason()).contains("another device");
                });
        assertThat(rig.edge.connections()).isZero();
    }

    @Test
    void tellsADeviceToComeBackWhenItsTokenCannotBeChecked() {
        rig.register("pump-7");
        rig.shelf.away = true;

        assertThat(Client.refusal(rig.address("pump-7"), "token-of-pump-7")).isEqualTo(503);

        rig.shelf.away = false;
        rig.connect("pump-7").close();
    }

    @Test
    void takesTheTokenFromTheAddressOfThoseWhoCannotSendHeaders() throws Exception {
        rig.register("Grüner Keller 7");
        var address =
                URI.create(
                        "ws://127.0.0.1:"
                                + rig.port()
                                + "/ws/Gr%C3%BCner%20Keller%207?token=token-of-Gr%C3%BCner+Keller%207");
        try (var device = Client.connect(address, null)) {
            device.send(status("1", "{\"a\":1}"));
            assertThat(device.next().text("message_type")).hasValue("ack");
        }
    }

    @Test
    void logsAClosedConnectionAsDisconnectedWithItsLength() {
        rig.register("pump-7");
        try (var pump = rig.connect("pump-7")) {
            until(() -> rig.edge.connections() == 1);
            pump.hangUp();

            assertThat(pump.end().code()).isEqualTo(1000);
            until(() -> rig.connectionLog("pump-7").size() == 2);
        }
        var log = rig.connectionLog("pump-7");
        assertThat(log)
                .extracting(entry -> entry.kind())
                .containsExactly(Kind.CONNECTED, Kind.DISCONNECTED);
        assertThat(log.getFirst().node()).isEqualTo("node-a");
        assertThat(log.getLast().reason()).isEqualTo("closed by the device (1000)");
        assertThat(log.getLast().session()).isNotNull();
        until(() -> rig.edge.connections() == 0);
    }

    @Test
    void logsALostConnectionAsDisconnected() {
        rig.register("pump-7");
        rig.connect("pump-7").close();

        until(() -> rig.connectionLog("pump-7").size() == 2);
        assertThat(rig.connectionLog("pump-7").getLast().kind()).isEqualTo(Kind.DISCONNECTED);
    }

    @Test
    void aSecondConnectionTakesOverFromTheFirst() throws Exception {
        rig.register("pump-7");
        try (var first = rig.connect("pump-7")) {
            until(() -> rig.connectionLog("pump-7").size() == 1);
            try (var second = rig.connect("pump-7")) {
                assertThat(first.end())
                        .isEqualTo(
                                new Client.End(
                                        4001, "another connection of this device took over"));
                second.send(status("1", "{\"a\":1}"));
                assertThat(second.next().text("message_type")).hasValue("ack");
                assertThat(rig.edge.connections()).isEqualTo(1);
                assertThat(rig.connectionLog("pump-7"))
                        .extracting(entry -> entry.kind())
                        .containsExactly(Kind.CONNECTED, Kind.DISCONNECTED, Kind.CONNECTED);
            }
        }
        until(() -> rig.connectionLog("pump-7").size() == 4);
        assertThat(rig.connectionLog("pump-7").getLast().kind()).isEqualTo(Kind.DISCONNECTED);
    }

    @Test
    void endsAConnectionThatMissesTwoHeartbeatsAsTimedOut() {
        rig.register("pump-7", Duration.ofMillis(150));
        try (var pump = rig.connect("pump-7")) {
            assertThat(pump.end()).isEqualTo(new Client.End(4002, "no heartbeat for 0.3 s"));
            until(() -> rig.connectionLog("pump-7").size() == 2);
        }
        assertThat(rig.connectionLog("pump-7").getLast().kind()).isEqualTo(Kind.TIMEOUT);
        assertThat(rig.connectionLog("pump-7").getLast().reason())
                .isEqualTo("no heartbeat for 0.3 s");
    }

    @Test
    void keepsAConnectionOnWhichAnythingIsHeard() throws Exception {
        rig.register("pump-7", Duration.ofMillis(700));
        try (var pump = rig.connect("pump-7")) {
            for (int i = 0; i < 10; i++) { // longer than two intervals of silence
                if (i % 2 == 0) {
                    pump.pong();
                } else {
                    pump.send("{\"message_type\":\"heartbeat\"}");
                }
                assertThat(pump.nextWithin(Duration.ofMillis(150))).isNull();
            }
            assertThat(pump.isOpen()).isTrue();
        }
    }

    @Test
    void evictsADeviceThatMayNotStay() {
        var device = rig.register("pump-7");
        try (var pump = rig.connect("pump-7")) {
            until(() -> rig.edge.connections() == 1);
            rig.evictions.evict(device.id(), "its credential was revoked");

            assertThat(pump.end()).isEqualTo(new Client.End(4003, "its credential was revoked"));
            until(() -> rig.connectionLog("pump-7").size() == 2);
        }
    }

    @Test
    void barsADeviceThatTheDatabaseDoesNotKnowAnyMore() throws Exception {
        var device = rig.register("pump-7");
        try (var pump = rig.connect("pump-7")) {
            until(() -> rig.connectionLog("pump-7").size() == 1);
            rig.journal.remove(device.id());
            rig.ingest.forget(device.id());
            pump.send(status("1", "{\"a\":1}"));

            assertThat(pump.next().text("reason").orElse("")).contains("not registered any more");
            assertThat(pump.end().code()).isEqualTo(4003);
        }
    }

    @Test
    void answersWhatItTookBeforeItStops() throws Exception {
        rig.register("pump-7");
        try (var pump = rig.connect("pump-7")) {
            until(() -> rig.connectionLog("pump-7").size() == 1);
            rig.journal.hold();
            pump.send(status("last", "{\"a\":1}"));
            until(() -> rig.meters.get("tethral.websocket.messages").counter().count() == 1);

            var closing = Thread.ofVirtual().start(rig.edge::close);
            assertThat(pump.nextWithin(Duration.ofMillis(200))).isNull();
            rig.journal.release();

            assertThat(pump.next().text("message_id")).hasValue("last");
            assertThat(pump.end()).isEqualTo(new Client.End(1001, "the server stops"));
            closing.join();
            until(() -> rig.connectionLog("pump-7").size() == 2);
            assertThat(Client.refusal(rig.address("pump-7"), "token-of-pump-7")).isEqualTo(503);
        }
    }

    @Test
    void servesManyDevicesThatReconnectAtOnce() throws Exception {
        var clients = new ArrayList<Client>();
        for (int i = 0; i < 200; i++) {
            rig.register("d-" + i);
        }
        for (int i = 0; i < 200; i++) {
            clients.add(rig.connect("d-" + i));
        }
        for (int i = 0; i < 200; i++) {
            clients.get(i).send(status("1", "{\"n\":" + i + "}"));
        }
        for (var client : clients) {
            assertThat(client.next().text("message_type")).hasValue("ack");
        }
        assertThat(rig.edge.connections()).isEqualTo(200);
        assertThat(rig.journal.reports()).isEqualTo(200);
        clients.forEach(Client::close);
        until(() -> rig.edge.connections() == 0);
    }

    @Test
    void answersWhatItTookWhenTheHttpServerShutsDownFirst() throws Exception {
        rig.register("pump-7");
        try (var pump = rig.connect("pump-7")) {
            until(() -> rig.connectionLog("pump-7").size() == 1);
            rig.journal.hold();
            pump.send(status("last", "{\"a\":1}"));
            until(() -> rig.meters.get("tethral.websocket.messages").counter().count() == 1);

            var shutDown = rig.shutDownServer();
            assertThat(pump.nextWithin(Duration.ofMillis(200))).isNull();
            rig.journal.release();

            assertThat(pump.next().text("message_id")).hasValue("last");
            assertThat(pump.end()).isEqualTo(new Client.End(1001, "the server stops"));
            shutDown.orTimeout(Rig.GRACE.dividedBy(2).toSeconds(), TimeUnit.SECONDS).join();
        }
    }
}
