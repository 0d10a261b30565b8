package org.tethral.lorawan;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletionStage;
import org.tethral.json.Json;
import org.tethral.kernel.Document;
import org.tethral.kernel.Secret;
import org.tethral.kernel.Value;
import org.tethral.space.DownlinkRefused;

/// Downlinks through a webhook of The Things Stack (thethingsindustries.com, "Scheduling
/// Downlinks"): `POST …/webhooks/{webhook}/devices/{device}/down/push`. Our id goes along as a
/// correlation id.
final class ThingsStackDownlinks implements DownlinkRoute, AutoCloseable {

    private static final Duration CONNECT_WITHIN = Duration.ofSeconds(5);
    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(10);

    /// @param server its address, `https://eu1.cloud.thethings.network`
    /// @param webhook the id of the webhook, in each of the applications
    /// @param key an API key that may write downlinks
    record Settings(URI server, String webhook, Secret key) {}

    private final Settings settings;
    private final HttpClient client =
            HttpClient.newBuilder()
                    .connectTimeout(CONNECT_WITHIN)
                    .followRedirects(HttpClient.Redirect.NEVER)
                    .build();

    ThingsStackDownlinks(Settings settings) {
        this.settings = settings;
    }

    @Override
    public Network network() {
        return Network.THINGS_STACK;
    }

    @Override
    public CompletionStage<Void> send(Addresses.Address address, Downlink downlink) {
        var request =
                HttpRequest.newBuilder(uri(address, downlink))
                        .timeout(ANSWER_WITHIN)
                        .header("Authorization", "Bearer " + settings.key().reveal())
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(Json.bytes(push(downlink))))
                        .build();
        return client.sendAsync(request, HttpResponse.BodyHandlers.discarding())
                .thenAccept(response -> check(response.statusCode()));
    }

    /// Where nobody told how the network calls the device, it is called as its console does by
    /// itself.
    static String name(Addresses.Address address, Downlink downlink) {
        return address.name().isEmpty()
                ? "eui-" + downlink.devEui().value().toLowerCase(Locale.ROOT)
                : address.name();
    }

    private URI uri(Addresses.Address address, Downlink downlink) {
        var server = settings.server().toString();
        return URI.create(
                (server.endsWith("/") ? server.substring(0, server.length() - 1) : server)
                        + "/api/v3/as/applications/"
                        + encoded(address.application())
                        + "/webhooks/"
                        + encoded(settings.webhook())
                        + "/devices/"
                        + encoded(name(address, downlink))
                        + "/down/push");
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, UTF_8).replace("+", "%20");
    }

    /// What its webhooks and its MQTT server take to push a downlink.
    static Document push(Downlink downlink) {
        var fields = new LinkedHashMap<String, Value>();
        fields.put("f_port", Value.of(downlink.port()));
        fields.put("frm_payload", Value.of(Base64.getEncoder().encodeToString(downlink.payload())));
        fields.put("confirmed", Value.of(downlink.confirmed()));
        fields.put("priority", Value.of("NORMAL"));
        fields.put(
                "correlation_ids",
                new Value.Array(List.of(Value.of(ThingsStackJson.CORRELATION + downlink.id()))));
        return Document.of("downlinks", new Value.Array(List.of(new Document(fields))));
    }

    /// What the request itself is to blame for will not be taken later either.
    private static void check(int status) {
        if (status / 100 != 2) {
            throw new DownlinkRefused(
                    "The Things Stack answers " + status,
                    status == 400 || status == 404 || status == 413);
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
