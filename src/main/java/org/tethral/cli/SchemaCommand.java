package org.tethral.cli;

import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.tethral.json.Json;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "schema",
        description =
                "Bring the database's tables up to this version, then print them with their columns and indexes.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class SchemaCommand implements Callable<Integer> {

    private final Context context;

    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(names = "--json", description = "print JSON")
    private boolean json;

    SchemaCommand(Context context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        var programs = context.programs();
        var given = context.given(spec);
        // a running server has brought the schema up to date, and keeps others from changing it
        var running = programs.running(given).isPresent();
        try (var stores = running ? programs.openToRead(given) : programs.open(given)) {
            var schema = stores.schema();
            var out = context.terminal().out();
            if (json) {
                out.println(Json.write(schema));
            } else {
                out.println(
                        "database "
                                + Lines.text(schema, "database")
                                + ", version "
                                + Lines.text(schema, "version"));
                Lines.objects(schema, "tables").forEach(this::print);
            }
        }
        return 0;
    }

    private void print(Document table) {
        var out = context.terminal().out();
        out.println();
        out.println(Lines.text(table, "name"));
        for (var column : Lines.objects(table, "columns")) {
            var nullable = column.find("nullable").orElse(Value.Bool.TRUE) == Value.Bool.TRUE;
            out.println(
                    "  "
                            + Lines.padded(Lines.text(column, "name"), 26)
                            + Lines.text(column, "type")
                            + (nullable ? "" : " not null"));
        }
        for (var index : Lines.objects(table, "indexes")) {
            var unique = index.find("unique").orElse(Value.Bool.FALSE) == Value.Bool.TRUE;
            out.println(
                    "  "
                            + (unique ? "unique index " : "index ")
                            + Lines.text(index, "name")
                            + Lines.texts(index, "columns").stream()
                                    .collect(Collectors.joining(", ", " (", ")")));
        }
    }
}
