package org.tethral.sql;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.tethral.kernel.Page;

/// Where a page ended: the key of its last row. Pages go on after that key, so rows that come or go
/// in between neither repeat nor hide others.
///
/// @param parts of the key, none with a line break except the last
record Cursor(List<String> parts) {

    private static final String SEPARATOR = "\n";

    static Cursor of(String... parts) {
        return new Cursor(List.of(parts));
    }

    /// As a client sees it: nothing to be made by hand, safe in a URL.
    ///
    /// @param list a cursor is good for the list of that name only
    String encode(String list) {
        var text = list + SEPARATOR + String.join(SEPARATOR, parts);
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /// Null for the first page.
    ///
    /// @throws Page.BadCursor this list did not give it
    static @Nullable Cursor decode(String list, int count, Page.Request request) {
        var text = request.cursor();
        if (text == null) {
            return null;
        }
        String[] parts;
        try {
            parts =
                    new String(Base64.getUrlDecoder().decode(text), StandardCharsets.UTF_8)
                            .split(SEPARATOR, count + 1);
        } catch (IllegalArgumentException e) {
            throw new Page.BadCursor(text);
        }
        if (parts.length != count + 1 || !parts[0].equals(list)) {
            throw new Page.BadCursor(text);
        }
        return new Cursor(List.of(parts).subList(1, count + 1));
    }

    String text(int index) {
        return parts.get(index);
    }

    long number(int index) {
        return parsed(index, Long::parseLong);
    }

    <T> T parsed(int index, Function<String, T> parser) {
        try {
            return parser.apply(parts.get(index));
        } catch (IllegalArgumentException e) {
            throw new Page.BadCursor(parts.get(index));
        }
    }

    /// The page out of up to `limit + 1` rows: the one too many tells that there are more.
    static <T> Page<T> page(
            String list, List<T> rows, Page.Request request, Function<T, Cursor> key) {
        if (rows.size() <= request.limit()) {
            return new Page<>(rows, null);
        }
        var items = rows.subList(0, request.limit());
        return new Page<>(items, key.apply(items.getLast()).encode(list));
    }
}
