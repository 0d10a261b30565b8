package org.tethral.sql;

import java.time.Instant;
import java.util.Collection;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.tethral.kernel.Micros;

/// Rows turned into columns, for bulk statements that take arrays.
final class Columns {

    private Columns() {}

    /// SQL for a time given in microseconds; exact up to the year 2255.
    static String time(String micros) {
        return "TIMESTAMPTZ 'epoch' + " + micros + " * INTERVAL '1 microsecond'";
    }

    static <T> @Nullable String[] texts(Collection<T> rows, Function<T, @Nullable String> column) {
        var values = new @Nullable String[rows.size()];
        var i = 0;
        for (var row : rows) {
            values[i++] = column.apply(row);
        }
        return values;
    }

    static <T> long[] longs(Collection<T> rows, ToLongFunction<T> column) {
        return rows.stream().mapToLong(column).toArray();
    }

    static <T> double[] doubles(Collection<T> rows, ToDoubleFunction<T> column) {
        return rows.stream().mapToDouble(column).toArray();
    }

    static <T> @Nullable Long[] numbers(Collection<T> rows, Function<T, @Nullable Long> column) {
        var values = new @Nullable Long[rows.size()];
        var i = 0;
        for (var row : rows) {
            values[i++] = column.apply(row);
        }
        return values;
    }

    static <T> @Nullable Long[] times(Collection<T> rows, Function<T, @Nullable Instant> column) {
        return numbers(
                rows,
                row -> {
                    var time = column.apply(row);
                    return time == null ? null : (Long) Micros.of(time);
                });
    }
}
