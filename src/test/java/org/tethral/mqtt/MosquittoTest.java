package org.tethral.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.tethral.kernel.Eventually.eventually;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tethral.ingest.Fact;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// The tools that everybody has, used as their manuals say.
final class MosquittoTest {

    private TestEdge platform;

    @BeforeAll
    static void needsMosquittoClients() {
        assumeTrue(
                Files.isExecutable(Path.of("/usr/bin/mosquitto_pub")),
                "mosquitto_pub and mosquitto_sub (package mosquitto-clients) are not installed");
    }

    @BeforeEach
    void start() {
        platform = TestEdge.started();
    }

    @AfterEach
    void stop() {
        platform.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"mqttv31", "mqttv311", "mqttv5"})
    void publishesWithEveryVersionAndQos(String version) throws Exception {
        var token = platform.registry.device("pump-7");

        for (var qos : List.of("0", "1", "2")) {
            var run =
                    run(
                            "mosquitto_pub",
                            "-V",
                            version,
                            "-u",
                            token,
                            "-i",
                            "c" + qos,
                            "-q",
                            qos,
                            "-t",
                            "devices/pump-7/report",
                            "-m",
                            "{\"flow\": " + qos + "}");
            assertThat(run.exit()).as(run.output()).isZero();
        }

        eventually(() -> platform.journal.reports() == 3);
        assertThat(platform.reported("pump-7")).isEqualTo(Document.of("flow", Value.of(2)));
    }

    @Test
    void isToldThatAWrongTokenIsWrong() throws Exception {
        var run =
                run(
                        "mosquitto_pub",
                        "-u",
                        "guessed",
                        "-i",
                        "pump-7",
                        "-t",
                        "devices/pump-7/report",
                        "-m",
                        "{}");

        assertThat(run.exit()).isNotZero();
        assertThat(run.output()).containsIgnoringCase("bad user name or password");
        eventually(() -> platform.inbox.size() == 1);
        assertThat(platform.inbox.getFirst().identity()).isEqualTo("pump-7");
    }

    @Test
    void seesDesiredValuesNowAndWhenTheyChange() throws Exception {
        var token = platform.registry.device("pump-7");
        platform.desire("pump-7", "{\"speed\": 3}");
        var process =
                start(
                        "mosquitto_sub",
                        "-V",
                        "mqttv5",
                        "-u",
                        token,
                        "-q",
                        "1",
                        "-t",
                        "devices/pump-7/desired",
                        "-C",
                        "2",
                        "-W",
                        "30");
        eventually(() -> platform.meters.get("tethral.mqtt.sent").counter().count() >= 1);
        platform.desire("pump-7", "{\"speed\": 5}");

        var run = finish(process);

        assertThat(run.output().lines())
                .containsExactly(
                        "{\"version\":1,\"desired\":{\"speed\":3}}",
                        "{\"version\":2,\"desired\":{\"speed\":5}}");
    }

    @Test
    void logsConnectionsOfAProgramThatComesAndGoes() throws Exception {
        var token = platform.registry.device("pump-7");

        run(
                "mosquitto_pub",
                "-u",
                token,
                "-q",
                "1",
                "-t",
                "v1/devices/me/telemetry",
                "-m",
                "{\"flow\": 1}");

        eventually(() -> platform.journal.facts(Fact.Linked.class).size() == 2);
        assertThat(platform.journal.facts(Fact.Linked.class))
                .extracting(fact -> fact.entry().kind().word())
                .containsExactly("connected", "disconnected");
    }

    private record Run(int exit, String output) {}

    private Run run(String program, String... arguments) throws IOException, InterruptedException {
        return finish(start(program, arguments));
    }

    private Process start(String program, String... arguments) throws IOException {
        var command = new ArrayList<String>();
        command.add(program);
        command.addAll(List.of("-h", "127.0.0.1", "-p", Integer.toString(platform.edge.port())));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    private static Run finish(Process process) throws IOException, InterruptedException {
        try {
            var output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            return new Run(process.exitValue(), output);
        } finally {
            process.destroyForcibly();
        }
    }
}
