package org.tethral.benchmark;

import static org.tethral.benchmark.Figure.Unit.MILLISECONDS;

import com.sun.net.httpserver.HttpServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.tethral.json.Json;
import org.tethral.json.MalformedJson;

/// How soon an event that a device tells over HTTP is at a webhook, and at who follows the stream,
/// when nothing else happens. Counted from before the device's request, so that the commit is in
/// it.
record EventFigures(Options options, Workbench workbench, Steps steps) {

    private static final int EVENTS = 1_000;
    private static final int EVENTS_BEFORE = 200;
    private static final int WAITING_MAX = 16;
    private static final Duration BETWEEN = Duration.ofMillis(5);
    private static final Duration WAIT_MAX = Duration.ofSeconds(20);
    private static final double WEBHOOK_MOST = 20;
    private static final double STREAM_MOST = 10;

    List<Figure> measure() throws InterruptedException {
        steps.step("events to a webhook and to a stream");
        var bench = workbench.fresh();
        var webhook = new ArrayBlockingQueue<Long>(WAITING_MAX);
        var stream = new ArrayBlockingQueue<Long>(WAITING_MAX);
        var receiver = receiver(webhook);
        try (var server = ServerProcess.start(bench, "--private-targets", "true");
                var client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            var caller = new Caller(client, server);
            caller.subscribe(receiver.getAddress().getPort());
            var token = caller.device();
            try (var _ = caller.follow(stream)) {
                return measure(caller, token, webhook, stream);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("measure how soon events are told", e);
        } finally {
            receiver.stop(0);
            workbench.drop(bench);
        }
    }

    private List<Figure> measure(
            Caller caller, String token, BlockingQueue<Long> webhook, BlockingQueue<Long> stream)
            throws IOException, InterruptedException {
        var toWebhook = new Histogram(3);
        var toStream = new Histogram(3);
        var before = options.tiny() ? 5 : EVENTS_BEFORE;
        var events = (int) options.scaled(EVENTS, 20);
        for (int i = 0; i < before + events; i++) {
            var begin = System.nanoTime();
            caller.tell(token, i);
            var atWebhook = arrived(webhook) - begin;
            var atStream = arrived(stream) - begin;
            if (i >= before) {
                toWebhook.recordValue(atWebhook);
                toStream.recordValue(atStream);
            }
            TimeUnit.NANOSECONDS.sleep(BETWEEN.toNanos());
        }
        var figures = new ArrayList<Figure>();
        figures.addAll(figures("event to webhook receiver", toWebhook, WEBHOOK_MOST));
        figures.addAll(figures("event to stream", toStream, STREAM_MOST));
        return figures;
    }

    private static List<Figure> figures(String name, Histogram histogram, double most) {
        var beside = "from before the device's request; idle, one at a time";
        return List.of(
                Figure.atMost(
                        name + ", p50",
                        histogram.getValueAtPercentile(50) / 1e6,
                        MILLISECONDS,
                        most,
                        beside),
                Figure.shown(
                        name + ", p99",
                        histogram.getValueAtPercentile(99) / 1e6,
                        MILLISECONDS,
                        ""));
    }

    private static long arrived(BlockingQueue<Long> arrivals) throws InterruptedException {
        var at = arrivals.poll(WAIT_MAX.toSeconds(), TimeUnit.SECONDS);
        if (at == null) {
            throw new IllegalStateException("an event did not arrive");
        }
        return at;
    }

    private static HttpServer receiver(BlockingQueue<Long> arrivals) {
        try {
            var receiver =
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            receiver.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            receiver.createContext(
                    "/",
                    exchange -> {
                        exchange.getRequestBody().readAllBytes();
                        arrivals.add(System.nanoTime());
                        exchange.sendResponseHeaders(204, -1);
                        exchange.close();
                    });
            receiver.start();
            return receiver;
        } catch (IOException e) {
            throw new UncheckedIOException("listen for webhooks", e);
        }
    }

    /// What is asked of the server.
    private record Caller(HttpClient client, ServerProcess server) {

        void subscribe(int port) throws IOException, InterruptedException {
            post(
                    "/api/v1/subscriptions",
                    server.apiKey(),
                    """
                    {"event_types": ["benchmark.*"], "sink": {"kind": "webhook", "url": "http://127.0.0.1:%d/"}}\
                    """
                            .formatted(port));
        }

        String device() throws IOException, InterruptedException {
            var answer = post("/api/v1/devices", server.apiKey(), "{\"device_id\": \"benchmark\"}");
            try {
                return Json.parseObject(answer)
                        .text("token")
                        .orElseThrow(() -> new IllegalStateException("no token in " + answer));
            } catch (MalformedJson e) {
                throw new IllegalStateException("not JSON: " + answer, e);
            }
        }

        void tell(String token, int number) throws IOException, InterruptedException {
            post(
                    "/device/v1/event",
                    token,
                    "{\"type\": \"benchmark.event\", \"data\": {\"number\": " + number + "}}");
        }

        private String post(String path, String key, String body)
                throws IOException, InterruptedException {
            var request =
                    request(path, key)
                            .header("Content-Type", "application/json")
                            .POST(HttpRequest.BodyPublishers.ofString(body))
                            .build();
            var answer = client.send(request, HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() / 100 != 2) {
                throw new IllegalStateException(path + " answers " + answer.body());
            }
            return answer.body();
        }

        private HttpRequest.Builder request(String path, String key) {
            return HttpRequest.newBuilder(URI.create(server.http() + path))
                    .header("Authorization", "Bearer " + key);
        }

        /// Until what it returns is closed.
        InputStream follow(BlockingQueue<Long> arrivals) throws IOException, InterruptedException {
            var request =
                    request("/api/v1/events/stream?type=benchmark.*", server.apiKey()).build();
            var answer = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
            if (answer.statusCode() != 200) {
                throw new IllegalStateException("the stream answers " + answer.statusCode());
            }
            Thread.ofVirtual().start(() -> read(answer.body(), arrivals));
            return answer.body();
        }

        private static void read(InputStream body, BlockingQueue<Long> arrivals) {
            try (var lines =
                    new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8))) {
                for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                    if (line.startsWith("data: ")) {
                        arrivals.add(System.nanoTime());
                    }
                }
            } catch (IOException e) {
                // it is closed
            }
        }
    }
}
