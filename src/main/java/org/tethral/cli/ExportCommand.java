package org.tethral.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.tethral.device.DeviceId;
import org.tethral.json.Json;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;
import org.tethral.state.Interval;
import org.tethral.state.Snapshot;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `export` and `import`: what people take elsewhere, as CSV or JSON Lines.
final class ExportCommand {

    private ExportCommand() {}

    static CommandLine export(Context context) {
        return new CommandLine(new Export())
                .addSubcommand(
                        "devices", named(context, "devices", new DeviceTransfer.Export(context)))
                .addSubcommand("snapshots", named(context, "snapshots", new Snapshots(context)));
    }

    static CommandLine imports(Context context) {
        return new CommandLine(new Import())
                .addSubcommand(
                        "devices", named(context, "devices", new DeviceTransfer.Import(context)));
    }

    private static CommandLine named(Context context, String name, Object command) {
        return context.withSettings(Context.Reach.DATABASE, command).setCommandName(name);
    }

    @Command(
            name = "export",
            description = "Write devices or snapshots to a file, as CSV or JSON Lines.",
            mixinStandardHelpOptions = true)
    private static final class Export implements Runnable {
        @Spec private CommandSpec spec = CommandSpec.create();

        @Override
        public void run() {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), "export what? devices or snapshots");
        }
    }

    @Command(
            name = "import",
            description = "Register the devices of a file, CSV or JSON Lines.",
            mixinStandardHelpOptions = true)
    private static final class Import implements Runnable {
        @Spec private CommandSpec spec = CommandSpec.create();

        @Override
        public void run() {
            throw new CommandLine.ParameterException(spec.commandLine(), "import what? devices");
        }
    }

    @Command(
            name = "snapshots",
            description = {
                "Write what devices reported to a file, device by device in the order of time.",
                "Reads the database itself, also beside a running server."
            },
            mixinStandardHelpOptions = true,
            sortOptions = false)
    private static final class Snapshots implements Callable<Integer> {
        /// What every store can compare with.
        private static final Instant FIRST = Instant.parse("-4000-01-01T00:00:00Z");

        private static final Instant LAST = Instant.parse("+99999-01-01T00:00:00Z");

        private final Context context;

        @Spec private CommandSpec spec = CommandSpec.create();

        @Parameters(
                index = "0",
                paramLabel = "FILE",
                description = "NAME.csv, NAME.jsonl, or - for JSON Lines to the output")
        private String file = "";

        @Option(
                names = "--device",
                paramLabel = "ID",
                description = "only this one; may be given again (all that are registered)",
                converter = DeviceCommand.IdConverter.class)
        private List<DeviceId> devices = new ArrayList<>();

        @Option(
                names = "--from",
                paramLabel = "TIME",
                description = "2026-07-14T00:00:00Z; belongs to it",
                converter = TimeConverter.class)
        private @Nullable Instant from;

        @Option(
                names = "--to",
                paramLabel = "TIME",
                description = "does not belong to it",
                converter = TimeConverter.class)
        private @Nullable Instant to;

        @Option(
                names = "--values",
                paramLabel = "NAME",
                split = ",",
                description = "in CSV, a column for each of these instead of one with all as JSON")
        private List<String> values = new ArrayList<>();

        Snapshots(Context context) {
            this.context = context;
        }

        @Override
        public Integer call() {
            var csv = file.endsWith(".csv");
            if (!csv) {
                DeviceFile.named(file); // or it is no name that is understood
            }
            try (var stores = context.programs().openToRead(context.given(spec));
                    var progress = new Progress(context.terminal(), "snapshots", 0)) {
                if (file.equals("-")) {
                    write(stores, context.terminal().out(), false, progress);
                    return 0;
                }
                try (var out =
                        new PrintStream(
                                Files.newOutputStream(Path.of(file)),
                                false,
                                StandardCharsets.UTF_8)) {
                    var count = write(stores, out, csv, progress);
                    if (out.checkError()) {
                        throw Failure.failed("cannot write all snapshots to " + file);
                    }
                    context.terminal().err().printf("%,d snapshots in %s%n", count, file);
                }
                return 0;
            } catch (IOException e) {
                throw Failure.failed("cannot write " + file + ": " + e.getMessage(), e);
            }
        }

        private long write(
                Programs.Stores stores, PrintStream out, boolean csv, Progress progress) {
            var count = new long[1];
            if (csv) {
                out.println(Csv.line(head()));
            }
            Consumer<Snapshot> line =
                    snapshot -> {
                        out.println(csv ? Csv.line(cells(snapshot)) : Json.write(row(snapshot)));
                        progress.reached(++count[0]);
                    };
            var interval = interval();
            if (devices.isEmpty()) {
                new LocalRegistry(stores, context.terminal())
                        .list(
                                Registry.Wanted.ALL,
                                Long.MAX_VALUE,
                                device ->
                                        stores.history().stream(
                                                new DeviceId(Lines.text(device, "device_id")),
                                                interval,
                                                line));
            } else {
                devices.forEach(device -> stores.history().stream(device, interval, line));
            }
            out.flush();
            return count[0];
        }

        private Interval interval() {
            try {
                return new Interval(from == null ? FIRST : from, to == null ? LAST : to);
            } catch (IllegalArgumentException e) {
                throw Failure.misused(String.valueOf(e.getMessage()));
            }
        }

        private List<String> head() {
            var head = new ArrayList<>(List.of("device_id", "timestamp", "sequence", "message_id"));
            head.addAll(values.isEmpty() ? List.of("state_data") : values);
            return head;
        }

        private List<String> cells(Snapshot snapshot) {
            var row = row(snapshot);
            var cells = new ArrayList<String>();
            for (var column : head().subList(0, 4)) {
                cells.add(Lines.text(row, column));
            }
            if (values.isEmpty()) {
                cells.add(Json.write(snapshot.values()));
            } else {
                values.forEach(name -> cells.add(Lines.text(snapshot.values(), name)));
            }
            return cells;
        }

        private static Document row(Snapshot snapshot) {
            var message = snapshot.messageId();
            return Document.of("device_id", Value.of(snapshot.device().value()))
                    .with("timestamp", Value.of(snapshot.timestamp().toString()))
                    .with("sequence", Value.of(snapshot.sequence()))
                    .with(
                            "message_id",
                            message == null ? Value.Null.NULL : Value.of(message.value()))
                    .with("state_data", snapshot.values());
        }
    }

    static final class TimeConverter implements CommandLine.ITypeConverter<Instant> {
        @Override
        public Instant convert(String text) {
            try {
                return Instant.parse(text);
            } catch (DateTimeParseException e) {
                throw new CommandLine.TypeConversionException(
                        "'" + text + "' is no time such as 2026-07-14T00:00:00Z");
            }
        }
    }
}
