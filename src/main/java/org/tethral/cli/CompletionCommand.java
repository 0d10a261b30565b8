package org.tethral.cli;

import java.util.function.Supplier;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "completion",
        description = {
            "Print a completion script for a shell.",
            "bash and zsh: source <(tethral completion bash), also in the shell's start file.",
            "fish: tethral completion fish > ~/.config/fish/completions/tethral.fish"
        },
        mixinStandardHelpOptions = true)
final class CompletionCommand implements Runnable {

    private final Context context;
    private final Supplier<CommandLine> all;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "bash|zsh|fish",
            defaultValue = "bash",
            description = "which shell (${DEFAULT-VALUE})")
    private String shell = "bash";

    CompletionCommand(Context context, Supplier<CommandLine> all) {
        this.context = context;
        this.all = all;
    }

    @Override
    public void run() {
        var script =
                switch (shell) {
                    case "bash", "zsh" -> AutoComplete.bash("tethral", all.get()); // one for both
                    case "fish" -> FishCompletion.script("tethral", all.get());
                    default ->
                            throw Failure.misused(
                                    "completion is for bash, zsh or fish, not '" + shell + "'");
                };
        context.terminal().out().println(script);
    }
}
