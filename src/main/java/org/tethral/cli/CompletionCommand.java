package org.tethral.cli;

import java.util.function.Supplier;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;

@Command(
        name = "completion",
        description = "Print a completion script for bash and zsh: source <(tethral completion)",
        mixinStandardHelpOptions = true)
final class CompletionCommand implements Runnable {

    private final Context context;
    private final Supplier<CommandLine> all;

    CompletionCommand(Context context, Supplier<CommandLine> all) {
        this.context = context;
        this.all = all;
    }

    @Override
    public void run() {
        context.terminal().out().println(AutoComplete.bash("tethral", all.get()));
    }
}
