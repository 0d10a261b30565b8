package org.tethral.cli;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tethral.json.Json;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "command",
        description =
                "Instructions to devices: through a running server (--server, or the one of this --home).",
        mixinStandardHelpOptions = true)
final class CommandCommand implements Runnable {

    private static final int TIME_LENGTH = "2026-01-31T12:00:00".length();

    @Spec private CommandSpec spec = CommandSpec.create();

    static CommandLine build(Context context) {
        return context.group(
                Context.Reach.HOME,
                new CommandCommand(),
                new CommandSend(context),
                new ListCommands(context),
                new Show(context),
                new Cancel(context));
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(
                spec.commandLine(), "command what? send, list, show or cancel");
    }

    /// What every act has.
    abstract static class Action implements Callable<Integer> {

        final Context context;

        @Mixin private ServerOptions server = new ServerOptions();

        Action(Context context) {
            this.context = context;
        }

        abstract int act(Api api);

        @Override
        public Integer call() {
            try (var api = new Api(server.require(context))) {
                return act(api);
            }
        }
    }

    @Command(
            name = "list",
            description = "List commands, newest first.",
            mixinStandardHelpOptions = true,
            sortOptions = false)
    static final class ListCommands extends Action {

        private static final int PAGE_MAX = 1_000;

        @Option(
                names = "--status",
                paramLabel = "STATUS",
                description =
                        "pending, sent, delivered, ack_success, ack_error, timeout, expired or cancelled")
        private @Nullable String status;

        @Option(names = "--device", paramLabel = "ID", description = "that went to this device")
        private @Nullable String device;

        @Option(names = "--type", paramLabel = "TYPE", description = "to devices of this type")
        private @Nullable String type;

        @Option(
                names = "--limit",
                paramLabel = "N",
                defaultValue = "100",
                description = "at most that many (${DEFAULT-VALUE})")
        private long limit;

        @Option(names = "--json", description = "print a JSON array")
        private boolean json;

        ListCommands(Context context) {
            super(context);
        }

        @Override
        int act(Api api) {
            var commands = commands(api);
            var out = context.terminal().out();
            if (json) {
                out.println(Json.write(new Value.Array(List.copyOf(commands))));
                return 0;
            }
            var rows = new ArrayList<List<String>>();
            for (var command : commands) {
                rows.add(
                        List.of(
                                time(command, "created_at"),
                                Lines.text(command, "command_id"),
                                Lines.text(command, "command_name"),
                                target(command),
                                Lines.text(command, "status"),
                                counts(command)));
            }
            Lines.table(out, List.of("ISSUED", "COMMAND", "NAME", "TO", "STATUS", "DEVICES"), rows);
            return 0;
        }

        private List<Document> commands(Api api) {
            var wanted = new LinkedHashMap<String, String>();
            Lines.put(wanted, "status", status);
            Lines.put(wanted, "device_id", device);
            Lines.put(wanted, "device_type", type);
            var all = new ArrayList<Document>();
            while (all.size() < limit) {
                wanted.put("limit", Long.toString(Math.min(limit - all.size(), PAGE_MAX)));
                var answer = api.call("GET", "/api/v1/command-logs?" + query(wanted), null);
                if (answer.status() != 200) {
                    throw Api.refused(answer);
                }
                all.addAll(Lines.objects(answer.body(), "items"));
                var next = answer.body().text("next_cursor");
                if (next.isEmpty()) {
                    break;
                }
                wanted.put("cursor", next.get());
            }
            return all;
        }

        private static String query(Map<String, String> wanted) {
            return wanted.entrySet().stream()
                    .map(one ->
                            one.getKey()
                                    + "="
                                    + URLEncoder.encode(one.getValue(), StandardCharsets.UTF_8))
                    .collect(Collectors.joining("&"));
        }
    }

    @Command(
            name = "show",
            description = "Print a command, and how far it is with each of its devices.",
            mixinStandardHelpOptions = true,
            sortOptions = false)
    static final class Show extends Action {

        @Parameters(index = "0", paramLabel = "COMMAND", description = "the command's id")
        private String id = "";

        @Option(names = "--json", description = "print JSON")
        private boolean json;

        Show(Context context) {
            super(context);
        }

        @Override
        int act(Api api) {
            var command = find(api, id);
            var out = context.terminal().out();
            if (json) {
                out.println(Json.write(command));
                return 0;
            }
            var dispatches = Lines.objects(command, "dispatches");
            var rows = new ArrayList<List<String>>();
            command.values()
                    .forEach((name, value) -> {
                        if (!name.equals("dispatches") && value != Value.Null.NULL) {
                            rows.add(List.of(name, Lines.text(value)));
                        }
                    });
            Lines.table(out, List.of("NAME", "VALUE"), rows);
            out.println();
            var devices = new ArrayList<List<String>>();
            for (var dispatch : dispatches) {
                devices.add(
                        List.of(
                                Lines.text(dispatch, "device_id"),
                                Lines.text(dispatch, "status"),
                                Lines.text(dispatch, "attempts"),
                                time(dispatch, "sent_at"),
                                Lines.text(dispatch, "response_time_ms"),
                                outcome(dispatch)));
            }
            Lines.table(
                    out, List.of("DEVICE", "STATUS", "ATTEMPTS", "SENT", "MS", "ANSWER"), devices);
            if (command.text("next_cursor").isPresent()) {
                out.println("… and more devices");
            }
            return 0;
        }
    }

    @Command(
            name = "cancel",
            description =
                    "Cancel what is still open of a command. What a device has already, it may do all the same.",
            mixinStandardHelpOptions = true,
            sortOptions = false)
    static final class Cancel extends Action {

        @Parameters(index = "0", paramLabel = "COMMAND", description = "the command's id")
        private String id = "";

        @Option(names = "--json", description = "print JSON")
        private boolean json;

        Cancel(Context context) {
            super(context);
        }

        @Override
        int act(Api api) {
            var answer = api.call("POST", path(id) + "/cancel", Document.EMPTY);
            if (answer.status() != 200) {
                throw refused(answer, id);
            }
            var command = answer.body();
            context.terminal()
                    .out()
                    .println(
                            json
                                    ? Json.write(command)
                                    : Lines.text(command, "status") + "  " + counts(command));
            return 0;
        }
    }

    static Document find(Api api, String id) {
        var answer = api.call("GET", path(id), null);
        if (answer.status() != 200) {
            throw refused(answer, id);
        }
        return answer.body();
    }

    private static Failure refused(Api.Response answer, String id) {
        return answer.status() == 404
                ? Failure.failed("there is no command " + id)
                : Api.refused(answer);
    }

    private static String path(String id) {
        return "/api/v1/command-logs/" + URLEncoder.encode(id, StandardCharsets.UTF_8);
    }

    /// Whom the command was issued for.
    private static String target(Document command) {
        return command.find("target").orElse(Document.EMPTY) instanceof Document target
                ? target.values().entrySet().stream()
                        .map(one ->
                                one.getKey().equals("device_id")
                                        ? Lines.text(one.getValue())
                                        : one.getKey() + " " + Lines.text(one.getValue()))
                        .collect(Collectors.joining(" "))
                : "";
    }

    /// `3 ack_success, 1 sent`.
    static String counts(Document command) {
        return command.find("progress").orElse(Document.EMPTY) instanceof Document progress
                ? progress.values().entrySet().stream()
                        .filter(one -> !Lines.text(one.getValue()).equals("0"))
                        .map(one -> Lines.text(one.getValue()) + " " + one.getKey())
                        .collect(Collectors.joining(", "))
                : "";
    }

    /// What a device answered, or what became of the command instead.
    static String outcome(Document dispatch) {
        var said = Lines.text(dispatch, "message");
        var error = Lines.text(dispatch, "error");
        var words = said.isEmpty() ? error : said;
        var response =
                dispatch.find("response").orElse(Value.Null.NULL) instanceof Document empty
                                && empty.isEmpty()
                        ? ""
                        : Lines.text(dispatch, "response");
        return words.isEmpty() || response.isEmpty() ? words + response : words + "  " + response;
    }

    private static String time(Document document, String name) {
        var text = Lines.text(document, name);
        return text.substring(0, Math.min(TIME_LENGTH, text.length())).replace('T', ' ');
    }
}
