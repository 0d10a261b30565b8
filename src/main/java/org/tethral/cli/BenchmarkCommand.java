package org.tethral.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.tethral.benchmark.Benchmark;
import org.tethral.benchmark.Figure;
import org.tethral.benchmark.Machine;
import org.tethral.benchmark.Options;
import org.tethral.benchmark.Steps;
import org.tethral.json.Json;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "benchmark",
        description = {
            "Measure the published figures, beside their yardsticks from the same run, on databases of its own.",
            "At full scale it takes about half an hour and some gigabytes; nothing else should run meanwhile."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class BenchmarkCommand implements Callable<Integer> {

    private final Context context;

    @Parameters(
            arity = "0..6",
            paramLabel = "store|ingest|commands|query|fleet|events",
            description = "what to measure (everything)")
    private List<String> parts = new ArrayList<>();

    @Option(
            names = "--scale",
            paramLabel = "FACTOR",
            defaultValue = "1",
            description =
                    "of all sizes; 0.01 for a short form whose figures are only indications (${DEFAULT-VALUE})")
    private double scale;

    @Option(
            names = "--database",
            paramLabel = "URL",
            defaultValue = "sqlite",
            description =
                    "sqlite, or a PostgreSQL server on which databases can be made: postgresql://… (${DEFAULT-VALUE})")
    private String database = "sqlite";

    @Option(
            names = "--directory",
            paramLabel = "DIR",
            description = "for its files (the system's temporary directory)")
    private Path directory = Path.of(System.getProperty("java.io.tmpdir"));

    @Option(
            names = "--seed",
            paramLabel = "S",
            defaultValue = "1",
            description = "of values and chance (${DEFAULT-VALUE})")
    private long seed;

    @Option(names = "--json", description = "print JSON")
    private boolean json;

    BenchmarkCommand(Context context) {
        this.context = context;
    }

    @Override
    public Integer call() throws InterruptedException {
        var terminal = context.terminal();
        var machine = Machine.here();
        List<Figure> figures;
        try (var progress = new Progress(terminal, "", 0)) {
            figures = Benchmark.run(options(), new Told(terminal, progress), terminal.clock());
        } catch (IllegalStateException e) {
            throw Failure.failed("the benchmark did not succeed: " + e.getMessage(), e);
        }
        if (json) {
            terminal.out().println(Json.write(document(machine, figures)));
        } else {
            print(machine, figures);
        }
        return 0;
    }

    private Options options() {
        try {
            var chosen = EnumSet.noneOf(Options.Part.class);
            for (var part : parts) {
                chosen.add(Options.Part.valueOf(part.toUpperCase(Locale.ROOT)));
            }
            var all = chosen.isEmpty() ? EnumSet.allOf(Options.Part.class) : chosen;
            return new Options(all, scale, database, directory, seed);
        } catch (IllegalArgumentException e) {
            throw Failure.misused(
                    "benchmark what? store, ingest, commands, query, fleet or events, with a --scale above 0, at most 10");
        }
    }

    private record Told(Terminal terminal, Progress progress) implements Steps {
        @Override
        public void step(String name) {
            if (terminal.interactive()) {
                progress.close();
                terminal.err().println(name);
            }
        }

        @Override
        public void reached(String what, long count, long total) {
            progress.reached(count);
        }
    }

    /// As a table that Markdown takes as well.
    private void print(Machine machine, List<Figure> figures) {
        var out = context.terminal().out();
        out.println(
                machine + "; database " + database.replaceAll("//.*@", "//") + "; scale " + scale);
        out.println();
        out.println("| what | measured | to reach | | beside |");
        out.println("| --- | ---: | ---: | --- | --- |");
        for (var figure : figures) {
            out.println(
                    "| "
                            + String.join(
                                    " | ",
                                    figure.name(),
                                    figure.measuredText(),
                                    figure.boundText(),
                                    figure.bound() == null ? "" : figure.reached() ? "yes" : "NO",
                                    figure.beside())
                            + " |");
        }
    }

    private Document document(Machine machine, List<Figure> figures) {
        return Document.of("at", Value.of(context.terminal().clock().instant().toString()))
                .with("processor", Value.of(machine.processor()))
                .with("cores", Value.of((long) machine.cores()))
                .with("system", Value.of(machine.system()))
                .with("java", Value.of(machine.java()))
                .with("load_before", Value.of(machine.load()))
                .with("database", Value.of(database.replaceAll("//.*@", "//")))
                .with("scale", Value.of(scale))
                .with("seed", Value.of(seed))
                .with(
                        "figures",
                        new Value.Array(
                                figures.stream().<Value>map(BenchmarkCommand::document).toList()));
    }

    private static Document document(Figure figure) {
        var bound = figure.bound();
        var row =
                Document.of("name", Value.of(figure.name()))
                        .with("measured", Value.of(Math.round(figure.measured() * 1e3) / 1e3))
                        .with("unit", Value.of(figure.unit().word()));
        if (bound != null) {
            var kind = bound instanceof Figure.Bound.AtLeast ? "at_least" : "at_most";
            row =
                    row.with(kind, Value.of(bound.value()))
                            .with("reached", Value.of(figure.reached()));
        }
        return row.with("beside", Value.of(figure.beside()));
    }
}
