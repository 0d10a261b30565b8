package org.tethral.cli;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.Callable;
import org.tethral.kernel.Document;
import org.tethral.kernel.Secret;
import org.tethral.kernel.Value;
import org.tethral.simulate.DemoFleet;
import org.tethral.simulate.Resident;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "demo",
        description = {
            "Run the platform with a dozen simulated devices, and let others register themselves.",
            "Everything is kept: a second start continues with the same data."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class DemoCommand implements Callable<Integer> {

    private final Context context;

    @Spec private CommandSpec spec = CommandSpec.create();

    DemoCommand(Context context) {
        this.context = context;
    }

    @Override
    public Integer call() throws InterruptedException {
        var terminal = context.terminal();
        var given = context.given(spec);
        try (var platform = context.programs().serve(given, true)) {
            var running =
                    context.programs()
                            .running(given)
                            .orElseThrow(
                                    () -> Failure.failed("the server does not say where it is"));
            register(running);
            var mqtt =
                    new InetSocketAddress(running.http().getHost(), platform.mqttPort().orElse(0));
            var coap =
                    new InetSocketAddress(running.http().getHost(), platform.coapPort().orElse(0));
            try (var _ =
                    DemoFleet.start(
                            running.http(),
                            mqtt,
                            coap,
                            resident -> token(running.key(), resident),
                            running.key(),
                            terminal.clock(),
                            terminal.random().nextLong())) {
                terminal.stop().listen();
                terminal.out().println(platform.readyLine());
                terminal.out()
                        .println(
                                "console "
                                        + platform.http()
                                        + " with "
                                        + DemoFleet.residents().size()
                                        + " simulated devices");
                platform.signInLink().ifPresent(link -> terminal.out().println("sign in " + link));
                terminal.out().flush();
                terminal.stop().await();
            }
        }
        return 0;
    }

    private static void register(Programs.Running running) {
        try (var registry = new RemoteRegistry(ServerOptions.of(running))) {
            for (var resident : DemoFleet.residents()) {
                registry.ensure(row(resident), new Secret(token(running.key(), resident)));
            }
        }
    }

    private static Document row(Resident resident) {
        return Document.of("device_id", Value.of(resident.id()))
                .with("name", Value.of(resident.name()))
                .with("device_type", Value.of(resident.type()))
                .with("manufacturer", Value.of(resident.manufacturer()))
                .with("model", Value.of(resident.model()))
                .with("protocol", Value.of(resident.wire().word()))
                .with("capabilities", new Value.Array(List.of(Value.of("demo"))));
    }

    /// The same at each start, and known to nobody who cannot read the home.
    private static String token(Secret key, Resident resident) {
        return new Secret(key.reveal() + resident.id()).sha256();
    }
}
