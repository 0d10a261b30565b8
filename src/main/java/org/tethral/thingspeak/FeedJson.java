package org.tethral.thingspeak;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.regex.Pattern;
import org.tethral.ingest.Inbound;
import org.tethral.json.Json;
import org.tethral.json.MalformedJson;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;
import org.tethral.source.Entry;
import org.tethral.source.Fetched;

/// Reads what `feeds.json` answers: `{"channel": {…, "last_entry_id": 9}, "feeds": [{"created_at":
/// "2026-01-01T00:00:00Z", "entry_id": 9, "field1": "23.5", "field2": null}]}`.
final class FeedJson {

    private static final int FIELDS = 8;

    /// All that a number is in JSON: "007" and "+1" are texts.
    private static final Pattern NUMBER =
            Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?");

    private static final int DIGITS_OF_LONG = 18;

    private FeedJson() {}

    /// @param most how many entries were asked for
    static Fetched parse(byte[] body, int most) {
        try {
            var root = Json.parse(body);
            if (root instanceof Value.Numeric) {
                return new Fetched.Refused(
                        "ThingSpeak answers -1: no such channel, or the key does not open it");
            }
            if (root instanceof Document document
                    && document.find("feeds").orElse(Value.Null.NULL)
                            instanceof Value.Array(var feeds)) {
                var entries = new ArrayList<Entry>(feeds.size());
                for (var feed : feeds) {
                    entries.add(entry(feed));
                }
                return new Fetched.Entries(entries, newest(document), feeds.size() >= most);
            }
            return unreadable("it has no feeds");
        } catch (MalformedJson | IllegalArgumentException | DateTimeException e) {
            return unreadable(String.valueOf(e.getMessage()));
        }
    }

    private static Fetched unreadable(String reason) {
        return new Fetched.Failed("ThingSpeak's answer cannot be read: " + reason);
    }

    private static long newest(Document document) {
        return document.find("channel").orElse(Value.Null.NULL) instanceof Document channel
                        && channel.find("last_entry_id").orElse(Value.Null.NULL)
                                instanceof Value.Numeric(var number)
                ? number.longValue()
                : 0;
    }

    private static Entry entry(Value value) {
        if (!(value instanceof Document feed)) {
            throw new IllegalArgumentException("a feed is no object");
        }
        var fields = Document.EMPTY;
        for (int i = 1; i <= FIELDS; i++) {
            var name = "field" + i;
            var field = field(feed.find(name).orElse(Value.Null.NULL));
            if (!(field instanceof Value.Null)) {
                fields = fields.with(name, field);
            }
        }
        return new Entry(number(feed), time(feed), fields);
    }

    private static long number(Document feed) {
        if (feed.find("entry_id").orElse(Value.Null.NULL) instanceof Value.Numeric(var number)
                && number.longValue() > 0) {
            return number.longValue();
        }
        throw new IllegalArgumentException("a feed has no entry_id");
    }

    private static Instant time(Document feed) {
        var text = feed.text("created_at").orElse("");
        var time = OffsetDateTime.parse(text).toInstant();
        if (time.isBefore(Inbound.TIMESTAMP_MIN) || !time.isBefore(Inbound.TIMESTAMP_MAX)) {
            throw new IllegalArgumentException("a feed is of " + time);
        }
        return time;
    }

    /// ThingSpeak writes numbers as texts.
    private static Value field(Value value) {
        if (!(value instanceof Value.Text(var text))) {
            return value;
        }
        var bare = text.strip();
        if (bare.isEmpty()) {
            return Value.Null.NULL;
        }
        var number = NUMBER.matcher(bare);
        if (!number.matches()) {
            return value;
        }
        if (number.group(2) == null && number.group(3) == null && bare.length() <= DIGITS_OF_LONG) {
            return Value.of(Long.parseLong(bare));
        }
        var real = Double.parseDouble(bare);
        return Double.isFinite(real) ? Value.of(real) : value;
    }
}
