package org.tethral.cli;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.tethral.simulate.Plan;
import picocli.CommandLine.Option;

/// What simulated devices do with commands.
final class ObedienceOptions {

    private static final Pattern SHARE = Pattern.compile("([a-z]+)=(\\d{1,3})");

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
        var shares = new HashMap<String, Integer>(Map.of("fail", 0, "slow", 0, "vanish", 0));
        for (var part : commands.split(",")) {
            var share = SHARE.matcher(part.strip());
            if (!part.isBlank() && (!share.matches() || !shares.containsKey(share.group(1)))) {
                throw Failure.misused("--commands is fail=10,slow=10,vanish=5, not '" + part + "'");
            }
            if (!part.isBlank()) {
                shares.put(share.group(1), Integer.valueOf(share.group(2)));
            }
        }
        return new Plan.Obedience(
                shares.get("fail"),
                shares.get("slow"),
                shares.get("vanish"),
                Durations.parse(slowFor));
    }
}
