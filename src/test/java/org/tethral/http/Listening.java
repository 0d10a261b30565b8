package org.tethral.http;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/// Reads Server-Sent Events, one block of lines after the other.
final class Listening implements AutoCloseable {

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final BlockingQueue<String> blocks = new LinkedBlockingQueue<>();
    private final InputStream body;
    private final String contentType;

    Listening(ApiServer server, String path, String... headers) throws Exception {
        var request =
                HttpRequest.newBuilder(server.uri(path))
                        .header("Authorization", "Bearer " + server.key);
        for (int i = 0; i < headers.length; i += 2) {
            request.setHeader(headers[i], headers[i + 1]);
        }
        var response = client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        if (response.statusCode() != 200) {
            throw new AssertionError(
                    response.statusCode()
                            + new String(response.body().readAllBytes(), StandardCharsets.UTF_8));
        }
        body = response.body();
        contentType = response.headers().firstValue("Content-Type").orElse("");
        Thread.ofVirtual().start(this::read);
    }

    private void read() {
        var block = new StringBuilder();
        try (var reader = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8))) {
            for (var line = reader.readLine(); line != null; line = reader.readLine()) {
                if (line.isEmpty()) {
                    blocks.add(block.toString());
                    block.setLength(0);
                } else {
                    block.append(line).append('\n');
                }
            }
        } catch (IOException e) {
            blocks.add("over");
        }
        blocks.add("over");
    }

    String contentType() {
        return contentType;
    }

    /// The next block like this, passing over others.
    String next(Predicate<String> like) throws InterruptedException {
        while (true) {
            var block = blocks.poll(30, TimeUnit.SECONDS);
            if (block == null) {
                throw new AssertionError("nothing like it came within 30 s");
            }
            if (like.test(block)) {
                return block;
            }
            if (block.equals("over")) {
                throw new AssertionError("the stream ended");
            }
        }
    }

    /// Blocks that came, and nobody has asked for.
    List<String> waiting() {
        return List.copyOf(blocks);
    }

    @Override
    public void close() throws IOException {
        body.close();
        client.shutdownNow();
    }
}
