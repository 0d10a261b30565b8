package org.tethral.delivery;

import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.Locale;
import org.tethral.event.Event;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// An event as CloudEvents 1.0 has it: the JSON object of its structured mode. `id` is the event's
/// id, by which a consumer tells a repeated delivery; `subject` is the device.
///
/// Extension attributes: `sequence` (19 digits, so that texts sort as the log does), `priority`,
/// `communityid`, `expirytime`, and `metadata` as JSON text is left out, as it is ours.
public final class CloudEvent {

    public static final String CONTENT_TYPE = "application/cloudevents+json";
    public static final String BATCH_CONTENT_TYPE = "application/cloudevents-batch+json";

    private static final DateTimeFormatter TIME =
            new DateTimeFormatterBuilder().appendInstant(6).toFormatter().withZone(ZoneOffset.UTC);

    /// What RFC 3986 allows in a path, and the colon of `device:pump-7`.
    private static final String PLAIN = "-._~:/@!$&'()*+,;=";

    private CloudEvent() {}

    public static Document of(Event.Logged logged) {
        var event = logged.event();
        var document =
                Document.of("specversion", Value.of("1.0"))
                        .with("id", Value.of(event.id()))
                        .with("source", Value.of(reference(event.source())))
                        .with("type", Value.of(event.type().value()))
                        .with("time", Value.of(TIME.format(event.timestamp())))
                        .with("datacontenttype", Value.of("application/json"));
        if (event.device() != null) {
            document = document.with("subject", Value.of(event.device().value()));
        }
        if (event.community() != null) {
            document = document.with("communityid", Value.of(event.community().toString()));
        }
        if (event.ttl() != null) {
            var end = event.timestamp().plus(event.ttl());
            document = document.with("expirytime", Value.of(TIME.format(end)));
        }
        return document.with("priority", Value.of(event.priority().word()))
                .with("sequence", Value.of(String.format(Locale.ROOT, "%019d", logged.sequence())))
                .with("data", event.data());
    }

    /// As a URI reference: `device:pump-7` is one already.
    private static String reference(String source) {
        var text = new StringBuilder(source.length());
        for (var b : source.getBytes(StandardCharsets.UTF_8)) {
            var c = (char) (b & 0xff);
            if (c < 128 && Character.isLetterOrDigit(c) || PLAIN.indexOf(c) >= 0) {
                text.append(c);
            } else {
                text.append(String.format(Locale.ROOT, "%%%02X", (int) c));
            }
        }
        return text.toString();
    }
}
