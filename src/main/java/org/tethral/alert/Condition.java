package org.tethral.alert;

import org.jspecify.annotations.Nullable;
import org.tethral.state.Readings;
import org.tethral.state.StateName;

/// What a rule looks for.
public sealed interface Condition {

    enum Verdict {
        HOLDS,
        /// Not so bad that an alert would begin, not so good that one would end.
        BETWEEN,
        CLEARED
    }

    /// What an observation says of a condition.
    ///
    /// @param value that was looked at; null where there is none
    record Sight(Verdict verdict, @Nullable Double value) {}

    /// Null: the observation says nothing of it.
    @Nullable Sight look(Observation observation);

    /// For people, with the value that was seen last.
    String told(@Nullable Double value);

    /// A reading beyond a threshold.
    ///
    /// @param clear with this threshold in place of the other, the condition must not hold any more
    ///   before an alert ends (hysteresis)
    record Metric(String metric, Operator operator, double threshold, double clear)
            implements Condition {

        /// The battery's charge is a reading of this name, in percent.
        public static final String BATTERY = "battery";

        public static final double BATTERY_LOW = 20;
        public static final double BATTERY_CLEARS_ABOVE_IT_BY = 5;

        public Metric {
            if (metric.isEmpty() || metric.length() > Readings.METRIC_LENGTH_MAX) {
                throw new IllegalArgumentException(
                        "a metric has 1 to " + Readings.METRIC_LENGTH_MAX + " characters");
            }
            if (!Double.isFinite(threshold) || !Double.isFinite(clear)) {
                throw new IllegalArgumentException("a threshold is a finite number");
            }
            if (!operator.allowsClear(threshold, clear)) {
                throw new IllegalArgumentException(
                        "clear_threshold lies on the good side of the threshold");
            }
        }

        @Override
        public @Nullable Sight look(Observation observation) {
            if (!(observation instanceof Observation.Report report)) {
                return null;
            }
            var value = report.readings().get(metric);
            if (value == null) {
                return null;
            }
            if (operator.holds(value, threshold)) {
                return new Sight(Verdict.HOLDS, value);
            }
            return new Sight(
                    operator.holds(value, clear) ? Verdict.BETWEEN : Verdict.CLEARED, value);
        }

        @Override
        public String told(@Nullable Double value) {
            return "%s %s %s %s"
                    .formatted(metric, value == null ? "" : value, operator.sign(), threshold);
        }
    }

    /// The device is in that state.
    record InState(StateName state) implements Condition {
        @Override
        public @Nullable Sight look(Observation observation) {
            return observation instanceof Observation.Moved(_, _, var to)
                    ? new Sight(to.equals(state) ? Verdict.HOLDS : Verdict.CLEARED, null)
                    : null;
        }

        @Override
        public String told(@Nullable Double value) {
            return "state is " + state;
        }
    }

    /// The device, heard of before, has reported no values for as long as the rule says. Measured
    /// by the platform's clock: a report of old values is a report.
    record Silence() implements Condition {
        @Override
        public @Nullable Sight look(Observation observation) {
            return observation instanceof Observation.Report
                    ? new Sight(Verdict.CLEARED, null)
                    : null;
        }

        @Override
        public String told(@Nullable Double value) {
            return "no report";
        }
    }
}
