package org.tethral.mqtt;

import java.util.Optional;
import org.tethral.device.DeviceId;
import org.tethral.device.DeviceLogin;
import org.tethral.device.DeviceLogin.Accepted;
import org.tethral.device.DeviceLogin.Outcome;
import org.tethral.device.DeviceLogin.Refused;
import org.tethral.kernel.Secret;

/// How the credentials of a CONNECT are checked.
final class Login {

    static final Refused NOTHING_SHOWN =
            new Refused(
                    "no credential: give the access token as the user name, or a user name and password");

    private final DeviceLogin login;

    Login(DeviceLogin login) {
        this.login = login;
    }

    /// The answer if it is known without asking anybody; never blocks.
    Optional<Accepted> remembered(Credentials credentials) {
        return switch (credentials) {
            case Credentials.Token(var token) -> login.remembered(token);
            case Credentials.Password(var userName, _) -> login.remembered(new Secret(userName));
            case Credentials.Certificate _, Credentials.None _ -> Optional.empty();
        };
    }

    /// Blocks.
    ///
    /// @param clientId under which a device may register itself where that is open
    Outcome ask(Credentials credentials, String clientId) {
        return switch (credentials) {
            case Credentials.Token(var token) -> token(token, clientId);
            case Credentials.Password(var userName, var password) -> password(userName, password);
            case Credentials.Certificate(var fingerprint, var subject) ->
                    login.certificate(fingerprint, subject);
            case Credentials.None _ -> NOTHING_SHOWN;
        };
    }

    private Outcome token(Secret token, String clientId) {
        DeviceId claimed;
        try {
            claimed = new DeviceId(clientId);
        } catch (IllegalArgumentException e) {
            return login.token(token); // no device can have such a name
        }
        return login.tokenOf(claimed, token);
    }

    private Outcome password(String userName, Secret password) {
        var byName = login.token(new Secret(userName));
        return byName instanceof Refused refused && refused.credentialIsWrong()
                ? login.password(userName, password)
                : byName;
    }
}
