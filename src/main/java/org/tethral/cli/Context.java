package org.tethral.cli;

import java.nio.file.Path;
import java.util.HashMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/// What every command has: the program, the terminal, and the settings as they were given.
record Context(Programs programs, Terminal terminal) {

    private static final String FILE = "--config";

    /// Gives the command a flag for each setting.
    private void addSettings(CommandSpec command) {
        command.addOption(
                OptionSpec.builder(FILE)
                        .paramLabel("FILE")
                        .type(Path.class)
                        .description("read settings from this file: name = value")
                        .build());
        for (var setting : programs.settings()) {
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
    CommandLine withSettings(Object act) {
        var spec = CommandSpec.forAnnotatedObject(act);
        addSettings(spec);
        return new CommandLine(spec);
    }

    /// @param acts as `withSettings` takes them
    CommandLine group(Object command, Object... acts) {
        var line = new CommandLine(command);
        for (var act : acts) {
            var part = withSettings(act);
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
