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

    private static final Document LATER =
            Document.of("enabled", Value.Null.NULL).with("lifecycle", Value.Null.NULL);

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
        var added = post(token == null ? device : device.with("token", Value.of(token.reveal())));
        return added.body()
                .text("token")
                .map(Secret::new)
                .orElseThrow(() ->
                        Failure.failed(
                                "the server registered the device and did not tell its token"));
    }

    /// Sees to it that there is such a device with that token, whether it was there before or not.
    void ensure(Document device, Secret token) {
        var added = call("POST", "/api/v1/devices", device.with("token", Value.of(token.reveal())));
        if (added.status() == 201) {
            return;
        }
        if (added.status() != 409) {
            throw refused(added);
        }
        var credential =
                Document.of("type", Value.of("token")).with("secret", Value.of(token.reveal()));
        var path = "/api/v1/devices/" + encoded(Lines.text(device, "device_id")) + "/credentials";
        var made = call("POST", path, credential);
        if (made.status() != 201 && made.status() != 409) {
            throw refused(made);
        }
    }

    @Override
    public List<Optional<String>> addAll(List<Document> devices) {
        var reasons = new ArrayList<Optional<String>>();
        for (var device : devices) {
            try {
                addOne(device);
                reasons.add(Optional.empty());
            } catch (Failure e) {
                reasons.add(Optional.of(String.valueOf(e.getMessage())));
            }
        }
        return reasons;
    }

    /// A new device is active and enabled; what a file says otherwise is done in a second step.
    private void addOne(Document device) {
        var row = device.merged(LATER);
        post(device.find("token").isPresent() ? row : row.with("token", Value.Null.NULL));
        var path = "/api/v1/devices/" + encoded(Lines.text(device, "device_id"));
        if (device.find("enabled").orElse(Value.Bool.TRUE) == Value.Bool.FALSE) {
            done(call("PATCH", path, Document.of("enabled", Value.of(false)), "*"));
        }
        var lifecycle = Lines.text(device, "lifecycle");
        if (!lifecycle.isEmpty() && !lifecycle.equals("active")) {
            var move =
                    Document.of("lifecycle", Value.of(lifecycle))
                            .with("reason", Value.of("imported"));
            done(call("POST", path + "/lifecycle", move, "*"));
        }
    }

    private void done(Response response) {
        if (response.status() != 200) {
            throw refused(response);
        }
    }

    private Response post(Document device) {
        var added = call("POST", "/api/v1/devices", device);
        if (added.status() != 201) {
            throw refused(added);
        }
        return added;
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
                            + query("q", wanted.search())
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
        return call(method, path, body, null);
    }

    private Response call(
            String method, String path, @Nullable Document body, @Nullable String version) {
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
        if (version != null) {
            request.header("If-Match", version);
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
