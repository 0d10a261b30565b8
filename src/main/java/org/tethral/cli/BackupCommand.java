package org.tethral.cli;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.tethral.archive.BackupFile;
import org.tethral.archive.Manifest;
import org.tethral.archive.UnusableBackup;
import org.tethral.json.Json;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Backups are taken, looked at, and restored.
final class BackupCommand {

    private BackupCommand() {}

    @Command(
            name = "backup",
            description = {
                "Write all that the database holds, as it is at one moment, into one file, also while a server runs.",
                "Such a file can be restored into either engine. Secrets in it are of use only with the key of the home."
            },
            mixinStandardHelpOptions = true,
            sortOptions = false)
    static final class Take implements Callable<Integer> {
        private final Context context;

        @Spec private CommandSpec spec = CommandSpec.create();

        @Parameters(index = "0", paramLabel = "FILE", description = "must not be there yet")
        private Path file = Path.of("");

        @Option(
                names = "--check",
                description = "look whether FILE is whole and sound instead; needs no database")
        private boolean check;

        @Option(names = "--json", description = "print JSON")
        private boolean json;

        Take(Context context) {
            this.context = context;
        }

        @Override
        public Integer call() {
            var manifest = check ? check(context, file) : take();
            print(context, manifest, json);
            context.terminal()
                    .err()
                    .printf(
                            "%,d rows %s %s, %,d bytes%n",
                            manifest.rows(), check ? "are sound in" : "in", file, size(file));
            return 0;
        }

        private Manifest take() {
            try (var stores = context.programs().openToRead(context.given(spec));
                    var progress = new Progress(context.terminal(), "rows", 0)) {
                return stores.backup(file, progress::reached);
            } catch (FileAlreadyExistsException e) {
                throw Failure.failed("there is a file " + file + " already", e);
            } catch (IOException e) {
                throw Failure.failed("cannot write " + file + ": " + e, e);
            }
        }
    }

    @Command(
            name = "restore",
            description = {
                "Fill a database of either engine from a backup, and compare what is then in it with the backup's checksums.",
                "All of it is there afterwards, or the database is as it was. No server may run on it."
            },
            mixinStandardHelpOptions = true,
            sortOptions = false)
    static final class Restore implements Callable<Integer> {
        private final Context context;

        @Spec private CommandSpec spec = CommandSpec.create();

        @Parameters(index = "0", paramLabel = "FILE", description = "as 'backup' wrote it")
        private Path file = Path.of("");

        @Option(names = "--replace", description = "give up what the database holds now")
        private boolean replace;

        @Option(
                names = "--check",
                description = "only look whether FILE is whole and sound; needs no database")
        private boolean check;

        @Option(names = "--json", description = "print JSON")
        private boolean json;

        Restore(Context context) {
            this.context = context;
        }

        @Override
        public Integer call() {
            var manifest = check ? check(context, file) : restore();
            print(context, manifest, json);
            context.terminal()
                    .err()
                    .printf(
                            check
                                    ? "%,d rows are sound in %s%n"
                                    : "%,d rows restored from %s, all compared%n",
                            manifest.rows(),
                            file);
            return 0;
        }

        private Manifest restore() {
            var total = 2 * opened(file, backup -> backup.manifest().rows());
            try (var progress = new Progress(context.terminal(), "rows in and compared", total)) {
                return context.programs()
                        .restore(context.given(spec), file, replace, progress::reached);
            } catch (UnusableBackup e) {
                throw unusable(file, e);
            }
        }
    }

    private static Manifest check(Context context, Path file) {
        return opened(
                file,
                backup -> {
                    try (var progress =
                            new Progress(context.terminal(), "rows", backup.manifest().rows())) {
                        backup.check(progress::reached);
                    }
                    return backup.manifest();
                });
    }

    private static <T> T opened(Path file, java.util.function.Function<BackupFile, T> work) {
        try (var backup = BackupFile.open(file)) {
            return work.apply(backup);
        } catch (UnusableBackup e) {
            throw unusable(file, e);
        } catch (IOException e) {
            throw Failure.failed("cannot read " + file + ": " + e, e);
        }
    }

    private static Failure unusable(Path file, UnusableBackup e) {
        return Failure.failed(file + " cannot be used: " + e.getMessage(), e);
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw Failure.failed("cannot read " + file + ": " + e, e);
        }
    }

    private static void print(Context context, Manifest manifest, boolean json) {
        var out = context.terminal().out();
        if (json) {
            out.println(Json.write(document(manifest)));
            return;
        }
        var rows = new ArrayList<List<String>>();
        for (var table : manifest.tables()) {
            rows.add(
                    List.of(
                            table.layout().table(),
                            "%,d".formatted(table.total().rows()),
                            table.total().checksum()));
        }
        Lines.table(out, List.of("TABLE", "ROWS", "CHECKSUM"), rows);
    }

    private static Document document(Manifest manifest) {
        var tables =
                manifest.tables().stream()
                        .<Value>map(table ->
                                Document.of("name", Value.of(table.layout().table()))
                                        .with("rows", Value.of(table.total().rows()))
                                        .with("checksum", Value.of(table.total().checksum())))
                        .toList();
        return Document.of("engine", Value.of(manifest.engine()))
                .with("schema", Value.of(manifest.schema()))
                .with("taken_at", Value.of(manifest.takenAt().toString()))
                .with("tables", new Value.Array(tables));
    }
}
