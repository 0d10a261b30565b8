package org.tethral.state;

import java.util.function.DoubleConsumer;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// The numeric values of a report, by name: those inside objects have their path,
/// `air.temperature`. Truth values count as 1 and 0. Lists have no readings.
public final class Readings {

    /// Longer names, and values nested deeper, are kept in snapshots but have no readings.
    public static final int METRIC_LENGTH_MAX = 255;

    /// The same holds for values beyond this: however many are added up, the sum stays a number.
    public static final double VALUE_MAX = 1e290;

    private static final int DEPTH_MAX = 8;

    private Readings() {}

    @FunctionalInterface
    public interface Consumer {
        void reading(String metric, double value);
    }

    public static void forEach(Document values, Consumer consumer) {
        walk("", values, 1, consumer);
    }

    /// Those of one metric only: one, unless a report names it in two ways (`{"a.b": 1, "a": {"b":
    /// 2}}`).
    public static void forEach(Document values, String metric, DoubleConsumer consumer) {
        if (metric.length() <= METRIC_LENGTH_MAX) {
            walk(metric, 0, values, 1, consumer);
        }
    }

    private static void walk(String prefix, Document values, int depth, Consumer consumer) {
        for (var entry : values.values().entrySet()) {
            var name = prefix.isEmpty() ? entry.getKey() : prefix + entry.getKey();
            if (entry.getValue() instanceof Document inner) {
                if (depth < DEPTH_MAX) {
                    walk(name + ".", inner, depth + 1, consumer);
                }
            } else if (name.length() <= METRIC_LENGTH_MAX && isReading(entry.getValue())) {
                consumer.reading(name, number(entry.getValue()));
            }
        }
    }

    /// @param from where in the metric the names of these values begin
    private static void walk(
            String metric, int from, Document values, int depth, DoubleConsumer consumer) {
        for (var entry : values.values().entrySet()) {
            var name = entry.getKey();
            if (!metric.startsWith(name, from)) {
                continue;
            }
            var end = from + name.length();
            if (entry.getValue() instanceof Document inner) {
                if (depth < DEPTH_MAX && end < metric.length() && metric.charAt(end) == '.') {
                    walk(metric, end + 1, inner, depth + 1, consumer);
                }
            } else if (end == metric.length() && isReading(entry.getValue())) {
                consumer.accept(number(entry.getValue()));
            }
        }
    }

    private static boolean isReading(Value value) {
        return switch (value) {
            case Value.Numeric number -> Math.abs(number.asDouble()) <= VALUE_MAX;
            case Value.Bool _ -> true;
            case Document _, Value.Text _, Value.Null _, Value.Array _ -> false;
        };
    }

    private static double number(Value value) {
        return switch (value) {
            case Value.Numeric number -> number.asDouble();
            case Value.Bool truth -> truth == Value.Bool.TRUE ? 1 : 0;
            case Document _, Value.Text _, Value.Null _, Value.Array _ ->
                    throw new IllegalArgumentException("no reading");
        };
    }
}
