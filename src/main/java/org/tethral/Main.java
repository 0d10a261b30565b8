package org.tethral;

import java.security.SecureRandom;
import java.time.InstantSource;
import org.tethral.cli.Cli;
import org.tethral.cli.Signals;
import org.tethral.cli.Terminal;

/// The command line of Tethral.
public final class Main {
    private Main() {}

    /// EX_SOFTWARE of sysexits.h.
    private static final int EXIT_CODE_FAULT = 70;

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
        var cli = new Cli(new Launch(InstantSource.system(), new SecureRandom()), terminal);
        int code;
        try {
            code = cli.execute(arguments);
        } catch (Error e) {
            // what else runs would hold ports and locks, and answer nobody
            e.printStackTrace(System.err);
            code = EXIT_CODE_FAULT;
        }
        System.exit(code);
    }
}
