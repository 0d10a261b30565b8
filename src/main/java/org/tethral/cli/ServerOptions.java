package org.tethral.cli;

import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tethral.kernel.Secret;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Which running server a command talks to.
final class ServerOptions {

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command = CommandSpec.create();

    @Option(
            names = "--server",
            paramLabel = "URL",
            description =
                    "a running server; also TETHRAL_SERVER; else the one of --home, if one runs there")
    private @Nullable String server;

    @Option(
            names = "--api-key",
            paramLabel = "KEY",
            description = "for that server; better TETHRAL_API_KEY")
    private @Nullable String apiKey;

    /// @param mqttPort 0: nobody knows; so with `coapPort`
    record Server(URI address, int mqttPort, int coapPort, Secret key) {}

    /// Empty: none was named, and none runs on this home.
    ///
    /// @throws Failure one was named without its key
    Optional<Server> find(Context context) {
        var environment = context.terminal().environment();
        var named = given(server, environment, "TETHRAL_SERVER");
        if (named.isPresent()) {
            var key = given(apiKey, environment, "TETHRAL_API_KEY");
            if (key.isEmpty()) {
                throw Failure.misused(
                        "give the API key of " + named.get() + " by --api-key or TETHRAL_API_KEY");
            }
            return Optional.of(new Server(address(named.get()), 0, 0, new Secret(key.get())));
        }
        return context.programs().running(context.given(command)).map(ServerOptions::of);
    }

    /// @throws Failure there is none
    Server require(Context context) {
        return find(context)
                .orElseThrow(
                        () -> Failure.failed("no server runs on this home; name one by --server"));
    }

    static Server of(Programs.Running running) {
        return new Server(running.http(), running.mqttPort(), running.coapPort(), running.key());
    }

    private static Optional<String> given(
            @Nullable String flag, Map<String, String> environment, String variable) {
        return Optional.ofNullable(flag == null ? environment.get(variable) : flag)
                .map(String::strip)
                .filter(text -> !text.isEmpty());
    }

    static int port(URI address) {
        if (address.getPort() >= 0) {
            return address.getPort();
        }
        return "https".equals(address.getScheme()) ? 443 : 80;
    }

    private static URI address(String text) {
        try {
            var address = URI.create(text);
            if (address.getHost() != null
                    && List.of("http", "https").contains(address.getScheme())) {
                return address;
            }
        } catch (IllegalArgumentException e) {
            // told below
        }
        throw Failure.misused("'" + text + "' is no server: http://HOST:PORT is expected");
    }
}
