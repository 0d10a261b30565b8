package org.tethral;

import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.tethral.account.AccountStore;
import org.tethral.account.AuditLog;
import org.tethral.account.Ownership;
import org.tethral.account.PasswordHash;
import org.tethral.account.UserStore;
import org.tethral.archive.Manifest;
import org.tethral.argon2.Argon2PasswordHash;
import org.tethral.cli.Failure;
import org.tethral.cli.Programs;
import org.tethral.device.CredentialStore;
import org.tethral.device.DeviceStore;
import org.tethral.kernel.Document;
import org.tethral.kernel.StorageException;
import org.tethral.sql.Backup;
import org.tethral.sql.Database;
import org.tethral.sql.DatabaseUrl;
import org.tethral.sql.Restore;
import org.tethral.sql.Schema;
import org.tethral.sql.SqlAccountStore;
import org.tethral.sql.SqlAuditLog;
import org.tethral.sql.SqlCredentialStore;
import org.tethral.sql.SqlDeviceStore;
import org.tethral.sql.SqlHistoryStore;
import org.tethral.sql.SqlOwnership;
import org.tethral.sql.SqlUserStore;
import org.tethral.sql.Verify;
import org.tethral.state.HistoryStore;

/// A database without a server, for commands.
final class OpenDatabase implements Programs.Stores {

    private final @Nullable Home home;
    private final Database database;
    private final InstantSource clock;

    private OpenDatabase(@Nullable Home home, Database database, InstantSource clock) {
        this.home = home;
        this.database = database;
        this.clock = clock;
    }

    /// Holds the home as long as it is open: no server starts meanwhile.
    static OpenDatabase toWrite(Config config, InstantSource clock) {
        var home = Home.open(config.home());
        try {
            return new OpenDatabase(home, open(() -> Database.open(url(config), clock)), clock);
        } catch (RuntimeException e) {
            home.close();
            throw e;
        }
    }

    static OpenDatabase toRead(Config config, InstantSource clock) {
        return new OpenDatabase(null, open(() -> Database.openToRead(url(config))), clock);
    }

    private static DatabaseUrl url(Config config) {
        return DatabaseUrl.parse(config.database());
    }

    private static Database open(java.util.function.Supplier<Database> opening) {
        try {
            return opening.get();
        } catch (StorageException | IllegalArgumentException e) {
            throw Failure.failed(String.valueOf(e.getMessage()), e);
        }
    }

    @Override
    public Document schema() {
        return Schema.of(database);
    }

    @Override
    public DeviceStore devices() {
        return new SqlDeviceStore(database);
    }

    @Override
    public CredentialStore credentials() {
        return new SqlCredentialStore(database);
    }

    @Override
    public AccountStore accounts() {
        return new SqlAccountStore(database);
    }

    @Override
    public HistoryStore history() {
        return new SqlHistoryStore(database, _ -> {});
    }

    @Override
    public AuditLog audit() {
        return new SqlAuditLog(database);
    }

    @Override
    public Manifest backup(Path file, LongConsumer progress) throws IOException {
        return Backup.write(database, file, clock.instant(), progress);
    }

    /// Holds the home meanwhile: no server starts.
    static Manifest restored(
            Config config, InstantSource clock, Path file, boolean replace, LongConsumer progress) {
        try (var _ = Home.open(config.home())) {
            return Restore.run(url(config), file, replace, clock, progress);
        }
    }

    @Override
    public Ownership ownership() {
        return new SqlOwnership(database);
    }

    @Override
    public UserStore users() {
        return new SqlUserStore(database);
    }

    @Override
    public PasswordHash passwords(RandomGenerator salts) {
        return new Argon2PasswordHash(salts);
    }

    @Override
    public List<Programs.Finding> verify(LongConsumer progress) {
        return Verify.of(database, progress).stream()
                .map(found ->
                        new Programs.Finding(
                                found.invariant(),
                                found.checked(),
                                found.broken(),
                                found.example()))
                .toList();
    }

    @Override
    public void close() {
        database.close();
        if (home != null) {
            home.close();
        }
    }
}
