package org.tethral.cli;

import java.io.File;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/// What fish has to know of a program to complete its commands and options.
final class FishCompletion {

    /// Whether the words so far, without options, are these (`_at`) or begin with these (`_in`). An
    /// option's value counts as a word: options come behind their command.
    private static final String CONDITIONS =
            """
            function __NAME_words
                set -l words (commandline -opc)
                set -e words[1]
                string match -v -- '-*' $words
            end
            function __NAME_at
                set -l words (__NAME_words)
                test "$words" = "$argv"
            end
            function __NAME_in
                set -l words (__NAME_words)
                string match -q -- "$argv *" "$words "
            end
            complete -c NAME -f
            """;

    private static final List<String> SHOWN_OF_A_SETTING = List.of("FILE", "DIR");

    private FishCompletion() {}

    static String script(String name, CommandLine program) {
        var script = new StringBuilder(CONDITIONS.replace("NAME", name));
        add(script, name, "", program);
        return script.toString().stripTrailing();
    }

    private static void add(StringBuilder script, String name, String path, CommandLine command) {
        var words = path.isEmpty() ? "" : " " + path;
        command.getSubcommands()
                .forEach((word, part) ->
                        line(
                                script,
                                name,
                                "at" + words,
                                "-a " + word,
                                String.join(
                                        " ", part.getCommandSpec().usageMessage().description())));
        for (var option : command.getCommandSpec().options()) {
            line(
                    script,
                    name,
                    (words.isEmpty() ? "at" : "in") + words,
                    flags(option),
                    String.join(" ", option.description()));
        }
        if (command.getCommandSpec().positionalParameters().stream()
                .anyMatch(FishCompletion::isFile)) {
            line(script, name, "in" + words, "-F", "");
        }
        command.getSubcommands()
                .forEach((word, part) -> add(script, name, (path + " " + word).strip(), part));
    }

    private static String flags(OptionSpec option) {
        var flags = new StringBuilder();
        for (var one : option.names()) {
            flags.append(one.startsWith("--") ? "-l " : "-s ")
                    .append(one.replaceFirst("^-+", ""))
                    .append(' ');
        }
        if (option.arity().max() > 0) {
            flags.append(option.arity().min() > 0 ? "-r " : "").append(isFile(option) ? "-F " : "");
        }
        return flags.toString().stripTrailing();
    }

    private static boolean isFile(ArgSpec argument) {
        return argument.type() == Path.class
                || argument.type() == File.class
                || SHOWN_OF_A_SETTING.contains(argument.paramLabel());
    }

    private static void line(
            StringBuilder script, String name, String condition, String what, String description) {
        script.append("complete -c ")
                .append(name)
                .append(" -n '__")
                .append(name)
                .append('_')
                .append(condition)
                .append("' ")
                .append(what);
        if (!description.isEmpty()) {
            var text = description.replace("%%", "%").replaceAll("\\$\\{[^}]*}", "…");
            script.append(" -d '")
                    .append(text.replace("\\", "\\\\").replace("'", "\\'"))
                    .append('\'');
        }
        script.append('\n');
    }
}
