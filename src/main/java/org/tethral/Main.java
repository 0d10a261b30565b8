package org.tethral;

import java.security.SecureRandom;
import java.time.InstantSource;
import org.tethral.cli.Cli;
import org.tethral.cli.Signals;
import org.tethral.cli.Terminal;

/// The command line of Tethral.
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        var terminal =
                new Terminal(
                        System.out,
                        System.err,
                        System.console() != null && System.console().isTerminal(),
                        System.getenv(),
                        new Signals(),
                        InstantSource.system(),
                        new SecureRandom());
        System.exit(
                new Cli(new Launch(InstantSource.system(), new SecureRandom()), terminal)
                        .execute(arguments));
    }
}
