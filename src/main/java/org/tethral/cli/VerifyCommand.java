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
        name = "verify",
        description =
                "Check that what is kept agrees with itself; the exit code is 1 where it does not.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class VerifyCommand implements Callable<Integer> {

    private final Context context;

    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(names = "--json", description = "print JSON")
    private boolean json;

    VerifyCommand(Context context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        List<Programs.Finding> findings;
        try (var stores = context.programs().openToRead(context.given(spec));
                var progress = new Progress(context.terminal(), "invariants", 0)) {
            findings = stores.verify(progress::reached);
        }
        var broken = findings.stream().filter(finding -> finding.broken() > 0).count();
        if (json) {
            var items = findings.stream().map(VerifyCommand::document).toList();
            context.terminal().out().println(Json.write(new Value.Array(List.copyOf(items))));
        } else {
            var rows = new ArrayList<List<String>>();
            for (var finding : findings) {
                rows.add(
                        List.of(
                                finding.broken() == 0 ? "holds" : "BROKEN",
                                finding.invariant(),
                                "%,d".formatted(finding.checked()),
                                "%,d".formatted(finding.broken()),
                                finding.example()));
            }
            Lines.table(
                    context.terminal().out(),
                    List.of("", "WHAT", "CHECKED", "AGAINST IT", "FOR EXAMPLE"),
                    rows);
        }
        if (broken > 0) {
            throw Failure.failed(broken + " of " + findings.size() + " invariants do not hold");
        }
        return 0;
    }

    private static Document document(Programs.Finding finding) {
        return Document.of("invariant", Value.of(finding.invariant()))
                .with("checked", Value.of(finding.checked()))
                .with("broken", Value.of(finding.broken()))
                .with("example", Value.of(finding.example()));
    }
}
