package org.tethral.cli;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.random.RandomGenerator;
import org.tethral.account.AccountStore;
import org.tethral.account.AuditLog;
import org.tethral.account.Ownership;
import org.tethral.account.PasswordHash;
import org.tethral.account.UserStore;
import org.tethral.archive.Manifest;
import org.tethral.archive.UnusableBackup;
import org.tethral.device.CredentialStore;
import org.tethral.device.DeviceStore;
import org.tethral.kernel.Document;
import org.tethral.kernel.Secret;
import org.tethral.state.HistoryStore;

/// What the commands need of the wired program. Each throws [Failure] with a line for people where
/// it cannot.
public interface Programs {

    /// As it is printed by `--version`.
    String version();

    List<Setting> settings();

    /// Every setting with the value that these would have.
    List<Setting.InForce> config(Given given);

    /// Starts the platform; returns when it is ready.
    ///
    /// @param demo devices may register themselves, and the first user gets a sign-in link
    Platform serve(Given given, boolean demo);

    /// The server of these settings' home, if one runs there.
    Optional<Running> running(Given given);

    /// Opens the database itself, migrated to what this program needs; no server may run on it.
    Stores open(Given given);

    /// Opens the database to read it, also beside a server.
    Stores openToRead(Given given);

    /// Fills the database from a backup; no server may run on it.
    ///
    /// @param replace false: one that holds anything is refused
    /// @param progress is told the rows that were filled in and compared so far, of twice as many
    ///   as the backup has
    /// @throws UnusableBackup the file is damaged, incomplete, or of a later program
    Manifest restore(Given given, Path file, boolean replace, LongConsumer progress);

    /// @param mqttPort 0: it has no such listener; so with `coapPort`
    /// @param key lets whoever can read the home act as administrator
    record Running(long process, URI http, int mqttPort, int coapPort, Secret key) {}

    /// An open database.
    interface Stores extends AutoCloseable {

        /// `{"database": …, "version": …, "tables": [{"name", "columns": [{"name", "type",
        /// "nullable"}], "indexes": [{"name", "columns", "unique"}]}]}`
        Document schema();

        DeviceStore devices();

        CredentialStore credentials();

        AccountStore accounts();

        HistoryStore history();

        AuditLog audit();

        UserStore users();

        Ownership ownership();

        /// @param salts must be hard to guess
        PasswordHash passwords(RandomGenerator salts);

        /// Writes all that there is into a new file.
        ///
        /// @throws IOException it cannot be written, or there is one of that name
        Manifest backup(Path file, LongConsumer progress) throws IOException;

        /// Checks what must always hold; one finding per check, those that hold included.
        ///
        /// @param progress is told how many were checked, after each
        List<Finding> verify(LongConsumer progress);

        @Override
        void close();
    }

    /// @param broken how many rows contradict it
    /// @param example one of them, in words; empty when none does
    record Finding(String invariant, long checked, long broken, String example) {}
}
