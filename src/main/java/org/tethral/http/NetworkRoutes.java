package org.tethral.http;

import org.tethral.kernel.Document;
import org.tethral.payload.Malformed;

/// `/integrations/…`, where LoRaWAN network servers tell of devices, and how that fares.
final class NetworkRoutes {

    private final Networks networks;

    NetworkRoutes(HttpEdge.Parts parts) {
        this.networks = parts.networks();
    }

    void on(Operations.Target operations) {
        operations.on(
                "tellChirpStack",
                request -> told(request, "chirpstack", request.query("event").orElse("")));
        operations.on("tellThingsStack", request -> told(request, "tts", ""));
        operations.on(
                "listIntegrations",
                _ -> Reply.ok(Fields.whole(networks.standings().get(), NetworkRoutes::document)));
    }

    private Reply told(ApiRequest request, String network, String event) {
        try {
            var told = networks.door().tell(network, event, request.body(), request.community());
            return switch (told) {
                case STORED -> Reply.noContent();
                case KEPT -> Reply.noContent(202);
                case REFUSED ->
                        Reply.of(
                                Problem.of(
                                        422,
                                        "not-storable",
                                        "the device is disabled, or its values cannot be stored;"
                                                + " the integration's last_error says which"));
                case NOT_YET ->
                        Reply.of(
                                Problem.busy(
                                        "not-yet-stored",
                                        "not stored in time, but it may yet be: send it again",
                                        5));
            };
        } catch (Malformed e) {
            return Reply.of(Problem.of(400, "malformed-message", String.valueOf(e.getMessage())));
        }
    }

    private static Document document(Networks.Standing standing) {
        var counts = new Fields();
        standing.counts().forEach(counts::number);
        var settings = new Fields();
        standing.settings().forEach(settings::text);
        return new Fields()
                .text("name", standing.name())
                .text("system", standing.system())
                .value("settings", settings.document())
                .truth("connected", standing.problem() == null)
                .text("problem", standing.problem())
                .time("last_event_at", standing.lastEventAt())
                .text("last_error", standing.lastError())
                .time("last_error_at", standing.lastErrorAt())
                .value("counts", counts.document())
                .document();
    }
}
