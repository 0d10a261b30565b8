package org.tethral.coap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.tethral.kernel.Eventually.eventually;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tethral.command.CommandId;
import org.tethral.command.Dispatch;
import org.tethral.command.Dispatches;
import org.tethral.command.Stage;
import org.tethral.device.DeviceId;
import org.tethral.kernel.Value;
import org.tethral.mqtt.Certificates;

/// The client of libcoap, which everybody has, used as its manual says.
class LibcoapTest {

    private static final String OPENSSL = "coap-client-openssl";

    private TestCoap platform;

    @BeforeAll
    static void needsLibcoap() {
        assumeTrue(
                Files.isExecutable(Path.of("/usr/bin", OPENSSL)),
                OPENSSL + " (package libcoap3-bin) is not installed");
    }

    @BeforeEach
    void start() {
        platform = TestCoap.started();
        platform.device("pump-7");
    }

    @AfterEach
    void stop() {
        platform.close();
    }

    private String uri(String path) {
        return platform.uri("/device/v1/" + path + "?token=token-of-pump-7");
    }

    @Test
    void reportsAndReadsWhatIsWanted() throws Exception {
        var report = run(OPENSSL, "-v", "7", "-m", "post", "-e", "{\"t\":21}", uri("report"));
        assertThat(report).contains("2.04");
        assertThat(platform.reported("pump-7").find("t")).contains(Value.of(21));

        platform.desire("pump-7", "{\"t\":22}");
        assertThat(run(OPENSSL, "-m", "get", uri("desired")))
                .contains("{\"desired\":{\"t\":22},\"version\":1,\"delta\":{\"t\":22}}");
        assertThat(run(OPENSSL, "-m", "get", "-A", "60", uri("desired"))).contains("version");
    }

    @Test
    void isToldWhatIsWrong() throws Exception {
        assertThat(run(OPENSSL, "-m", "post", "-e", "{\"t\":", uri("report")))
                .contains("4.00", "malformed JSON");
        assertThat(
                        run(
                                OPENSSL,
                                "-m",
                                "post",
                                "-e",
                                "{}",
                                platform.uri("/device/v1/report?token=x")))
                .contains("4.01", "check the token");
    }

    @Test
    void sendsABodyInBlocks(@TempDir Path directory) throws Exception {
        var text = "x".repeat(50_000);
        var file = Files.writeString(directory.resolve("body"), "{\"text\":\"" + text + "\"}");
        run(OPENSSL, "-m", "post", "-b", "1024", "-f", file.toString(), uri("report"));
        assertThat(platform.reported("pump-7").find("text")).contains(Value.of(text));
    }

    @Test
    void observesWhatIsWanted() throws Exception {
        var observer =
                new ProcessBuilder(OPENSSL, "-m", "get", "-w", "-s", "60", uri("desired"))
                        .redirectErrorStream(true)
                        .start();
        try (var lines = observer.inputReader()) {
            assertThat(lines.readLine()).contains("\"version\":0");
            for (int i = 1; i <= 3; i++) {
                platform.desire("pump-7", "{\"level\":" + i + "}");
                assertThat(lines.readLine()).contains("\"version\":" + i);
            }
        } finally {
            observer.destroy();
            observer.waitFor(5, TimeUnit.SECONDS);
        }
    }

    /// Plain, and with a shared key: observes its commands, and answers each.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void getsCommandsAndAnswersThem(boolean secure) throws Exception {
        platform.sharedKey("pump-8", "pump-8", "0123456789abcdef");
        var device = new DeviceId(secure ? "pump-8" : "pump-7");
        var observer =
                new ProcessBuilder(
                                as(
                                        secure,
                                        "-m",
                                        "get",
                                        "-w",
                                        "-s",
                                        "60",
                                        commandUri(secure, "commands")))
                        .redirectErrorStream(true)
                        .start();
        try (var lines = observer.inputReader()) {
            assertThat(lines.readLine()).contains("{\"commands\":[]}");
            eventually(() -> platform.reached.reaches(device));
            for (int i = 1; i <= 3; i++) {
                var id = new CommandId(new UUID(0x7000, i));
                platform.journal.add(Dispatches.sent(id, device));
                platform.reached.send(device, id, "open", Value.of(i), false);
                assertThat(lines.readLine()).contains(id.toString(), "\"payload\":" + i);
                run(
                        as(
                                secure,
                                "-m",
                                "post",
                                "-e",
                                "{\"status\":\"success\"}",
                                commandUri(secure, "commands/" + id + "/ack")));
                assertThat(
                                platform.journal
                                        .dispatch(new Dispatch.Key(id, device))
                                        .orElseThrow()
                                        .stage())
                        .isInstanceOf(Stage.Acknowledged.class);
            }
            eventually(() -> platform.reached.told.size() == 3);
            assertThat(platform.reached.told).containsOnly("delivered");
        } finally {
            observer.destroy();
            observer.waitFor(5, TimeUnit.SECONDS);
        }
    }

    private String commandUri(boolean secure, String path) {
        return secure ? platform.secureUri("/device/v1/" + path) : uri(path);
    }

    private static String[] as(boolean secure, String... arguments) {
        var all = new ArrayList<String>();
        all.add(OPENSSL);
        if (secure) {
            all.addAll(List.of("-u", "pump-8", "-k", "0123456789abcdef"));
        }
        all.addAll(List.of(arguments));
        return all.toArray(String[]::new);
    }

    @ParameterizedTest
    @ValueSource(strings = {OPENSSL, "coap-client-gnutls"})
    void comesWithASharedKey(String client) throws Exception {
        platform.sharedKey("meter-1", "meter-1", "0123456789abcdef");
        run(
                client,
                "-m",
                "post",
                "-u",
                "meter-1",
                "-k",
                "0123456789abcdef",
                "-e",
                "{\"kwh\":4}",
                platform.secureUri("/device/v1/report"));
        assertThat(platform.reported("meter-1").find("kwh")).contains(Value.of(4));
    }

    @Test
    void comesWithACertificate(@TempDir Path directory) throws Exception {
        var certificates = new Certificates("our authority");
        var own = certificates.issue("CN=meter-3");
        var server = certificates.serverFiles(directory);
        try (var secure =
                TestCoap.started(settings ->
                        new CoapEdge.Settings(
                                settings.bind(), -1, 0, server, settings.messageBytesMax()))) {
            secure.certificate("meter-3", own.fingerprint());
            var output =
                    run(
                            OPENSSL,
                            "-m",
                            "post",
                            "-c",
                            Certificates.pem(
                                            directory.resolve("own.pem"),
                                            "CERTIFICATE",
                                            own.certificate().getEncoded())
                                    .toString(),
                            "-j",
                            Certificates.pem(
                                            directory.resolve("own.key"),
                                            "PRIVATE KEY",
                                            own.keys().getPrivate().getEncoded())
                                    .toString(),
                            "-C",
                            server.clientAuthority().toString(),
                            "-e",
                            "{\"kwh\":5}",
                            secure.secureUri("/device/v1/report")
                                    .replace("127.0.0.1", "localhost"));
            assertThat(secure.journal.reports()).as(output).isEqualTo(1);
        }
    }

    private static String run(String... command) throws IOException, InterruptedException {
        var all = new ArrayList<>(List.of(command));
        all.addAll(1, List.of("-B", "30"));
        var process = new ProcessBuilder(all).redirectErrorStream(true).start();
        try {
            var output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            return output;
        } finally {
            process.destroyForcibly();
        }
    }
}
