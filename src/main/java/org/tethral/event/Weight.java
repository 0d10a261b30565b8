package org.tethral.event;

import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// About how many bytes of memory an event takes, for bounds on what is kept.
final class Weight {

    private static final int EVENT = 400;
    private static final int VALUE = 48;

    private Weight() {}

    static int of(Event event) {
        return EVENT + of(event.data()) + of(event.metadata());
    }

    private static int of(Value value) {
        return switch (value) {
            case Value.Text(var text) -> VALUE + text.length();
            case Value.Array(var items) -> {
                var sum = VALUE;
                for (var item : items) {
                    sum += of(item);
                }
                yield sum;
            }
            case Document document -> {
                var sum = VALUE;
                for (var entry : document.values().entrySet()) {
                    sum += VALUE + entry.getKey().length() + of(entry.getValue());
                }
                yield sum;
            }
            case Value.Numeric _, Value.Bool _, Value.Null _ -> VALUE;
        };
    }
}
