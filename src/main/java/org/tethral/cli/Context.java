package org.tethral.cli;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/// What every command has: the program, the terminal, and the settings as they were given.
record Context(Programs programs, Terminal terminal) {

    private static final String FILE = "--config";

    /// Which settings a command has flags for: those that make a difference to it. One that would
    /// be accepted and do nothing misleads.
    enum Reach {
        /// It is the server, or shows how one would be.
        SERVER,
        /// It opens the database.
        DATABASE,
        /// It looks which server runs on the home.
        HOME;

        boolean covers(Setting setting) {
            return switch (this) {
                case SERVER -> true;
                case DATABASE -> OF_THE_DATABASE.contains(setting.name());
                case HOME -> setting.name().equals("home");
            };
        }
    }

    private static final Set<String> OF_THE_DATABASE =
            Set.of("home", "database", "log-level", "log-format");

    private void addSettings(CommandSpec command, Reach reach) {
        command.addOption(
                OptionSpec.builder(FILE)
                        .paramLabel("FILE")
                        .type(Path.class)
                        .description("read settings from this file: name = value")
                        .build());
        for (var setting : programs.settings().stream().filter(reach::covers).toList()) {
            var option =
                    OptionSpec.builder(setting.flag())
                            .paramLabel(setting.label())
                            .type(String.class)
                            .description(
                                    setting.description().replace("%", "%%")
                                            + (setting.standard() == null
                                                    ? ""
                                                    : " (" + setting.standard() + ")"));
            if (setting.label().equals("true|false")) {
                option.arity("0..1").fallbackValue("true");
            }
            command.addOption(option.build());
        }
    }

    /// An act of a command: `send` of `tethral command send`.
    CommandLine withSettings(Reach reach, Object act) {
        var spec = CommandSpec.forAnnotatedObject(act);
        addSettings(spec, reach);
        return new CommandLine(spec);
    }

    /// @param acts as `withSettings` takes them
    CommandLine group(Reach reach, Object command, Object... acts) {
        var line = new CommandLine(command);
        for (var act : acts) {
            var part = withSettings(reach, act);
            line.addSubcommand(part.getCommandName(), part);
        }
        return line;
    }

    Given given(CommandSpec command) {
        var flags = new HashMap<String, String>();
        for (var setting : programs.settings()) {
            String value = valueOf(command, setting.flag());
            if (value != null) {
                flags.put(setting.name(), value);
            }
        }
        Path file = valueOf(command, FILE);
        return new Given(flags, file, terminal.environment());
    }

    @SuppressWarnings("TypeParameterUnusedInFormals") // as picocli declares getValue
    private static <T> @Nullable T valueOf(CommandSpec command, String flag) {
        var option = command.findOption(flag);
        return option == null ? null : option.getValue();
    }
}
