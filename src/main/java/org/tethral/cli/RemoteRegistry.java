package org.tethral.cli;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.tethral.device.DeviceId;
import org.tethral.device.DeviceStore.History;
import org.tethral.kernel.Document;
import org.tethral.kernel.Secret;
import org.tethral.kernel.Value;

/// The registry of a running server, over its REST API.
final class RemoteRegistry implements Registry {

    private static final int PAGE = 500;

    private static final Document LATER =
            Document.of("enabled", Value.Null.NULL).with("lifecycle", Value.Null.NULL);

    private final Api api;

    RemoteRegistry(ServerOptions.Server server) {
        this.api = new Api(server);
    }

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
        var added =
                api.call("POST", "/api/v1/devices", device.with("token", Value.of(token.reveal())));
        if (added.status() == 201) {
            return;
        }
        if (added.status() != 409) {
            throw Api.refused(added);
        }
        var credential =
                Document.of("device_id", Value.of(Lines.text(device, "device_id")))
                        .with("type", Value.of("token"))
                        .with("secret", Value.of(token.reveal()));
        var made = api.call("POST", "/api/v1/credentials", credential);
        if (made.status() != 201 && made.status() != 409) {
            throw Api.refused(made);
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
            done(api.call("PATCH", path, Document.of("enabled", Value.of(false)), "*"));
        }
        var lifecycle = Lines.text(device, "lifecycle");
        if (!lifecycle.isEmpty() && !lifecycle.equals("active")) {
            var move =
                    Document.of("lifecycle", Value.of(lifecycle))
                            .with("reason", Value.of("imported"));
            done(api.call("POST", path + "/lifecycle", move, "*"));
        }
    }

    private void done(Api.Response response) {
        if (response.status() != 200) {
            throw Api.refused(response);
        }
    }

    private Api.Response post(Document device) {
        var added = api.call("POST", "/api/v1/devices", device);
        if (added.status() != 201) {
            throw Api.refused(added);
        }
        return added;
    }

    @Override
    public Optional<Document> find(DeviceId id) {
        var found = api.call("GET", "/api/v1/devices/" + encoded(id.value()), null);
        return switch (found.status()) {
            case 200 -> Optional.of(found.body());
            case 404 -> Optional.empty();
            default -> throw Api.refused(found);
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
            var page = api.call("GET", path, null);
            if (page.status() != 200) {
                throw Api.refused(page);
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
                api.call(
                        "DELETE",
                        "/api/v1/devices/" + encoded(id.value()) + "?history=" + what,
                        null);
        return switch (removed.status()) {
            case 200, 204 -> true;
            case 404 -> false;
            default -> throw Api.refused(removed);
        };
    }

    private static String query(String name, @Nullable String value) {
        return value == null ? "" : "&" + name + "=" + encoded(value);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    @Override
    public void close() {
        api.close();
    }
}
