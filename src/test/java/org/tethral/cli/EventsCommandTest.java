package org.tethral.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tethral.Config;
import org.tethral.Home;
import org.tethral.Tethral;
import org.tethral.json.Json;

/// `tethral events tail` on a running server.
class EventsCommandTest {

    @TempDir private Path home;
    @TempDir private Path elsewhere;

    private final HttpClient client = HttpClient.newHttpClient();
    private int port;
    private Tethral server;
    private Shell shell;
    private String key;

    @BeforeEach
    void start() throws IOException {
        try (var socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        server = serve();
        key = Home.running(home).orElseThrow().key().reveal();
        shell = new Shell(elsewhere);
        shell.environment.put("TETHRAL_SERVER", "http://127.0.0.1:" + port);
        shell.environment.put("TETHRAL_API_KEY", key);
    }

    @AfterEach
    void stop() {
        server.close();
        client.close();
    }

    private Tethral serve() {
        var flags =
                Map.of(
                        "home", home.toString(),
                        "http-port", Integer.toString(port),
                        "mqtt-port", "off",
                        "mqtt-websocket-port", "off",
                        "coap-port", "off",
                        "coaps-port", "off");
        return Tethral.start(
                Config.resolve(new Given(flags, null, Map.of())),
                InstantSource.system(),
                new SecureRandom());
    }

    private long publish(String type, String data) throws Exception {
        var body = "{\"type\":\"%s\",\"priority\":\"high\",\"data\":%s}".formatted(type, data);
        var answer =
                client.send(
                        HttpRequest.newBuilder(
                                        URI.create("http://127.0.0.1:" + port + "/api/v1/events"))
                                .header("Authorization", "Bearer " + key)
                                .header("Content-Type", "application/json")
                                .POST(HttpRequest.BodyPublishers.ofString(body))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
        return Long.parseLong(
                Json.write(Json.parseObject(answer.body()).find("sequence").orElseThrow()));
    }

    @Test
    void printsWhatIsAskedForInTheOrderOfTheLog() throws Exception {
        var before = publish("tail.first", "{\"n\":1}") - 1;
        publish("other", "{\"n\":2}");
        publish("tail.second", "{\"n\":3,\"text\":\"a b\\u001b[31m\"}");
        publish("tail.third", "{\"n\":4}");
        var result =
                shell.run(
                        "events",
                        "tail",
                        "--type",
                        "tail.*",
                        "--filter",
                        "n < 4",
                        "--after",
                        Long.toString(before),
                        "--limit",
                        "2");
        assertThat(result.err()).isEmpty();
        assertThat(result.code()).isZero();
        assertThat(result.outLines()).hasSize(2);
        assertThat(result.outLines().getFirst()).contains("high", "tail.first", "n=1");
        // what would colour the terminal is written as it is in JSON
        assertThat(result.outLines().getLast())
                .contains("tail.second", "n=3")
                .doesNotContain("\u001b");

        var json =
                shell.run(
                        "events",
                        "tail",
                        "--json",
                        "--after",
                        Long.toString(before),
                        "--limit",
                        "1");
        assertThat(Json.parseObject(json.out().strip()).text("type")).contains("tail.first");
    }

    @Test
    void coloursWhatIsUrgentWhereAPersonWatchesAndWantsIt() throws Exception {
        var before = Long.toString(publish("tail.urgent", "{}") - 1);
        var tail =
                new String[] {
                    "events", "tail", "--type", "tail.*", "--after", before, "--limit", "1"
                };
        assertThat(shell.run(tail).out()).doesNotContain("\u001b");
        shell.interactive = true;
        assertThat(shell.run(tail).out()).startsWith("\u001b[33m").endsWith("\u001b[0m\n");
        shell.environment.put("NO_COLOR", "1");
        assertThat(shell.run(tail).out()).doesNotContain("\u001b");
    }

    @Test
    void goesOnWithoutAGapWhenTheServerComesBack() throws Exception {
        var before = publish("tail.one", "{}") - 1;
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var running =
                    CompletableFuture.supplyAsync(
                            () ->
                                    shell.run(
                                            "events",
                                            "tail",
                                            "--json",
                                            "--type",
                                            "tail.*",
                                            "--after",
                                            Long.toString(before),
                                            "--limit",
                                            "3"),
                            threads);
            server.close();
            server = serve();
            publish("tail.two", "{}");
            server.close();
            server = serve();
            publish("tail.three", "{}");
            var result = running.get(40, TimeUnit.SECONDS);
            assertThat(result.code()).isZero();
            assertThat(result.outLines())
                    .extracting(line -> Json.parseObject(line).text("type").orElseThrow())
                    .containsExactly("tail.one", "tail.two", "tail.three");
        }
    }

    @Test
    void saysInOneLineWhyItIsRefused() {
        var future = shell.run("events", "tail", "--after", "99999999");
        assertThat(future.code()).isEqualTo(1);
        assertThat(future.errLines()).singleElement().asString().contains("is in the future");
        var filter = shell.run("events", "tail", "--filter", "a = = 3");
        assertThat(filter.errLines()).singleElement().asString().contains("filter");
        shell.environment.put("TETHRAL_API_KEY", "wrong");
        assertThat(shell.run("events", "tail").errLines())
                .singleElement()
                .asString()
                .contains("API key");
    }
}
