package org.tethral.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tethral.json.Json;
import org.tethral.json.MalformedJson;
import org.tethral.kernel.Document;

/// The event stream of a server, over as many connections as it takes: each begins behind the last
/// event that the one before had.
final class Following implements AutoCloseable {

    private static final Duration PAUSE_FIRST = Duration.ofSeconds(1);
    private static final Duration PAUSE_MAX = Duration.ofSeconds(15);

    /// The server gives a sign of life every 15 seconds.
    private static final Duration SILENCE_MAX = Duration.ofSeconds(50);

    private static final String PATH = "/api/v1/events/stream";

    private final HttpClient client =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(Duration.ofSeconds(5))
                    .build();
    private final ServerOptions.Server server;
    private final URI address;
    private final PrintStream err;
    private @Nullable BufferedReader lines;
    private @Nullable String lastId;
    private volatile long heardNanos;

    Following(ServerOptions.Server server, Map<String, String> wanted, PrintStream err) {
        this.server = server;
        this.err = err;
        var query =
                wanted.entrySet().stream()
                        .map(one ->
                                one.getKey()
                                        + "="
                                        + URLEncoder.encode(one.getValue(), StandardCharsets.UTF_8))
                        .collect(Collectors.joining("&"));
        this.address = server.address().resolve(query.isEmpty() ? PATH : PATH + "?" + query);
    }

    /// Waits for the next event, however long that takes.
    ///
    /// @throws Failure the server does not let us, or does not understand what we want
    Document next() throws InterruptedException {
        var pause = PAUSE_FIRST;
        while (true) {
            try {
                var reader = lines;
                if (reader == null) {
                    reader = connect();
                    lines = reader;
                }
                var event = read(reader);
                if (event != null) {
                    return event;
                }
                lines = null;
            } catch (IOException e) {
                lines = null;
                err.println("tethral: no connection to " + server.address() + "; trying again");
                Thread.sleep(pause);
                pause =
                        pause.multipliedBy(2).compareTo(PAUSE_MAX) < 0
                                ? pause.multipliedBy(2)
                                : PAUSE_MAX;
            }
        }
    }

    private BufferedReader connect() throws IOException, InterruptedException {
        var request =
                HttpRequest.newBuilder(address)
                        .header("Authorization", "Bearer " + server.key().reveal())
                        .header("Accept", "text/event-stream");
        if (lastId != null) {
            request.header("Last-Event-ID", lastId);
        }
        var response = client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        if (response.statusCode() != 200) {
            throw refused(response);
        }
        heardNanos = System.nanoTime();
        watch(response.body());
        return new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
    }

    /// Busy servers are tried again.
    private static IOException refused(HttpResponse<InputStream> response) throws IOException {
        try (var body = response.body()) {
            var problem = Json.parseObject(body.readAllBytes());
            if (response.statusCode() < 500) {
                throw Api.refused(new Api.Response(response.statusCode(), problem));
            }
        } catch (MalformedJson e) {
            // told by its status
        }
        return new IOException("status " + response.statusCode());
    }

    /// Closes a connection that says nothing any more, whose other end may be gone.
    private void watch(InputStream body) {
        Thread.ofVirtual()
                .start(() -> {
                    try {
                        while (System.nanoTime() - heardNanos < SILENCE_MAX.toNanos()) {
                            Thread.sleep(Duration.ofSeconds(5));
                        }
                        body.close();
                    } catch (IOException | InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
    }

    /// Null: the stream ended.
    private @Nullable Document read(BufferedReader reader) throws IOException {
        for (var line = reader.readLine(); line != null; line = reader.readLine()) {
            heardNanos = System.nanoTime();
            if (line.startsWith("id: ")) {
                lastId = line.substring("id: ".length());
            } else if (line.startsWith("data: ")) {
                try {
                    return Json.parseObject(line.substring("data: ".length()));
                } catch (MalformedJson e) {
                    throw Failure.failed(server.address() + " does not answer like Tethral", e);
                }
            }
        }
        return null;
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
