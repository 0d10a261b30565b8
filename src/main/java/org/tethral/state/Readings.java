package org.tethral.state;

import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// The numeric values of a report, by name: those inside objects have their path,
/// `air.temperature`. Truth values count as 1 and 0. Lists have no readings.
public final class Readings {

    /// Longer names, and values nested deeper, are kept in snapshots but have no roll-ups.
    public static final int METRIC_LENGTH_MAX = 255;

    private static final int DEPTH_MAX = 8;

    private Readings() {}

    @FunctionalInterface
    public interface Consumer {
        void reading(String metric, double value);
    }

    public static void forEach(Document values, Consumer consumer) {
        walk("", values, 1, consumer);
    }

    private static void walk(String prefix, Document values, int depth, Consumer consumer) {
        for (var entry : values.values().entrySet()) {
            var name = prefix.isEmpty() ? entry.getKey() : prefix + entry.getKey();
            switch (entry.getValue()) {
                case Value.Numeric number when name.length() <= METRIC_LENGTH_MAX ->
                        consumer.reading(name, number.asDouble());
                case Value.Bool truth when name.length() <= METRIC_LENGTH_MAX ->
                        consumer.reading(name, truth == Value.Bool.TRUE ? 1 : 0);
                case Document inner when depth < DEPTH_MAX ->
                        walk(name + ".", inner, depth + 1, consumer);
                case Value.Numeric _,
                        Value.Bool _,
                        Document _,
                        Value.Text _,
                        Value.Null _,
                        Value.Array _ -> {}
            }
        }
    }
}
