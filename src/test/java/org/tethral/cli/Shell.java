package org.tethral.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
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
import org.tethral.device.CredentialStore;
import org.tethral.device.DeviceStore;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;
import org.tethral.sql.Backup;
import org.tethral.sql.Database;
import org.tethral.sql.DatabaseUrl;
import org.tethral.sql.Restore;
import org.tethral.sql.SqlAccountStore;
import org.tethral.sql.SqlAuditLog;
import org.tethral.sql.SqlCredentialStore;
import org.tethral.sql.SqlDeviceStore;
import org.tethral.sql.SqlHistoryStore;
import org.tethral.sql.SqlOwnership;
import org.tethral.sql.SqlUserStore;
import org.tethral.state.HistoryStore;

/// A terminal in which commands run in this process, on an SQLite file.
final class Shell {

    final Map<String, String> environment = new HashMap<>();
    final List<Programs.Finding> findings = new ArrayList<>();
    final DatabaseUrl database;
    @Nullable RuntimeException serveFails;
    boolean platformClosed;

    /// A person watches.
    boolean interactive;

    /// What was printed before the program listened for the signal to end.
    @Nullable String beforeListening;

    Shell(Path directory) {
        database = DatabaseUrl.parse("sqlite:" + directory.resolve("tethral.db"));
    }

    record Result(int code, String out, String err) {
        List<String> outLines() {
            return out.lines().toList();
        }

        List<String> errLines() {
            return err.lines().toList();
        }
    }

    Result run(String... arguments) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        var terminal =
                new Terminal(
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        interactive,
                        environment,
                        new Stop(out),
                        InstantSource.system(),
                        new SplittableRandom());
        var code = new Cli(new OnSqlite(), terminal).execute(arguments);
        return new Result(
                code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    private final class Stop implements Terminal.Stop {
        private final ByteArrayOutputStream out;

        private Stop(ByteArrayOutputStream out) {
            this.out = out;
        }

        @Override
        public void listen() {
            beforeListening = out.toString(StandardCharsets.UTF_8);
        }

        @Override
        public void await() {
            // told already
        }
    }

    Opened open() {
        return new Opened(Database.open(database, InstantSource.system()));
    }

    private final class OnSqlite implements Programs {
        @Override
        public String version() {
            return "1.2.3";
        }

        @Override
        public List<Setting> settings() {
            return List.of(
                    new Setting("home", "DIR", "data", "where things are"),
                    new Setting("log-level", "LEVEL", "info", "how much is logged"),
                    new Setting("open-registration", "true|false", "false", "let them in"));
        }

        @Override
        public List<Setting.InForce> config(Given given) {
            return settings().stream()
                    .map(setting ->
                            new Setting.InForce(
                                    setting,
                                    given.flags().getOrDefault(setting.name(), setting.standard()),
                                    given.flags().containsKey(setting.name())
                                            ? setting.flag()
                                            : "default"))
                    .toList();
        }

        @Override
        public Platform serve(Given given, boolean demo) {
            if (serveFails != null) {
                throw serveFails;
            }
            return new Platform() {
                @Override
                public String readyLine() {
                    return "ready http=http://127.0.0.1:1 in 0.1 s";
                }

                @Override
                public URI http() {
                    return URI.create("http://127.0.0.1:1");
                }

                @Override
                public OptionalInt mqttPort() {
                    return OptionalInt.empty();
                }

                @Override
                public OptionalInt coapPort() {
                    return OptionalInt.empty();
                }

                @Override
                public boolean hasAdministrator() {
                    return true;
                }

                @Override
                public Optional<URI> signInLink() {
                    return Optional.empty();
                }

                @Override
                public void close() {
                    platformClosed = true;
                }
            };
        }

        @Override
        public Optional<Running> running(Given given) {
            return Optional.empty();
        }

        @Override
        public Stores open(Given given) {
            return Shell.this.open();
        }

        @Override
        public Stores openToRead(Given given) {
            return Shell.this.open();
        }

        @Override
        public Manifest restore(Given given, Path file, boolean replace, LongConsumer progress) {
            return Restore.run(database, file, replace, InstantSource.system(), progress);
        }
    }

    final class Opened implements Programs.Stores {
        private final Database opened;

        Opened(Database opened) {
            this.opened = opened;
        }

        @Override
        public Document schema() {
            var column =
                    Document.of("name", Value.of("id"))
                            .with("type", Value.of("TEXT"))
                            .with("nullable", Value.of(false));
            var index =
                    Document.of("name", Value.of("by_id"))
                            .with(
                                    "columns",
                                    new Value.Array(List.of(Value.of("id"), Value.of("at"))))
                            .with("unique", Value.of(true));
            var table =
                    Document.of("name", Value.of("things"))
                            .with("columns", new Value.Array(List.of(column)))
                            .with("indexes", new Value.Array(List.of(index)));
            return Document.of("database", Value.of("sqlite:x"))
                    .with("version", Value.of("7"))
                    .with("tables", new Value.Array(List.of(table)));
        }

        @Override
        public DeviceStore devices() {
            return new SqlDeviceStore(opened);
        }

        @Override
        public Ownership ownership() {
            return new SqlOwnership(opened);
        }

        @Override
        public UserStore users() {
            return new SqlUserStore(opened);
        }

        @Override
        public PasswordHash passwords(RandomGenerator salts) {
            return new Argon2PasswordHash(salts);
        }

        @Override
        public AuditLog audit() {
            return new SqlAuditLog(opened);
        }

        @Override
        public CredentialStore credentials() {
            return new SqlCredentialStore(opened);
        }

        @Override
        public HistoryStore history() {
            return new SqlHistoryStore(opened, _ -> {});
        }

        @Override
        public AccountStore accounts() {
            return new SqlAccountStore(opened);
        }

        @Override
        public Manifest backup(Path file, LongConsumer progress) throws IOException {
            return Backup.write(opened, file, Instant.EPOCH, progress);
        }

        @Override
        public List<Programs.Finding> verify(LongConsumer progress) {
            return List.copyOf(findings);
        }

        @Override
        public void close() {
            opened.close();
        }
    }
}
