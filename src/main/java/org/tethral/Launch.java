package org.tethral;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.random.RandomGenerator;
import org.tethral.archive.Manifest;
import org.tethral.cli.Given;
import org.tethral.cli.Platform;
import org.tethral.cli.Programs;
import org.tethral.cli.Setting;

/// What commands start.
final class Launch implements Programs {

    private final InstantSource clock;
    private final RandomGenerator random;

    Launch(InstantSource clock, RandomGenerator random) {
        this.clock = clock;
        this.random = random;
    }

    @Override
    public String version() {
        return programVersion();
    }

    /// The version that the build wrote into the jar; `development` when run from classes.
    static String programVersion() {
        var version = Main.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }

    @Override
    public List<Setting> settings() {
        return AllSettings.LIST;
    }

    @Override
    public List<Setting.InForce> config(Given given) {
        return Config.resolve(given).inForce();
    }

    @Override
    public Optional<Running> running(Given given) {
        return Home.running(Config.resolve(given).home());
    }

    @Override
    public Platform serve(Given given, boolean demo) {
        var settings = demo ? given.withDefault("open-registration", "true") : given;
        return Tethral.start(configured(settings), clock, random);
    }

    @Override
    public Stores open(Given given) {
        return OpenDatabase.toWrite(configured(given), clock);
    }

    @Override
    public Stores openToRead(Given given) {
        return OpenDatabase.toRead(configured(given), clock);
    }

    @Override
    public Manifest restore(Given given, Path file, boolean replace, LongConsumer progress) {
        return OpenDatabase.restored(configured(given), clock, file, replace, progress);
    }

    private static Config configured(Given given) {
        var config = Config.resolve(given);
        Logs.apply(config);
        return config;
    }
}
