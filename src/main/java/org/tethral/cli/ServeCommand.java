package org.tethral.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "serve",
        description =
                "Run the platform until it is told to end. A first SIGTERM or Ctrl-C finishes what is under way, a second one does not.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class ServeCommand implements Callable<Integer> {

    private final Context context;

    @Spec private CommandSpec spec = CommandSpec.create();

    ServeCommand(Context context) {
        this.context = context;
    }

    @Override
    public Integer call() throws InterruptedException {
        var terminal = context.terminal();
        try (var platform = context.programs().serve(context.given(spec), false)) {
            terminal.stop().listen();
            terminal.out().println(platform.readyLine());
            if (!platform.hasAdministrator()) {
                platform.signInLink().ifPresent(link -> terminal.out().println("sign in: " + link));
            }
            terminal.out().flush();
            terminal.stop().await();
        }
        return 0;
    }
}
