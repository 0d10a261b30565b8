package org.tethral.benchmark;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/// Measures the published figures. It starts servers in processes of their own, makes databases of
/// its own, and takes away what it made.
public final class Benchmark {

    private Benchmark() {}

    /// @throws RuntimeException something did not go as it must for a figure to mean anything; the
    ///   message says what
    public static List<Figure> run(Options options, Steps steps, InstantSource clock)
            throws InterruptedException {
        var figures = new ArrayList<Figure>();
        try (var workbench = new Workbench(options)) {
            if (options.parts().contains(Options.Part.STORE)) {
                figures.addAll(new StoreFigures(options, workbench, steps, clock).measure());
            }
            if (options.parts().contains(Options.Part.INGEST)) {
                figures.addAll(new IngestFigures(options, workbench, steps, clock).measure());
                figures.addAll(new StartFigures(options, workbench, steps, clock).measure());
            }
            if (options.parts().contains(Options.Part.COMMANDS)) {
                figures.addAll(new CommandFigures(options, workbench, steps, clock).measure());
            }
            if (options.parts().contains(Options.Part.QUERY)) {
                figures.addAll(new QueryFigures(options, workbench, steps, clock).measure());
            }
            if (options.parts().contains(Options.Part.FLEET)) {
                figures.addAll(new FleetFigures(options, workbench, steps, clock).measure());
            }
            if (options.parts().contains(Options.Part.EVENTS)) {
                figures.addAll(new EventFigures(options, workbench, steps).measure());
            }
        }
        return figures;
    }
}
