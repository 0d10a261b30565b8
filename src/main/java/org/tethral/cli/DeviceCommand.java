package org.tethral.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.tethral.device.DeviceId;
import org.tethral.device.DeviceStore.History;
import org.tethral.json.Json;
import org.tethral.kernel.Document;
import org.tethral.kernel.Secret;
import org.tethral.kernel.Value;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "device",
        description =
                "The registry: through a running server (--server, or the one of this --home), else in the database itself.",
        mixinStandardHelpOptions = true)
final class DeviceCommand implements Runnable {

    @Spec private CommandSpec spec = CommandSpec.create();

    static CommandLine build(Context context) {
        return context.group(
                Context.Reach.DATABASE,
                new DeviceCommand(),
                new Add(context),
                new ListDevices(context),
                new Show(context),
                new Remove(context),
                new DeviceTransfer.Import(context),
                new DeviceTransfer.Export(context));
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(
                spec.commandLine(), "device what? add, list, show, remove, import or export");
    }

    /// What every act on the registry has.
    abstract static class Action implements Callable<Integer> {

        final Context context;

        @Spec private CommandSpec spec = CommandSpec.create();

        @Mixin private ServerOptions server = new ServerOptions();

        Action(Context context) {
            this.context = context;
        }

        abstract int act(Registry registry);

        @Override
        public Integer call() {
            try (var registry = registry()) {
                return act(registry);
            }
        }

        private Registry registry() {
            var found = server.find(context);
            if (found.isPresent()) {
                return new RemoteRegistry(found.get());
            }
            return new LocalRegistry(
                    context.programs().open(context.given(spec)), context.terminal());
        }
    }

    /// The device that an act is about.
    static final class Target {
        @Parameters(
                index = "0",
                paramLabel = "ID",
                description = "the device's id",
                converter = IdConverter.class)
        private @Nullable DeviceId id;

        DeviceId id() {
            return Objects.requireNonNull(id, "picocli asks for it");
        }
    }

    static final class IdConverter implements CommandLine.ITypeConverter<DeviceId> {
        @Override
        public DeviceId convert(String text) {
            try {
                return new DeviceId(text);
            } catch (IllegalArgumentException e) {
                throw new CommandLine.TypeConversionException("'" + text + "': " + e.getMessage());
            }
        }
    }

    @Command(
            name = "add",
            description =
                    "Register a device. Its access token is printed once, alone on the last line.",
            mixinStandardHelpOptions = true,
            sortOptions = false)
    static final class Add extends Action {
        @Mixin private Target target = new Target();

        @Option(
                names = "--type",
                paramLabel = "TYPE",
                description = "what it is: sensor, display, …")
        private @Nullable String type;

        @Option(names = "--name", paramLabel = "NAME", description = "what people call it (its id)")
        private @Nullable String name;

        @Option(names = "--profile", paramLabel = "ID", description = "the id of its profile")
        private @Nullable String profile;

        @Option(
                names = "--token",
                paramLabel = "TOKEN",
                description = "its token, where it has one already")
        private @Nullable String token;

        @Option(names = "--json", description = "print JSON")
        private boolean json;

        Add(Context context) {
            super(context);
        }

        @Override
        int act(Registry registry) {
            var id = target.id();
            var device = Document.of("device_id", Value.of(id.value()));
            device = name == null ? device : device.with("name", Value.of(name));
            device = type == null ? device : device.with("device_type", Value.of(type));
            device = profile == null ? device : device.with("profile_id", Value.of(profile));
            var secret = registry.add(device, token == null ? null : secret(token));
            var terminal = context.terminal();
            if (json) {
                terminal.out().println(Json.write(device.with("token", Value.of(secret.reveal()))));
            } else {
                terminal.err()
                        .println("device " + id + " is registered; its token is not shown again:");
                terminal.out().println(secret.reveal());
            }
            return 0;
        }

        private static Secret secret(String token) {
            try {
                return new Secret(token);
            } catch (IllegalArgumentException e) {
                throw Failure.misused("--token: " + e.getMessage());
            }
        }
    }

    @Command(
            name = "list",
            description = "List devices in the order of their ids.",
            mixinStandardHelpOptions = true,
            sortOptions = false)
    static final class ListDevices extends Action {
        @Option(
                names = "--status",
                paramLabel = "STATUS",
                description = "online, offline or unknown")
        private @Nullable String status;

        @Option(names = "--type", paramLabel = "TYPE", description = "of this type")
        private @Nullable String type;

        @Option(
                names = "--protocol",
                paramLabel = "PROTOCOL",
                description = "that speak it: mqtt, http, websocket, coap or lorawan")
        private @Nullable String protocol;

        @Option(
                names = "--search",
                paramLabel = "TEXT",
                description = "a part of the id or the name")
        private @Nullable String search;

        @Option(
                names = "--limit",
                paramLabel = "N",
                defaultValue = "1000",
                description = "at most that many (${DEFAULT-VALUE})")
        private long limit;

        @Option(names = "--json", description = "print a JSON array")
        private boolean json;

        ListDevices(Context context) {
            super(context);
        }

        @Override
        int act(Registry registry) {
            var out = context.terminal().out();
            var devices = new ArrayList<Document>();
            registry.list(new Registry.Wanted(status, type, protocol, search), limit, devices::add);
            if (json) {
                out.println(Json.write(new Value.Array(List.copyOf(devices))));
                return 0;
            }
            var rows = new ArrayList<List<String>>();
            for (var device : devices) {
                rows.add(
                        List.of(
                                Lines.text(device, "device_id"),
                                Lines.text(device, "device_type"),
                                Lines.text(device, "status"),
                                Lines.text(device, "last_seen_at"),
                                Lines.text(device, "name")));
            }
            Lines.table(out, List.of("DEVICE", "TYPE", "STATUS", "LAST SEEN", "NAME"), rows);
            return 0;
        }
    }

    @Command(
            name = "show",
            description = "Print all that is known of a device.",
            mixinStandardHelpOptions = true,
            sortOptions = false)
    static final class Show extends Action {
        @Mixin private Target target = new Target();

        @Option(names = "--json", description = "print JSON")
        private boolean json;

        Show(Context context) {
            super(context);
        }

        @Override
        int act(Registry registry) {
            var device = registry.find(target.id()).orElseThrow(() -> unknown(target.id()));
            var out = context.terminal().out();
            if (json) {
                out.println(Json.write(device));
                return 0;
            }
            var rows = new ArrayList<List<String>>();
            device.values().forEach((name, value) -> rows.add(List.of(name, Lines.text(value))));
            Lines.table(out, List.of("NAME", "VALUE"), rows);
            return 0;
        }
    }

    @Command(
            name = "remove",
            description = "Remove a device and its credentials.",
            mixinStandardHelpOptions = true,
            sortOptions = false)
    static final class Remove extends Action {
        @Mixin private Target target = new Target();

        @Option(
                names = "--purge",
                description = "remove all that it ever reported, too; else that is kept")
        private boolean purge;

        Remove(Context context) {
            super(context);
        }

        @Override
        int act(Registry registry) {
            if (!registry.remove(target.id(), purge ? History.PURGE : History.KEEP)) {
                throw unknown(target.id());
            }
            context.terminal().err().println("device " + target.id() + " is removed");
            return 0;
        }
    }

    static Failure unknown(DeviceId id) {
        return Failure.failed("there is no device " + id);
    }
}
