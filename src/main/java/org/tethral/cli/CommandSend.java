package org.tethral.cli;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.tethral.json.Json;
import org.tethral.json.MalformedJson;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "send",
        description = {
            "Send a command to a device, or to all devices of a type or profile. Prints its id, or with --wait what came of it.",
            "Ends with 0 when it is stored, with --wait when every device has done it; with 1 when one has not, and with 3"
                    + " when that is not known yet."
        },
        customSynopsis = "tethral command send [OPTIONS] [ID] NAME [JSON]",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class CommandSend extends CommandCommand.Action {

    /// The exit code when the wait is over before the command is.
    static final int NOT_YET = 3;

    /// The server lets no request wait for long, and connections on the way may not either.
    private static final Duration WAIT_IN_ONE_REQUEST = Duration.ofSeconds(20);

    private static final Duration LOOK_EVERY = Duration.ofMillis(250);

    @Parameters(
            arity = "1..3",
            paramLabel = "ID NAME JSON",
            description =
                    "the device (not with --type or --profile), the name of the command, its payload")
    private List<String> words = List.of();

    @Option(names = "--type", paramLabel = "TYPE", description = "to all devices of this type")
    private @Nullable String type;

    @Option(names = "--profile", paramLabel = "ID", description = "to all of this profile")
    private @Nullable String profile;

    @Option(
            names = "--wait",
            paramLabel = "TIME",
            description = "wait so long for its end: 500ms, 5s, 2m")
    private @Nullable String wait;

    @Option(
            names = "--priority",
            paramLabel = "PRIORITY",
            description =
                    "low, normal, high or critical: what waits for a device goes in this order")
    private @Nullable String priority;

    @Option(
            names = "--ttl",
            paramLabel = "TIME",
            description = "not sent any more after that (1 day)")
    private @Nullable String ttl;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            description = "how long a device has to answer (30s)")
    private @Nullable String timeout;

    @Option(names = "--attempts", paramLabel = "N", description = "sent at most so often (3)")
    private @Nullable Long attempts;

    @Option(names = "--one-way", description = "no answer is expected")
    private boolean oneWay;

    @Option(
            names = "--key",
            paramLabel = "KEY",
            description = "an Idempotency-Key: a second command with it is the first one")
    private @Nullable String key;

    @Option(names = "--json", description = "print the command as JSON")
    private boolean json;

    CommandSend(Context context) {
        super(context);
    }

    @Override
    int act(Api api) {
        var patience = wait == null ? null : Durations.parse(wait);
        var group = type != null || profile != null;
        var rest = new ArrayList<>(words);
        var device = group ? null : rest.removeFirst();
        if (rest.isEmpty() || rest.size() > 2) {
            throw Failure.misused(
                    group
                            ? "name a command, and perhaps its payload, and no device"
                            : "name a device, a command, and perhaps its payload");
        }
        var name = rest.removeFirst();
        var order = order(name, rest.isEmpty() ? null : payload(rest.getFirst()));
        var begin = System.nanoTime();
        var answer = issue(api, device, order, patience);
        if (answer.status() != 200 && answer.status() != 202) {
            throw Api.refused(answer);
        }
        var command = answer.body();
        if (patience == null) {
            context.terminal().out().println(json ? Json.write(command) : id(command));
            return 0;
        }
        command = awaited(api, command, patience.toNanos() - (System.nanoTime() - begin));
        var milliseconds = (System.nanoTime() - begin) / 1e6;
        context.terminal()
                .out()
                .println(json ? Json.write(command) : sentence(command, milliseconds));
        return exitCode(command);
    }

    private Document order(String name, @Nullable Value payload) {
        var order = Document.of("command_name", Value.of(name));
        order = payload == null ? order : order.with("payload", payload);
        order = type == null ? order : order.with("device_type", Value.of(type));
        order = profile == null ? order : order.with("profile_id", Value.of(profile));
        order = priority == null ? order : order.with("priority", Value.of(priority));
        order = ttl == null ? order : order.with("ttl", seconds(ttl));
        order = timeout == null ? order : order.with("timeout", seconds(timeout));
        order = attempts == null ? order : order.with("max_attempts", Value.of(attempts));
        return oneWay ? order.with("one_way", Value.of(true)) : order;
    }

    private static Value seconds(String time) {
        var millis = Durations.parse(time).toMillis();
        return millis % 1_000 == 0 ? Value.of(millis / 1_000) : Value.of(millis / 1e3);
    }

    private static Value payload(String text) {
        try {
            return Json.parse(text);
        } catch (MalformedJson e) {
            throw Failure.misused("the payload is no JSON: " + e.getMessage());
        }
    }

    private Api.Response issue(
            Api api, @Nullable String device, Document order, @Nullable Duration patience) {
        var path =
                device == null
                        ? "/api/v1/command"
                        : "/api/v1/devices/"
                                + URLEncoder.encode(device, StandardCharsets.UTF_8)
                                        .replace("+", "%20")
                                + "/command";
        if (patience != null) {
            var first = Math.min(patience.toMillis(), WAIT_IN_ONE_REQUEST.toMillis());
            path += "?wait=" + first + "ms";
        }
        return api.callWith(
                key == null ? Map.of() : Map.of("Idempotency-Key", key), "POST", path, order);
    }

    private static Document awaited(Api api, Document issued, long nanos) {
        var deadline = System.nanoTime() + nanos;
        var command = issued;
        try {
            while (!isOver(command)) {
                var left = deadline - System.nanoTime();
                if (left <= 0) {
                    break;
                }
                TimeUnit.NANOSECONDS.sleep(Math.min(left, LOOK_EVERY.toNanos()));
                command = CommandCommand.find(api, id(issued));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Failure.failed("interrupted; the command goes on: " + id(issued), e);
        }
        return command;
    }

    private static boolean isOver(Document command) {
        return command.text("completed_at").isPresent();
    }

    private static int exitCode(Document command) {
        if (!isOver(command)) {
            return NOT_YET;
        }
        return Lines.text(command, "status").equals("ack_success") ? 0 : Failure.FAILED;
    }

    private static String id(Document command) {
        return Lines.text(command, "command_id");
    }

    /// Of a command to one device what it said, of others the counts.
    private static String sentence(Document command, double milliseconds) {
        var time = String.format(java.util.Locale.ROOT, "%.0f ms", milliseconds);
        var status =
                isOver(command)
                        ? Lines.text(command, "status") + " after " + time
                        : Lines.text(command, "status") + ", not over after " + time;
        var dispatches = Lines.objects(command, "dispatches");
        if (!Lines.text(command, "target_device_count").equals("1") || dispatches.isEmpty()) {
            return id(command) + "  " + status + "  " + CommandCommand.counts(command);
        }
        return (id(command) + "  " + status + "  " + CommandCommand.outcome(dispatches.getFirst()))
                .stripTrailing();
    }
}
