package org.tethral.cli;

import java.util.LinkedHashMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.tethral.json.Json;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "events",
        description = "What happens: of a running server (--server, or the one of this --home).",
        mixinStandardHelpOptions = true)
final class EventsCommand implements Runnable {

    @Spec private CommandSpec spec = CommandSpec.create();

    static CommandLine build(Context context) {
        return context.group(Context.Reach.HOME, new EventsCommand(), new Tail(context));
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "events what? tail");
    }

    @Command(
            name = "tail",
            description =
                    "Print events as they happen, until interrupted. Goes on without a gap when the connection comes back.",
            mixinStandardHelpOptions = true,
            sortOptions = false)
    static final class Tail implements Callable<Integer> {

        private static final String BOLD_RED = "\u001b[1;31m";
        private static final String YELLOW = "\u001b[33m";
        private static final String PLAIN = "\u001b[0m";
        private static final int TIME_LENGTH = "2026-01-31T12:00:00".length();
        private static final int TYPE_WIDTH = 24;
        private static final int DEVICE_WIDTH = 20;
        private static final int PRIORITY_WIDTH = 8;

        private final Context context;

        @Mixin private ServerOptions server = new ServerOptions();

        @Option(
                names = "--type",
                paramLabel = "TYPE",
                description = "of this type; device.* are all that begin so")
        private @Nullable String type;

        @Option(names = "--device", paramLabel = "ID", description = "of this device")
        private @Nullable String device;

        @Option(names = "--source", paramLabel = "SOURCE", description = "told by this source")
        private @Nullable String source;

        @Option(
                names = "--priority",
                paramLabel = "PRIORITY",
                description = "that or higher: low, normal, high or critical")
        private @Nullable String priority;

        @Option(
                names = "--filter",
                paramLabel = "CONDITION",
                description = "on the data: \"temperature > 30\"")
        private @Nullable String filter;

        @Option(
                names = "--after",
                paramLabel = "SEQUENCE",
                description = "begin behind that event; else with what happens from now on")
        private @Nullable Long after;

        @Option(names = "--limit", paramLabel = "N", description = "end after so many events")
        private long limit = Long.MAX_VALUE;

        @Option(names = "--json", description = "one JSON object per line")
        private boolean json;

        Tail(Context context) {
            this.context = context;
        }

        @Override
        public Integer call() throws InterruptedException {
            var found = server.require(context);
            var wanted = new LinkedHashMap<String, String>();
            Lines.put(wanted, "type", type);
            Lines.put(wanted, "device_id", device);
            Lines.put(wanted, "source", source);
            Lines.put(wanted, "priority", priority);
            Lines.put(wanted, "filter", filter);
            Lines.put(wanted, "after", after == null ? null : after.toString());
            try (var following = new Following(found, wanted, context.terminal().err())) {
                for (long n = 0; n < limit; n++) {
                    var event = following.next();
                    context.terminal().out().println(json ? Json.write(event) : line(event));
                    if (context.terminal().out().checkError()) {
                        return 0; // who read it went away: `| head`
                    }
                }
            }
            return 0;
        }

        private String line(Document event) {
            var time = Lines.text(event, "timestamp");
            var level = Lines.text(event, "priority");
            var text =
                    time.substring(0, Math.min(TIME_LENGTH, time.length())).replace('T', ' ')
                            + "  "
                            + Lines.padded(level, PRIORITY_WIDTH)
                            + "  "
                            + Lines.padded(Lines.printable(Lines.text(event, "type")), TYPE_WIDTH)
                            + "  "
                            + Lines.padded(
                                    Lines.printable(Lines.text(event, "device_id")), DEVICE_WIDTH)
                            + "  "
                            + data(event);
            return coloured(level, text.stripTrailing());
        }

        private static String data(Document event) {
            var text = new StringBuilder();
            if (event.find("data").orElse(Document.EMPTY) instanceof Document data) {
                for (var entry : data.values().entrySet()) {
                    text.append(text.isEmpty() ? "" : " ")
                            .append(Lines.printable(entry.getKey()))
                            .append('=')
                            .append(shown(entry.getValue()));
                }
            }
            return text.toString();
        }

        private static String shown(Value value) {
            return Lines.printable(
                    value instanceof Value.Text(var text)
                                    && text.matches("[^\\s\"=]+") // plain enough without quotes
                            ? text
                            : Json.write(value));
        }

        private String coloured(String level, String text) {
            if (!context.terminal().interactive()
                    || context.terminal().environment().containsKey("NO_COLOR")) {
                return text;
            }
            return switch (level) {
                case "critical" -> BOLD_RED + text + PLAIN;
                case "high" -> YELLOW + text + PLAIN;
                default -> text;
            };
        }
    }
}
