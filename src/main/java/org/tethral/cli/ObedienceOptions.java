package org.tethral.cli;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.tethral.simulate.Plan;
import picocli.CommandLine.Option;

/// What simulated devices do with commands.
final class ObedienceOptions {

    private static final Pattern SHARE = Pattern.compile("(fail|slow|vanish)=\\d{1,3}");

    @Option(
            names = "--commands",
            paramLabel = "fail=F,slow=S,vanish=V",
            arity = "0..1",
            fallbackValue = "",
            description = {
                "take commands (mqtt and websocket): of 100, so many fail, are slow, or make the device lose its connection;"
                        + " it does the others at once"
            })
    private @Nullable String commands;

    @Option(
            names = "--slow-for",
            paramLabel = "TIME",
            defaultValue = "3s",
            description = "how long a slow answer takes (${DEFAULT-VALUE})")
    private String slowFor = "3s";

    /// Null: they do not ask for any.
    Plan.@Nullable Obedience parsed() {
        if (commands == null) {
            return null;
        }
        for (var part : parts(commands)) {
            var share = SHARE.matcher(part);
            if (!share.matches()) {
                throw Failure.misused("--commands is fail=10,slow=10,vanish=5, not '" + part + "'");
            }
        }
        return new Plan.Obedience(
                share(commands, "fail"),
                share(commands, "slow"),
                share(commands, "vanish"),
                Durations.parse(slowFor));
    }

    private static List<String> parts(String text) {
        return Arrays.stream(text.split(","))
                .map(String::strip)
                .filter(part -> !part.isEmpty())
                .toList();
    }

    private static int share(String text, String name) {
        return parts(text).stream()
                .filter(part -> part.startsWith(name))
                .mapToInt(part -> Integer.parseInt(part.substring(name.length() + 1)))
                .sum();
    }
}
