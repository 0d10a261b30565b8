package org.tethral.http;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.tethral.kernel.Document;
import org.tethral.kernel.Page;
import org.tethral.kernel.Value;

/// A JSON object as it is put together, in the order of its names.
final class Fields {

    /// ISO 8601 in UTC, always with microseconds, so that texts sort like times.
    private static final DateTimeFormatter TIME =
            new DateTimeFormatterBuilder().appendInstant(6).toFormatter().withZone(ZoneOffset.UTC);

    private final Map<String, Value> values = new LinkedHashMap<>();

    Fields value(String name, Value value) {
        values.put(name, value);
        return this;
    }

    /// null is written as null: a field that may be absent is always there.
    Fields text(String name, @Nullable String value) {
        return value(name, value == null ? Value.Null.NULL : Value.of(value));
    }

    /// As `text`, of a value that prints as its text.
    Fields word(String name, @Nullable Object value) {
        return text(name, value == null ? null : value.toString());
    }

    Fields number(String name, long value) {
        return value(name, Value.of(value));
    }

    Fields number(String name, double value) {
        return value(name, Value.of(value));
    }

    Fields truth(String name, boolean value) {
        return value(name, Value.of(value));
    }

    Fields time(String name, @Nullable Instant value) {
        return text(name, value == null ? null : time(value));
    }

    <T> Fields list(
            String name, Collection<T> items, Function<? super T, ? extends Value> toValue) {
        return value(name, array(items, toValue));
    }

    <K> Fields counts(String name, Map<K, Long> counts, Function<? super K, String> word) {
        var inner = new Fields();
        counts.forEach((key, count) -> inner.number(word.apply(key), count));
        return value(name, inner.document());
    }

    Document document() {
        return new Document(values);
    }

    static String time(Instant time) {
        return TIME.format(time);
    }

    static <T> Value.Array array(
            Collection<T> items, Function<? super T, ? extends Value> toValue) {
        return new Value.Array(items.stream().<Value>map(toValue).toList());
    }

    /// `{"items": […], "next_cursor": …}`
    static <T> Document page(Page<T> page, Function<? super T, ? extends Value> toValue) {
        return new Fields()
                .list("items", page.items(), toValue)
                .text("next_cursor", page.nextCursor())
                .document();
    }

    /// A list that is always whole, in the shape of a page.
    static <T> Document whole(Collection<T> items, Function<? super T, ? extends Value> toValue) {
        return new Fields().list("items", items, toValue).text("next_cursor", null).document();
    }
}
