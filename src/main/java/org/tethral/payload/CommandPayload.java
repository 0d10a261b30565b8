package org.tethral.payload;

import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.tethral.command.Instruction;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// Commands as devices are told them that ask for them: over HTTP and CoAP.
public final class CommandPayload {

    /// How long a request for commands may wait.
    public static final Duration WAIT_MAX = Duration.ofSeconds(60);

    /// A request that does not say how long it waits: long enough to hear what is there already.
    public static final Duration WAIT_DEFAULT = Duration.ofSeconds(1);

    private static final Pattern WAIT = Pattern.compile("(\\d{1,6})(ms|s|m|)");

    private CommandPayload() {}

    /// `{"commands": [{"command_id", "command_name", "payload", "expires_at"}]}`
    public static Document told(List<Instruction> instructions) {
        var commands = instructions.stream().<Value>map(NativePayload::command).toList();
        return Document.of("commands", new Value.Array(commands));
    }

    /// As ThingsBoard asks a device (server-side RPC): `{"id": 7, "method": "…", "params": …}`
    public static Document asked(Instruction instruction) {
        return Document.of("id", Value.of(instruction.command().number()))
                .with("method", Value.of(instruction.name().value()))
                .with("params", instruction.payload());
    }

    /// `30s`, `500ms`, `1m`, or seconds.
    public static Duration wait(String text) throws Malformed {
        var given = WAIT.matcher(text);
        if (given.matches()) {
            var number = Long.parseLong(given.group(1));
            var wait =
                    switch (given.group(2)) {
                        case "ms" -> Duration.ofMillis(number);
                        case "m" -> Duration.ofMinutes(number);
                        default -> Duration.ofSeconds(number);
                    };
            if (wait.compareTo(WAIT_MAX) <= 0) {
                return wait;
            }
        }
        throw new Malformed(
                "wait is a time such as 30s, and at most " + WAIT_MAX.toSeconds() + "s");
    }
}
