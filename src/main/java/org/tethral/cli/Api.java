package org.tethral.cli;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tethral.json.Json;
import org.tethral.json.MalformedJson;
import org.tethral.kernel.Document;
import org.tethral.kernel.Secret;

/// The REST API of a running server.
final class Api implements AutoCloseable {

    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(30);

    private final HttpClient client =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(Duration.ofSeconds(5))
                    .build();
    private final URI server;
    private final Secret key;

    Api(ServerOptions.Server server) {
        this.server = server.address();
        this.key = server.key();
    }

    /// @param body empty where there is none
    record Response(int status, Document body) {}

    /// Sends one request.
    ///
    /// @throws Failure there is no answer, or none of ours
    Response call(String method, String path, @Nullable Document body) {
        return callWith(Map.of(), method, path, body);
    }

    /// @param version that the body was made for
    Response call(String method, String path, @Nullable Document body, @Nullable String version) {
        return callWith(
                version == null ? Map.of() : Map.of("If-Match", version), method, path, body);
    }

    Response callWith(
            Map<String, String> headers, String method, String path, @Nullable Document body) {
        var request =
                HttpRequest.newBuilder(server.resolve(path))
                        .timeout(ANSWER_WITHIN)
                        .header("Authorization", "Bearer " + key.reveal())
                        .header("Accept", "application/json")
                        .method(
                                method,
                                body == null
                                        ? HttpRequest.BodyPublishers.noBody()
                                        : HttpRequest.BodyPublishers.ofByteArray(Json.bytes(body)));
        if (body != null) {
            request.header("Content-Type", "application/json");
        }
        headers.forEach(request::header);
        try {
            var response = client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
            return new Response(response.statusCode(), parsed(response));
        } catch (IOException e) {
            var why = e.getMessage() == null ? "no connection" : e.getMessage();
            throw Failure.failed("no answer from " + server + ": " + why, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Failure.failed("interrupted while waiting for " + server, e);
        }
    }

    private Document parsed(HttpResponse<byte[]> response) {
        if (response.body().length == 0) {
            return Document.EMPTY;
        }
        try {
            return Json.parseObject(response.body());
        } catch (MalformedJson e) {
            throw Failure.failed(
                    server + " does not answer like Tethral (status " + response.statusCode() + ")",
                    e);
        }
    }

    static Failure refused(Response response) {
        return Failure.failed(reason(response));
    }

    /// Of a problem document (RFC 9457), with the fields that it names.
    static String reason(Response response) {
        if (response.status() == 401) {
            return "the server does not know this API key";
        }
        var body = response.body();
        var text =
                body.text("detail")
                        .or(() -> body.text("title"))
                        .orElse("status " + response.status());
        var fields = new StringBuilder(text);
        for (var error : Lines.objects(body, "errors")) {
            fields.append("; ")
                    .append(Lines.text(error, "field"))
                    .append(": ")
                    .append(Lines.text(error, "reason"));
        }
        return fields.toString();
    }

    @Override
    public void close() {
        client.close();
    }
}
