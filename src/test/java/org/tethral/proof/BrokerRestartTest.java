package org.tethral.proof;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttProperties;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tethral.mqtt.ClientStart;
import org.tethral.mqtt.TalkingClient;

/// What the broker has acknowledged is there after the process was killed.
class BrokerRestartTest {

    @TempDir private Path home;

    private ServerProcess server() {
        return ServerProcess.start(
                home,
                "sqlite:" + home.resolve("tethral.db"),
                "--mqtt-open-topics",
                "true",
                "--open-registration",
                "true",
                "--log-level",
                "warn");
    }

    private static ClientStart kept(int version, String id) {
        var start = TalkingClient.start(version, id).resuming();
        return version == 5 ? start.expiry(1_000) : start;
    }

    @Test
    void keepsSessionsQueuesAndRetainedMessagesThatWereAcknowledged() {
        try (var server = server()) {
            try (var away = kept(4, "away").at(server.mqttPort())) {
                away.subscribe("t/#", 2);
            }
            try (var other = TalkingClient.start(5, "b").at(server.mqttPort())) {
                for (int i = 0; i < 50; i++) {
                    other.publish("t/" + i, "m" + i, 1 + i % 2);
                }
                other.publish("last", "word", 1, true, MqttProperties.NO_PROPERTIES);
                other.publish("gone", "word", 1, true, MqttProperties.NO_PROPERTIES);
                other.publish("gone", "", 1, true, MqttProperties.NO_PROPERTIES);
            }
            server.kill();
        }
        try (var server = server()) {
            try (var away = kept(4, "away").at(server.mqttPort())) {
                assertThat(away.sessionPresent()).isTrue();
                var expected = new ArrayList<String>();
                for (int i = 0; i < 50; i++) {
                    expected.add("m" + i);
                }
                assertThat(away.texts(50)).isEqualTo(expected);
                assertThat(away.nothingMore()).isTrue();
                away.publish("t/x", "still subscribed", 1);
                assertThat(away.next().text()).isEqualTo("still subscribed");
                away.publish("elsewhere", "all before it is kept when this is acknowledged", 1);
            }
            try (var other = TalkingClient.start(5, "b").at(server.mqttPort())) {
                other.subscribe("#", 1);
                assertThat(other.next().text()).isEqualTo("word");
                assertThat(other.nothingMore()).isTrue();
            }
            server.kill();
        }
        try (var server = server();
                var away = kept(4, "away").at(server.mqttPort())) {
            assertThat(away.sessionPresent()).isTrue();
            assertThat(away.nothingMore()).isTrue();
        }
    }

    /// A message with QoS 2 that was taken is not taken again, and one that was delivered is not
    /// delivered again, whenever the process ended.
    @Test
    void countsQos2OnceOverAKill() {
        try (var server = server()) {
            try (var receiver = kept(5, "receiver").silent().at(server.mqttPort());
                    var sender = kept(5, "sender").at(server.mqttPort())) {
                receiver.subscribe("t", 2);
                sender.send(7, "t", "once", 2);
                sender.await(MqttMessageType.PUBREC);
                assertThat(receiver.next().text()).isEqualTo("once");
                server.kill();
            }
        }
        try (var server = server()) {
            try (var receiver = kept(5, "receiver").silent().at(server.mqttPort());
                    var sender = kept(5, "sender").at(server.mqttPort())) {
                sender.send(7, "t", "once", 2);
                sender.await(MqttMessageType.PUBREC);
                var again = receiver.next();
                assertThat(again.again()).isTrue();
                receiver.answerAll();
                sender.release(7);
                sender.send(7, "t", "twice", 2);
                sender.await(MqttMessageType.PUBREC);
                assertThat(receiver.next().text()).isEqualTo("twice");
                assertThat(receiver.nothingMore()).isTrue();
                sender.release(7);
                server.kill();
            }
        }
        try (var server = server();
                var receiver = kept(5, "receiver").at(server.mqttPort())) {
            assertThat(receiver.sessionPresent()).isTrue();
            assertThat(receiver.nothingMore()).isTrue();
        }
    }

    @Test
    void countsAReportWithQos2OnceOverAKill() {
        var start = kept(4, "meter-1").user("demo-token", null);
        try (var server = server()) {
            try (var meter = start.at(server.mqttPort())) {
                meter.send(3, "devices/meter-1/report", "{\"n\":1}", 2);
                meter.await(MqttMessageType.PUBREC);
                server.kill();
            }
        }
        try (var server = server();
                var meter = start.at(server.mqttPort())) {
            assertThat(meter.sessionPresent()).isTrue();
            meter.send(3, "devices/meter-1/report", "{\"n\":1}", 2);
            meter.await(MqttMessageType.PUBREC);
            meter.release(3);
            meter.send(3, "devices/meter-1/report", "{\"n\":2}", 2);
            meter.await(MqttMessageType.PUBREC);
        }
        assertThat(reports()).containsExactly("{\"n\":1}", "{\"n\":2}");
    }

    private List<String> reports() {
        try (var connection =
                        java.sql.DriverManager.getConnection(
                                "jdbc:sqlite:" + home.resolve("tethral.db"));
                var rows =
                        connection
                                .createStatement()
                                .executeQuery(
                                        "SELECT state_data FROM device_state_snapshots ORDER BY sequence")) {
            var reports = new ArrayList<String>();
            while (rows.next()) {
                reports.add(rows.getString(1));
            }
            return reports;
        } catch (java.sql.SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void saysTheWillOfAClientWhoseServerWasKilled() {
        try (var server = server()) {
            try (var lost =
                    kept(5, "lost")
                            .will("wills/lost", "gone", 1, true)
                            .willNumber(MqttProperties.WILL_DELAY_INTERVAL, 1)
                            .at(server.mqttPort())) {
                lost.subscribe("kept", 1); // its answer comes after all that was kept before
                server.kill();
            }
        }
        try (var server = server();
                var watcher = TalkingClient.start(5, "w").at(server.mqttPort())) {
            watcher.subscribe("wills/#", 1);
            assertThat(watcher.next().text()).isEqualTo("gone");
        }
    }

    @Test
    void servesMosquittoSubWithAKeptSessionOverAKill() throws Exception {
        Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/bin/mosquitto_sub")));
        try (var server = server()) {
            subscribe(server, "-E"); // subscribes, and leaves
            try (var other = TalkingClient.start(4, "b").at(server.mqttPort())) {
                other.publish("t", "while you were away", 1);
            }
            server.kill();
        }
        try (var server = server()) {
            assertThat(subscribe(server, "-C", "1")).isEqualTo("while you were away\n");
        }
    }

    private static String subscribe(ServerProcess server, String... more)
            throws IOException, InterruptedException {
        var command =
                new ArrayList<>(
                        List.of(
                                "mosquitto_sub",
                                "-h",
                                "127.0.0.1",
                                "-p",
                                Integer.toString(server.mqttPort()),
                                "-i",
                                "mosquitto",
                                "-c",
                                "-q",
                                "1",
                                "-t",
                                "t",
                                "-W",
                                "10"));
        command.addAll(List.of(more));
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        var out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return out;
    }
}
