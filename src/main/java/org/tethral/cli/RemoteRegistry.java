package org.tethral.cli;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.tethral.device.DeviceId;
import org.tethral.device.DeviceStore.History;
import org.tethral.json.Json;
import org.tethral.json.MalformedJson;
import org.tethral.kernel.Document;
import org.tethral.kernel.Secret;
import org.tethral.kernel.Value;

/// The registry of a running server, over its REST API.
final class RemoteRegistry implements Registry {

    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(30);
    private static final int PAGE = 500;

    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    private final URI server;
    private final Secret key;

    RemoteRegistry(URI server, Secret key) {
        this.server = server;
        this.key = key;
    }

    private record Response(int status, Document body) {}

    @Override
    public Secret add(Document device, @Nullable Secret token) {
        var added = call("POST", "/api/v1/devices", device);
        if (added.status() != 201) {
            throw refused(added);
        }
        return credential(Lines.text(device, "device_id"), token);
    }

    private Secret credential(String device, @Nullable Secret token) {
        var wanted = Document.of("type", Value.of("token"));
        var path = "/api/v1/devices/" + encoded(device) + "/credentials";
        var made =
                call(
                        "POST",
                        path,
                        token == null ? wanted : wanted.with("secret", Value.of(token.reveal())));
        if (made.status() != 201) {
            throw refused(made);
        }
        return token != null
                ? token
                : new Secret(
                        made.body()
                                .text("secret")
                                .orElseThrow(() ->
                                        Failure.failed(
                                                "the server made a token and did not tell it")));
    }

    @Override
    public List<Optional<String>> addAll(List<Document> devices) {
        var reasons = new ArrayList<Optional<String>>();
        for (var device : devices) {
            reasons.add(addOne(device));
        }
        return reasons;
    }

    private Optional<String> addOne(Document device) {
        try {
            var added =
                    call(
                            "POST",
                            "/api/v1/devices",
                            device.merged(Document.of("token", Value.Null.NULL)));
            if (added.status() != 201) {
                return Optional.of(reason(added));
            }
            device.text("token")
                    .filter(token -> !token.isEmpty())
                    .ifPresent(token ->
                            credential(Lines.text(device, "device_id"), new Secret(token)));
            return Optional.empty();
        } catch (Failure e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    @Override
    public Optional<Document> find(DeviceId id) {
        var found = call("GET", "/api/v1/devices/" + encoded(id.value()), null);
        return switch (found.status()) {
            case 200 -> Optional.of(found.body());
            case 404 -> Optional.empty();
            default -> throw refused(found);
        };
    }

    @Override
    public void list(Wanted wanted, long limit, Consumer<Document> consumer) {
        var left = limit;
        String cursor = null;
        while (left > 0) {
            var path =
                    "/api/v1/devices?limit="
                            + Math.min(left, PAGE)
                            + query("status", wanted.status())
                            + query("device_type", wanted.type())
                            + query("protocol", wanted.protocol())
                            + query("search", wanted.search())
                            + query("cursor", cursor);
            var page = call("GET", path, null);
            if (page.status() != 200) {
                throw refused(page);
            }
            var items = Lines.objects(page.body(), "items");
            items.forEach(consumer);
            left -= items.size();
            cursor = page.body().text("next_cursor").orElse(null);
            if (cursor == null) {
                return;
            }
        }
    }

    @Override
    public boolean remove(DeviceId id, History history) {
        var what = history == History.PURGE ? "purge" : "keep";
        var removed =
                call("DELETE", "/api/v1/devices/" + encoded(id.value()) + "?history=" + what, null);
        return switch (removed.status()) {
            case 200, 204 -> true;
            case 404 -> false;
            default -> throw refused(removed);
        };
    }

    private Response call(String method, String path, @Nullable Document body) {
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

    private Failure refused(Response response) {
        return Failure.failed(reason(response));
    }

    /// Of a problem document (RFC 9457), with the fields that it names.
    private String reason(Response response) {
        if (response.status() == 401) {
            return "the API key is not valid on " + server;
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

    private static String query(String name, @Nullable String value) {
        return value == null ? "" : "&" + name + "=" + encoded(value);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    @Override
    public void close() {
        client.close();
    }
}
