package org.tethral.http;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.tethral.event.Event;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// Events as the API shows them: in lists, in streams, in answers.
final class EventJson {

    private EventJson() {}

    static Document document(Event.Logged logged) {
        var event = logged.event();
        return new Fields()
                .number("sequence", logged.sequence())
                .text("event_id", event.id())
                .word("type", event.type())
                .text("source", event.source())
                .word("device_id", event.device())
                .word("community_id", event.community())
                .time("timestamp", event.timestamp())
                .value("data", event.data())
                .value("metadata", event.metadata())
                .text("priority", event.priority().word())
                .value("ttl", ttl(event.ttl()))
                .document();
    }

    private static Value ttl(@Nullable Duration ttl) {
        return ttl == null ? Value.Null.NULL : Value.of(ttl.toSeconds());
    }
}
