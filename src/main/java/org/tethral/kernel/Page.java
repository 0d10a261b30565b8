package org.tethral.kernel;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A part of a longer list, and the cursor with which the next part is asked for; no cursor on the
/// last part.
public record Page<T>(List<T> items, @Nullable String nextCursor) {

    public Page {
        items = List.copyOf(items);
    }

    public Optional<String> next() {
        return Optional.ofNullable(nextCursor);
    }

    public <R> Page<R> map(Function<? super T, ? extends R> change) {
        return new Page<>(items.stream().<R>map(change).toList(), nextCursor);
    }

    /// What part is asked for: at most `limit` rows (1 to [#LIMIT_MAX]) after the cursor of the
    /// part before.
    public record Request(int limit, @Nullable String cursor) {

        public static final int LIMIT_MAX = 1_000;

        public Request {
            if (limit < 1 || limit > LIMIT_MAX) {
                throw new IllegalArgumentException(
                        "limit must be 1 to " + LIMIT_MAX + ", not " + limit);
            }
        }

        public static Request first(int limit) {
            return new Request(limit, null);
        }

        public Optional<String> after() {
            return Optional.ofNullable(cursor);
        }
    }

    /// A cursor that this list never gave out.
    public static final class BadCursor extends IllegalArgumentException {
        private static final long serialVersionUID = 1L;

        public BadCursor(String cursor) {
            super("not a cursor of this list: " + cursor);
        }
    }
}
