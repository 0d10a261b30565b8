package org.tethral.cli;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.tethral.cli.Context.Reach;
import org.tethral.kernel.StorageException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/// The commands of `tethral`. What was asked for goes to the output, everything else to the error
/// output; whatever goes wrong is one line there and an exit code other than 0.
public final class Cli {

    private final Context context;
    private final Map<String, Supplier<CommandLine>> commands = new LinkedHashMap<>();

    public Cli(Programs programs, Terminal terminal) {
        this.context = new Context(programs, terminal);
        commands.put("serve", () -> context.withSettings(Reach.SERVER, new ServeCommand(context)));
        commands.put("demo", () -> context.withSettings(Reach.SERVER, new DemoCommand(context)));
        commands.put(
                "schema", () -> context.withSettings(Reach.DATABASE, new SchemaCommand(context)));
        commands.put(
                "config", () -> context.withSettings(Reach.SERVER, new ConfigCommand(context)));
        commands.put("device", () -> DeviceCommand.build(context));
        commands.put("user", () -> UserCommand.build(context));
        commands.put("api-key", () -> ApiKeyCommand.build(context));
        commands.put("command", () -> CommandCommand.build(context));
        commands.put("events", () -> EventsCommand.build(context));
        commands.put(
                "simulate", () -> context.withSettings(Reach.HOME, new SimulateCommand(context)));
        commands.put("export", () -> ExportCommand.export(context));
        commands.put("import", () -> ExportCommand.imports(context));
        commands.put(
                "backup",
                () -> context.withSettings(Reach.DATABASE, new BackupCommand.Take(context)));
        commands.put(
                "restore",
                () -> context.withSettings(Reach.DATABASE, new BackupCommand.Restore(context)));
        commands.put(
                "verify", () -> context.withSettings(Reach.DATABASE, new VerifyCommand(context)));
        commands.put("benchmark", () -> new CommandLine(new BenchmarkCommand(context)));
        commands.put(
                "completion", () -> new CommandLine(new CompletionCommand(context, this::all)));
    }

    @Command(
            name = "tethral",
            description = "A device platform in one process.",
            mixinStandardHelpOptions = true,
            synopsisSubcommandLabel = "COMMAND")
    static final class Root implements Runnable {
        private final Supplier<CommandLine> line;
        private final Context context;

        Root(Supplier<CommandLine> line, Context context) {
            this.line = line;
            this.context = context;
        }

        @Override
        public void run() {
            line.get().usage(context.terminal().out());
        }
    }

    /// Does what the arguments ask for; returns the exit code.
    public int execute(String... arguments) {
        var line = lineFor(arguments);
        return line.execute(arguments);
    }

    /// What is wrong with these arguments, as far as it can be told without doing what they ask
    /// for; empty: nothing.
    public Optional<String> complaintAbout(String... arguments) {
        try {
            lineFor(arguments).parseArgs(arguments);
            return Optional.empty();
        } catch (ParameterException e) {
            return Optional.of(
                    e instanceof UnmatchedArgumentException unmatched
                            ? unknown(unmatched)
                            : String.valueOf(e.getMessage()));
        }
    }

    /// Only the command that is asked for is built: each costs some milliseconds of start-up time.
    private CommandLine lineFor(String... arguments) {
        var asked = arguments.length == 0 ? null : commands.get(arguments[0]);
        if (asked == null) {
            return all();
        }
        var line = root();
        line.addSubcommand(arguments[0], asked.get());
        return configured(line);
    }

    private CommandLine all() {
        var line = root();
        commands.forEach((name, command) -> line.addSubcommand(name, command.get()));
        return configured(line);
    }

    private CommandLine root() {
        var line = new CommandLine[1];
        line[0] = new CommandLine(new Root(() -> line[0], context));
        return line[0];
    }

    private static PrintWriter writer(PrintStream stream) {
        return new PrintWriter(stream, true, stream.charset());
    }

    private CommandLine configured(CommandLine line) {
        line.setOut(writer(context.terminal().out()));
        line.setErr(writer(context.terminal().err()));
        line.setExecutionExceptionHandler((e, _, _) -> failed(e));
        line.setParameterExceptionHandler((e, _) -> misused(e));
        line.setUsageHelpAutoWidth(true);
        versioned(line);
        return line;
    }

    private void versioned(CommandLine line) {
        line.getCommandSpec()
                .versionProvider(() -> new String[] {"tethral " + context.programs().version()});
        line.getSubcommands().values().forEach(this::versioned);
    }

    private int failed(Exception e) {
        return switch (e) {
            case Failure failure -> {
                say(failure.getMessage());
                yield failure.exitCode();
            }
            case StorageException storage -> {
                say(storage.getMessage());
                yield Failure.FAILED;
            }
            case InterruptedException _ -> {
                say("interrupted");
                yield Failure.FAILED;
            }
            default -> {
                say("internal error: " + e + "; TETHRAL_LOG_LEVEL=debug shows where");
                if ("debug".equals(context.terminal().environment().get("TETHRAL_LOG_LEVEL"))) {
                    e.printStackTrace(context.terminal().err());
                }
                yield Failure.FAILED;
            }
        };
    }

    private int misused(ParameterException e) {
        var message =
                e instanceof UnmatchedArgumentException unmatched
                        ? unknown(unmatched)
                        : String.valueOf(e.getMessage());
        say(message + " (see tethral " + path(e.getCommandLine()) + "--help)");
        return Failure.MISUSED;
    }

    private String unknown(UnmatchedArgumentException e) {
        var first = e.getUnmatched().getFirst();
        var flag = first.split("=", 2)[0];
        if (context.programs().settings().stream().anyMatch(one -> one.flag().equals(flag))) {
            return flag + " is a setting of the server, and nothing to this command";
        }
        var kind =
                first.startsWith("-")
                        ? "option"
                        : e.getCommandLine().getSubcommands().isEmpty() ? "argument" : "command";
        var suggestions = e.getSuggestions();
        return "unknown "
                + kind
                + " '"
                + first
                + "'"
                + (suggestions.isEmpty()
                        ? ""
                        : "; did you mean " + String.join(" or ", suggestions) + "?");
    }

    private static String path(CommandLine line) {
        return line.getParent() == null ? "" : path(line.getParent()) + line.getCommandName() + " ";
    }

    private void say(@org.jspecify.annotations.Nullable String message) {
        var text = String.valueOf(message).strip().replaceAll("\\s*\\R\\s*", "; ");
        context.terminal().err().println("tethral: " + text);
    }
}
