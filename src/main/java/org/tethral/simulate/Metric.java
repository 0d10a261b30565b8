package org.tethral.simulate;

import java.time.Instant;
import java.util.random.RandomGenerator;
import org.tethral.kernel.Value;

/// One value that a device measures: a wave around its middle, with noise.
///
/// @param seconds how long the wave takes to come round
/// @param decimals of the value that is reported
record Metric(String name, double middle, double swing, double noise, int seconds, int decimals) {

    Value at(Instant time, double phase, RandomGenerator random) {
        var turn = time.toEpochMilli() / 1_000.0 / seconds + phase;
        var value = middle + swing * Math.sin(2 * Math.PI * turn) + noise * random.nextGaussian();
        var scale = Math.pow(10, decimals);
        return decimals == 0
                ? Value.of(Math.round(value))
                : Value.of(Math.round(value * scale) / scale);
    }
}
