package org.tethral;

import java.time.Instant;
import java.time.InstantSource;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.tethral.account.PasswordHash;
import org.tethral.account.ProviderLogin;
import org.tethral.account.Sessions;
import org.tethral.account.UserLogin;
import org.tethral.account.UserStore;
import org.tethral.cli.Failure;
import org.tethral.http.HttpEdge;
import org.tethral.kernel.Vault;
import org.tethral.oidc.OpenIdProvider;
import org.tethral.sql.SqlUserSessionStore;
import org.tethral.sql.SqlUserStore;

/// Who signs in, and how.
///
/// @param provider null: there is none
record People(
        UserStore users, Sessions sessions, UserLogin login, HttpEdge.@Nullable Provider provider) {

    /// Nothing is to be reached from elsewhere before somebody is there who answers for it.
    ///
    /// @throws Failure the address can be reached from elsewhere, and nobody administers the
    ///   platform
    void checkReach(String bind, Tethral.Storage kept, Instant now) {
        if (!Config.LOOPBACK.matcher(bind).matches()
                && !users.hasAdministrator()
                && kept.accounts().apiKeys(null).stream()
                        .noneMatch(key -> Entrance.isAdministrators(key) && key.validAt(now))) {
            throw Failure.failed(
                    "bind = '"
                            + bind
                            + "' is open to others, and there is no administrator yet: add one with 'user add EMAIL --role superadmin'");
        }
    }

    static People of(
            Config config,
            Vault vault,
            Tethral.Storage kept,
            PasswordHash passwords,
            InstantSource clock,
            RandomGenerator random) {
        var users = new SqlUserStore(kept.database());
        var sessions = new Sessions(new SqlUserSessionStore(kept.database()), clock, random);
        var elsewhere = IdentityProviderSettings.of(config);
        return new People(
                users,
                sessions,
                new UserLogin(users, sessions, passwords, clock, random),
                elsewhere == null
                        ? null
                        : new HttpEdge.Provider(
                                new ProviderLogin(
                                        new OpenIdProvider(elsewhere.provider(), clock),
                                        elsewhere.roles(),
                                        users,
                                        sessions,
                                        vault,
                                        clock,
                                        random),
                                elsewhere.publicUrl()));
    }
}
