package org.tethral.cli;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.tethral.json.Json;
import org.tethral.kernel.Document;
import org.tethral.kernel.Secret;
import org.tethral.kernel.Value;
import org.tethral.simulate.Plan;
import org.tethral.simulate.Plan.Wire;
import org.tethral.simulate.Report;
import org.tethral.simulate.Simulation;
import org.tethral.simulate.Watcher;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "simulate",
        description = {
            "Load a server with simulated devices; print how many of their reports it acknowledged, and how soon.",
            "Ctrl-C ends it early, with what it has counted by then.",
            "With --api-key (or TETHRAL_API_KEY, or the server of this --home) the devices are registered first; else they"
                    + " come from --tokens, or register themselves where the server lets them."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class SimulateCommand implements Callable<Integer> {

    private static final int DEVICES_MOST = 100_000;
    private static final String LOCAL = "127.0.0.1";
    private static final int MQTT_PORT = 1883;
    private static final int HTTP_PORT = 8080;
    private static final int COAP_PORT = 5683;

    private final Context context;

    @Mixin private ServerOptions server = new ServerOptions();

    @Option(
            names = "--protocol",
            paramLabel = "mqtt|http|websocket|coap",
            defaultValue = "mqtt",
            description = "what the devices speak (${DEFAULT-VALUE})")
    private String protocol = "mqtt";

    @Option(
            names = "--devices",
            paramLabel = "N",
            defaultValue = "50",
            description = "how many (${DEFAULT-VALUE})")
    private int devices;

    @Option(
            names = "--rate",
            paramLabel = "R",
            defaultValue = "0",
            description = "reports a second, all together; 0: as fast as they are acknowledged")
    private double rate;

    @Option(
            names = "--for",
            paramLabel = "TIME",
            defaultValue = "60s",
            description = "how long (${DEFAULT-VALUE})")
    private String length = "60s";

    @Option(
            names = "--messages",
            paramLabel = "M",
            defaultValue = "0",
            description = "end after so many reports")
    private long messages;

    @Option(
            names = "--in-flight",
            paramLabel = "N",
            defaultValue = "20",
            description = "unacknowledged reports per device (${DEFAULT-VALUE})")
    private int inFlight;

    @Option(
            names = "--connections",
            paramLabel = "N",
            defaultValue = "64",
            description = "of HTTP, which the devices share (${DEFAULT-VALUE})")
    private int connections;

    @Option(
            names = "--host",
            paramLabel = "HOST",
            description = "of the listener (that of the server)")
    private @Nullable String host;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            description = "of the listener (1883; CoAP: 5683; HTTP and WebSocket: the server's)")
    private @Nullable Integer port;

    @Option(
            names = "--prefix",
            paramLabel = "TEXT",
            defaultValue = "sim",
            description = "of device ids (${DEFAULT-VALUE})")
    private String prefix = "sim";

    @Option(
            names = "--tokens",
            paramLabel = "FILE",
            description = "devices that exist: lines of ID,TOKEN")
    private @Nullable Path tokens;

    @Option(
            names = "--state-share",
            paramLabel = "SHARE",
            defaultValue = "0.05",
            description = "reports that change the device's state, too (${DEFAULT-VALUE})")
    private double stateShare;

    @Mixin private ObedienceOptions obedience = new ObedienceOptions();

    @Option(
            names = "--message-ids",
            description = "give each report an id, so that the server knows a repetition")
    private boolean messageIds;

    @Option(
            names = "--seed",
            paramLabel = "S",
            description = "of values and chance; another one each time")
    private @Nullable Long seed;

    @Option(
            names = "--acknowledged",
            paramLabel = "FILE",
            description = "write DEVICE,MESSAGE_ID of each acknowledged report")
    private @Nullable Path acknowledged;

    @Option(names = "--json", description = "print JSON")
    private boolean json;

    SimulateCommand(Context context) {
        this.context = context;
    }

    @Override
    public Integer call() throws InterruptedException {
        var plan = plan();
        context.terminal()
                .err()
                .printf(
                        "%,d devices over %s on %s, seed %d%n",
                        plan.devices().size(),
                        plan.wire().word(),
                        plan.server().getHostString() + ":" + plan.server().getPort(),
                        plan.content().seed());
        var report = run(plan);
        if (json) {
            context.terminal().out().println(Json.write(document(plan, report)));
        } else {
            print(plan, report);
        }
        return report.refused() + report.unacknowledged() == 0 ? 0 : Failure.FAILED;
    }

    private Plan plan() {
        var wire = wire();
        var random = context.terminal().random();
        var chosenSeed = seed == null ? random.nextLong() >>> 16 : seed;
        try {
            var load =
                    new Plan.Load(rate, inFlight, connections, messages, Durations.parse(length));
            var run = "s" + Long.toString(random.nextLong() >>> 20, 36);
            var content =
                    new Plan.Content(
                            run, messageIds || acknowledged != null, stateShare, chosenSeed);
            return new Plan(wire, address(wire), identities(), load, content, obedience.parsed());
        } catch (IllegalArgumentException e) {
            throw Failure.misused(String.valueOf(e.getMessage()));
        }
    }

    private Wire wire() {
        try {
            return Wire.valueOf(protocol.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw Failure.misused(
                    "--protocol is mqtt, http, websocket or coap, not '" + protocol + "'");
        }
    }

    private InetSocketAddress address(Wire wire) {
        var found = server.find(context);
        var toHost = host != null ? host : found.map(one -> one.address().getHost()).orElse(LOCAL);
        if (port != null) {
            return new InetSocketAddress(toHost, port);
        }
        return new InetSocketAddress(
                toHost,
                switch (wire) {
                    case MQTT ->
                            found.map(ServerOptions.Server::mqttPort)
                                    .filter(known -> known > 0)
                                    .orElse(MQTT_PORT);
                    case COAP ->
                            found.map(ServerOptions.Server::coapPort)
                                    .filter(known -> known > 0)
                                    .orElse(COAP_PORT);
                    case HTTP, WEBSOCKET ->
                            found.map(one -> ServerOptions.port(one.address())).orElse(HTTP_PORT);
                });
    }

    private List<Plan.Identity> identities() {
        if (tokens != null) {
            return read(tokens);
        }
        if (devices < 1 || devices > DEVICES_MOST) {
            throw Failure.misused("--devices is a number from 1 to " + DEVICES_MOST);
        }
        var found = server.find(context);
        // without a key nobody can register: the tokens are then the same each time, so that
        // devices that registered
        // themselves are known again
        var secret = found.map(one -> one.key().sha256()).orElse("simulated");
        var identities = Plan.Identity.numbered(prefix, devices, secret);
        found.ifPresent(one -> register(one, identities));
        return identities;
    }

    private void register(ServerOptions.Server at, List<Plan.Identity> identities) {
        try (var registry = new RemoteRegistry(at);
                var progress =
                        new Progress(context.terminal(), "devices registered", identities.size())) {
            long done = 0;
            for (var identity : identities) {
                var device =
                        Document.of("device_id", Value.of(identity.device()))
                                .with("device_type", Value.of("simulated"));
                registry.ensure(device, new Secret(identity.token()));
                progress.reached(++done);
            }
        }
    }

    private static List<Plan.Identity> read(Path file) {
        var identities = new ArrayList<Plan.Identity>();
        try (var reader = Files.newBufferedReader(file)) {
            for (var cells = Csv.read(reader); cells.isPresent(); cells = Csv.read(reader)) {
                if (cells.get().size() < 2) {
                    throw Failure.misused(file + ": each line is ID,TOKEN");
                }
                identities.add(new Plan.Identity(cells.get().get(0), cells.get().get(1)));
            }
        } catch (IOException e) {
            throw Failure.failed("cannot read " + file + ": " + e, e);
        }
        return identities;
    }

    private Report run(Plan plan) throws InterruptedException {
        try (var progress = new Progress(context.terminal(), "acknowledged", messages);
                var log =
                        acknowledged == null
                                ? null
                                : Files.newBufferedWriter(acknowledged, StandardCharsets.UTF_8)) {
            return run(Simulation.start(plan, new Shown(plan, progress, log)));
        } catch (Simulation.Failed e) {
            throw Failure.failed(String.valueOf(e.getMessage()), e);
        } catch (IOException | UncheckedIOException e) {
            throw Failure.failed("cannot write " + acknowledged + ": " + e.getMessage(), e);
        }
    }

    private Report run(Simulation.UnderWay simulation) throws InterruptedException {
        var stop = context.terminal().stop();
        stop.listen();
        var waiting =
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                stop.await();
                                simulation.end();
                            } catch (InterruptedException e) {
                                // it ended as planned
                            }
                        });
        try {
            return simulation.report();
        } finally {
            waiting.interrupt();
        }
    }

    private record Shown(Plan plan, Progress progress, @Nullable BufferedWriter log)
            implements Watcher {
        @Override
        public void progress(long acknowledged) {
            progress.reached(acknowledged);
        }

        @Override
        public void acknowledged(String device, long number) {
            if (log != null) {
                try {
                    log.write(device + "," + plan.messageId(number) + "\n");
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }

    private void print(Plan plan, Report report) {
        var out = context.terminal().out();
        var latency = report.latency();
        out.printf(
                "acknowledged   %,d in %.1f s: %,.0f/s%n",
                report.acknowledged(), report.elapsed().toMillis() / 1e3, report.rate());
        out.printf("state changes  %,d%n", report.stateChanges());
        out.printf(
                "latency        p50 %s  p90 %s  p99 %s  p99.9 %s  max %s%n",
                Durations.milliseconds(latency.p50()),
                Durations.milliseconds(latency.p90()),
                Durations.milliseconds(latency.p99()),
                Durations.milliseconds(latency.p999()),
                Durations.milliseconds(latency.max()));
        out.printf(
                "refused        %,d    unacknowledged %,d    sent again %,d    reconnects %,d%n",
                report.refused(), report.unacknowledged(), report.resent(), report.reconnects());
        if (plan.obedience() != null) {
            var commanded = report.commands();
            out.printf(
                    "commands       %,d    done %,d    failed %,d    vanished %,d%n",
                    commanded.received(),
                    commanded.done(),
                    commanded.failed(),
                    commanded.vanished());
        }
        report.problems()
                .forEach(problem -> out.println("problem        " + Lines.printable(problem)));
    }

    static Document document(Plan plan, Report report) {
        var latency = report.latency();
        return Document.of("protocol", Value.of(plan.wire().word()))
                .with("devices", Value.of((long) plan.devices().size()))
                .with("seed", Value.of(plan.content().seed()))
                .with("run", Value.of(plan.content().run()))
                .with("acknowledged", Value.of(report.acknowledged()))
                .with("state_changes", Value.of(report.stateChanges()))
                .with("refused", Value.of(report.refused()))
                .with("unacknowledged", Value.of(report.unacknowledged()))
                .with("resent", Value.of(report.resent()))
                .with("reconnects", Value.of(report.reconnects()))
                .with("seconds", Value.of(report.elapsed().toMillis() / 1e3))
                .with("per_second", Value.of((double) Math.round(report.rate())))
                .with(
                        "latency_ms",
                        Document.of("p50", millis(latency.p50()))
                                .with("p90", millis(latency.p90()))
                                .with("p99", millis(latency.p99()))
                                .with("p999", millis(latency.p999()))
                                .with("max", millis(latency.max())))
                .with(
                        "commands",
                        Document.of("received", Value.of(report.commands().received()))
                                .with("done", Value.of(report.commands().done()))
                                .with("failed", Value.of(report.commands().failed()))
                                .with("vanished", Value.of(report.commands().vanished())))
                .with(
                        "problems",
                        new Value.Array(report.problems().stream().map(Value::of).toList()));
    }

    private static Value millis(Duration duration) {
        return Value.of(duration.toNanos() / 1e6);
    }
}
