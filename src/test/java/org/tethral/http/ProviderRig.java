package org.tethral.http;

import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Map;
import org.tethral.account.IdentityProvider;
import org.tethral.account.ProviderLogin;
import org.tethral.account.Role;
import org.tethral.account.Sessions;
import org.tethral.account.UserStore;

/// An identity provider for a server under test.
record ProviderRig(IdentityProvider provider, Map<String, Role> roles) {

    HttpEdge.Provider over(UserStore users, Sessions sessions) {
        return new HttpEdge.Provider(
                new ProviderLogin(
                        provider,
                        roles,
                        users,
                        sessions,
                        ApiServer.VAULT,
                        InstantSource.system(),
                        new SecureRandom()),
                null);
    }
}
