package org.tethral.simulate;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.tethral.json.Json;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// A device that posts.
record DemoHttp(HttpClient client, URI server, Plan.Identity identity) implements DemoClient {

    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(30);

    @Override
    public void report(Document values) throws IOException, InterruptedException {
        post("report", values);
    }

    @Override
    public void state(String word) throws IOException, InterruptedException {
        post("state", Document.of("state", Value.of(word)));
    }

    private void post(String path, Document body) throws IOException, InterruptedException {
        var request =
                HttpRequest.newBuilder(server.resolve("/device/v1/" + path))
                        .timeout(ANSWER_WITHIN)
                        .header("Authorization", "Bearer " + identity.token())
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(Json.bytes(body)))
                        .build();
        var status = client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
        if (status != 200) {
            throw new IOException("refused (status " + status + ")");
        }
    }

    /// Connections belong to the client that all share.
    @Override
    public void close() {}
}
