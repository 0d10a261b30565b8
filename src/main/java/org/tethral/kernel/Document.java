package org.tethral.kernel;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// A JSON object: names in the order in which they were written, each with its value. Immutable.
public record Document(Map<String, Value> values) implements Value {

    public static final Document EMPTY = new Document(Map.of());

    public Document {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    public static Document of(String name, Value value) {
        return new Document(Map.of(name, value));
    }

    public boolean isEmpty() {
        return values.isEmpty();
    }

    public Optional<Value> find(String name) {
        return Optional.ofNullable(values.get(name));
    }

    /// The text under a name, or empty when there is none or it is no text.
    public Optional<String> text(String name) {
        return values.get(name) instanceof Value.Text(var text)
                ? Optional.of(text)
                : Optional.empty();
    }

    /// This document with one more value.
    public Document with(String name, Value value) {
        var next = new LinkedHashMap<>(values);
        next.put(name, value);
        return new Document(next);
    }

    /// JSON Merge Patch (RFC 7396): the patch's values replace ours, objects merge, null removes.
    public Document merged(Document patch) {
        if (patch.isEmpty()) {
            return this;
        }
        var next = new LinkedHashMap<>(values);
        patch.values.forEach((name, value) -> {
            switch (value) {
                case Null _ -> next.remove(name);
                case Document inner -> {
                    var base = next.get(name) instanceof Document before ? before : EMPTY;
                    next.put(name, base.merged(inner));
                }
                case Text _, Numeric _, Bool _, Array _ -> next.put(name, value);
            }
        });
        return new Document(next);
    }

    /// The values of `wanted` that differ from ours, objects compared inside: what is left to do
    /// until this document has everything that is wanted. Names that only this document has are no
    /// difference.
    public Document deltaTo(Document wanted) {
        var delta = new LinkedHashMap<String, Value>();
        wanted.values.forEach((name, value) -> {
            var ours = values.get(name);
            if (ours instanceof Document before && value instanceof Document after) {
                var inner = before.deltaTo(after);
                if (!inner.isEmpty()) {
                    delta.put(name, inner);
                }
            } else if (!value.equals(ours)) {
                delta.put(name, value);
            }
        });
        return new Document(delta);
    }
}
