package org.tethral.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.tethral.json.Json;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "config",
        description = "List every setting with its value, its default, and who set it.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class ConfigCommand implements Callable<Integer> {

    private final Context context;

    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(names = "--json", description = "print JSON")
    private boolean json;

    ConfigCommand(Context context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        var settings = context.programs().config(context.given(spec));
        if (json) {
            var items = settings.stream().map(ConfigCommand::document).toList();
            context.terminal().out().println(Json.write(new Value.Array(List.copyOf(items))));
            return 0;
        }
        var rows = new ArrayList<List<String>>();
        for (var one : settings) {
            rows.add(
                    List.of(
                            one.setting().name(),
                            one.value() == null ? "-" : one.value(),
                            one.setting().standard() == null ? "-" : one.setting().standard(),
                            one.origin()));
        }
        Lines.table(
                context.terminal().out(), List.of("SETTING", "VALUE", "DEFAULT", "SET BY"), rows);
        return 0;
    }

    private static Document document(Setting.InForce one) {
        return Document.of("name", Value.of(one.setting().name()))
                .with("value", Lines.orNull(one.value()))
                .with("default", Lines.orNull(one.setting().standard()))
                .with("origin", Value.of(one.origin()))
                .with("variable", Value.of(one.setting().variable()))
                .with("description", Value.of(one.setting().description()));
    }
}
