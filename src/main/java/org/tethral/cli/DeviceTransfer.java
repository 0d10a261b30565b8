package org.tethral.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tethral.kernel.Document;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// Devices out of files and into files.
final class DeviceTransfer {

    /// Devices that are added together.
    private static final int IMPORTED_TOGETHER = 500;

    private static final int PROBLEMS_SHOWN_MAX = 20;

    private DeviceTransfer() {}

    @Command(
            name = "import",
            description = {
                "Register the devices of a file: CSV with a head line, or JSON Lines. A column 'token' gives access tokens.",
                "Devices that cannot be added are named, the others are added; the exit code is then 1."
            },
            mixinStandardHelpOptions = true,
            sortOptions = false)
    static final class Import extends DeviceCommand.Action {
        @Parameters(
                index = "0",
                paramLabel = "FILE",
                description = "NAME.csv, NAME.jsonl, or - for JSON Lines from the input")
        private String file = "";

        private final List<Document> waiting = new ArrayList<>();
        private final List<Integer> records = new ArrayList<>();
        private int added;
        private int failed;

        Import(Context context) {
            super(context);
        }

        @Override
        int act(Registry registry) {
            var format = DeviceFile.named(file);
            try (var reader = open();
                    var progress = new Progress(context.terminal(), "devices", 0)) {
                for (int record = 1; read(format, reader, record); record++) {
                    if (waiting.size() == IMPORTED_TOGETHER) {
                        addWaiting(registry);
                        progress.reached(added);
                    }
                }
                addWaiting(registry);
            } catch (IOException e) {
                throw Failure.failed("cannot read " + file + ": " + e, e);
            }
            context.terminal().err().printf("%,d devices registered%n", added);
            if (failed > 0) {
                throw Failure.failed(
                        "%,d devices of %s were not registered".formatted(failed, file));
            }
            return 0;
        }

        private boolean read(DeviceFile format, BufferedReader reader, int record)
                throws IOException {
            try {
                var device = format.next(reader);
                device.ifPresent(one -> {
                    waiting.add(one);
                    records.add(record);
                });
                return device.isPresent();
            } catch (DeviceFile.Unusable e) {
                problem(record, String.valueOf(e.getMessage()));
                return true;
            }
        }

        private void addWaiting(Registry registry) {
            if (waiting.isEmpty()) {
                return;
            }
            var reasons = registry.addAll(waiting);
            for (int i = 0; i < reasons.size(); i++) {
                Optional<String> reason = reasons.get(i);
                if (reason.isPresent()) {
                    problem(records.get(i), reason.get());
                } else {
                    added++;
                }
            }
            waiting.clear();
            records.clear();
        }

        private void problem(int record, String reason) {
            failed++;
            if (failed <= PROBLEMS_SHOWN_MAX) {
                context.terminal()
                        .err()
                        .println(file + ", device " + record + ": " + Lines.printable(reason));
            } else if (failed == PROBLEMS_SHOWN_MAX + 1) {
                context.terminal().err().println("… and more");
            }
        }

        private BufferedReader open() throws IOException {
            return file.equals("-")
                    ? new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))
                    : Files.newBufferedReader(Path.of(file), StandardCharsets.UTF_8);
        }
    }

    @Command(
            name = "export",
            description = "Write all devices to a file: CSV or JSON Lines. Secrets are not in it.",
            mixinStandardHelpOptions = true,
            sortOptions = false)
    static final class Export extends DeviceCommand.Action {
        @Parameters(
                index = "0",
                paramLabel = "FILE",
                description = "NAME.csv, NAME.jsonl, or - for JSON Lines to the output")
        private String file = "";

        Export(Context context) {
            super(context);
        }

        @Override
        int act(Registry registry) {
            var format = DeviceFile.named(file);
            if (file.equals("-")) {
                write(registry, format, context.terminal().out());
                return 0;
            }
            try (var out =
                    new PrintStream(
                            Files.newOutputStream(Path.of(file)), false, StandardCharsets.UTF_8)) {
                var count = write(registry, format, out);
                if (out.checkError()) {
                    throw Failure.failed("cannot write all devices to " + file);
                }
                context.terminal().err().printf("%,d devices in %s%n", count, file);
            } catch (IOException e) {
                throw Failure.failed("cannot write " + file + ": " + e.getMessage(), e);
            }
            return 0;
        }

        private long write(Registry registry, DeviceFile format, PrintStream out) {
            var count = new long[1];
            format.head(out);
            try (var progress = new Progress(context.terminal(), "devices", 0)) {
                registry.list(
                        Registry.Wanted.ALL,
                        Long.MAX_VALUE,
                        device -> {
                            format.write(out, device);
                            progress.reached(++count[0]);
                        });
            }
            out.flush();
            return count[0];
        }
    }
}
