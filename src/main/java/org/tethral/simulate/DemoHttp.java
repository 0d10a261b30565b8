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

    /// Asks for commands, and waits for one as long as it has nothing else to do.
    @Override
    public void idle(Duration time) throws IOException, InterruptedException {
        var end = System.nanoTime() + time.toNanos();
        for (var left = time; left.isPositive(); left = Duration.ofNanos(end - System.nanoTime())) {
            var asked = request("commands?wait=" + left.toMillis() + "ms").GET();
            for (var command : DemoObedience.commands(send(asked))) {
                post(DemoObedience.answerPath(command), DemoObedience.answer(command));
            }
        }
    }

    private void post(String path, Document body) throws IOException, InterruptedException {
        var _ =
                send(
                        request(path)
                                .header("Content-Type", "application/json")
                                .POST(HttpRequest.BodyPublishers.ofByteArray(Json.bytes(body))));
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(server.resolve("/device/v1/" + path))
                .timeout(ANSWER_WITHIN)
                .header("Authorization", "Bearer " + identity.token());
    }

    private String send(HttpRequest.Builder request) throws IOException, InterruptedException {
        var answer = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() / 100 != 2) {
            throw new IOException("refused (status " + answer.statusCode() + ")");
        }
        return answer.body();
    }

    /// Connections belong to the client that all share.
    @Override
    public void close() {}
}
