package org.tethral.benchmark;

import static org.tethral.benchmark.Figure.Unit.PER_SECOND;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/// What the store can take, by the size of a commit and the number of devices.
record StoreFigures(Options options, Workbench workbench, Steps steps, InstantSource clock) {

    private static final long REPORTS = 500_000;
    private static final int MANY_DEVICES = 10_000;

    List<Figure> measure() {
        var figures = new ArrayList<Figure>();
        var devices = (int) options.scaled(MANY_DEVICES, 500);
        for (int perCommit : new int[] {100, 1_000, 4_000}) {
            steps.step("store alone, %,d a commit".formatted(perCommit));
            var reports = options.scaled(REPORTS, 2_000);
            var rate =
                    StoreCeiling.measure(
                            workbench, devices, reports, perCommit, clock, options.seed());
            figures.add(
                    Figure.shown(
                            "store alone, %,d reports a commit, %,d devices"
                                    .formatted(perCommit, devices),
                            rate,
                            PER_SECOND,
                            ""));
        }
        return figures;
    }
}
