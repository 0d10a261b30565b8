package org.tethral;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/// The command line of Tethral.
@Command(
        name = "tethral",
        description = "A device platform in one process.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class)
public final class Main implements Runnable {
    private Main() {}

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Main()).execute(arguments));
    }

    @Override
    public void run() {
        CommandLine.usage(this, System.out);
    }

    /// The version that the build wrote into the jar; `development` when run from classes.
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            var version = Main.class.getPackage().getImplementationVersion();
            return new String[] {"tethral " + (version == null ? "development" : version)};
        }
    }
}
