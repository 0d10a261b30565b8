package org.tethral;

import java.time.InstantSource;
import java.util.Set;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.tethral.account.Actor;
import org.tethral.account.ApiKey;
import org.tethral.account.AuditEntry;
import org.tethral.account.PasswordHash;
import org.tethral.account.Role;
import org.tethral.argon2.Argon2PasswordHash;
import org.tethral.device.Admission;
import org.tethral.device.DeviceLogin;
import org.tethral.device.Evictions;
import org.tethral.device.Provisioning;
import org.tethral.device.Rejections;
import org.tethral.device.SharedKeys;
import org.tethral.ingest.Ingest;
import org.tethral.kernel.Document;
import org.tethral.kernel.Micros;
import org.tethral.kernel.Value;
import org.tethral.kernel.Vault;
import org.tethral.sql.SqlAuditLog;

/// Who may come in: what all edges ask.
record Entrance(
        PasswordHash passwords,
        DeviceLogin login,
        Provisioning provisioning,
        Admission admission,
        SharedKeys sharedKeys,
        Rejections rejections,
        Evictions evictions) {

    private static final String LOCAL_KEY_NAME = "this machine";

    static Entrance of(
            Config config,
            LiveSettings live,
            Tethral.Storage kept,
            Ingest ingest,
            Vault vault,
            InstantSource clock,
            RandomGenerator random) {
        var passwords = new Argon2PasswordHash(random);
        var login =
                new DeviceLogin(
                        kept.credentials(),
                        kept.devices(),
                        passwords,
                        config.openRegistration(),
                        clock,
                        random);
        var evictions = new Evictions();
        evictions.listen((device, _) -> login.forget(device));
        evictions.listen((device, _) -> ingest.forget(device));
        return new Entrance(
                passwords,
                login,
                new Provisioning(
                        kept.devices(),
                        kept.credentials(),
                        kept.profiles(),
                        passwords,
                        clock,
                        random),
                new Admission(
                        kept.devices(),
                        kept.profiles(),
                        config.openRegistration(),
                        live::selfRegistrationProfile,
                        clock,
                        random),
                new SharedKeys(kept.credentials(), vault, clock),
                new Rejections(kept.inbox(), clock),
                evictions);
    }

    /// A key that somebody made who administers the platform, not the machine itself.
    static boolean isAdministrators(ApiKey key) {
        return key.role() == Role.SUPERADMIN && !key.name().equals(LOCAL_KEY_NAME);
    }

    /// Whoever can read the home directory owns the data anyway: its key lets the commands on this
    /// machine in.
    static void admitThisMachine(
            Home home, Tethral.Storage kept, InstantSource clock, RandomGenerator random) {
        var accounts = kept.accounts();
        var key = home.localKey(random);
        if (accounts.findApiKey(key.sha256()).isEmpty()) {
            var id = new UUID(random.nextLong(), random.nextLong());
            accounts.addApiKey(
                    new ApiKey(
                            id,
                            LOCAL_KEY_NAME,
                            key.sha256(),
                            Role.SUPERADMIN,
                            null,
                            Set.of(),
                            null,
                            null,
                            null,
                            clock.instant()));
            new SqlAuditLog(kept.database())
                    .add(
                            new AuditEntry(
                                    new UUID(random.nextLong(), random.nextLong()),
                                    Micros.truncated(clock.instant()),
                                    Actor.system("start"),
                                    "api_key.add",
                                    "api_key",
                                    id.toString(),
                                    null,
                                    null,
                                    Document.of("name", Value.of(LOCAL_KEY_NAME))
                                            .with("role", Value.of(Role.SUPERADMIN.word())),
                                    null));
        }
    }
}
