package org.tethral.mqtt;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tethral.account.AccountStore;
import org.tethral.account.ApiKey;
import org.tethral.account.Principal;
import org.tethral.device.DeviceId;
import org.tethral.device.DeviceLogin;
import org.tethral.kernel.Secret;

/// How the credentials of a CONNECT are checked.
final class Login {

    sealed interface Outcome {
        record Known(Identity identity) implements Outcome {}

        /// @param reason for the client's owner; says nothing that helps to guess a secret
        /// @param credentialIsWrong false: it is right, but whose it is may not connect at present
        record Unknown(String reason, boolean credentialIsWrong) implements Outcome {}
    }

    private static final Outcome.Unknown NOTHING_SHOWN =
            new Outcome.Unknown(
                    "no credential: give the access token as the user name, or a user name and password",
                    false);

    private static final Outcome.Unknown WRONG_KEY =
            new Outcome.Unknown("unknown, expired or revoked API key", true);

    /// User names whose password is an API key.
    private static final Set<String> KEY_NAMES = Set.of("api-key", "api_key");

    private static final Duration USE_NOTED_EVERY = Duration.ofMinutes(1);

    private final DeviceLogin devices;
    private final AccountStore accounts;
    private final boolean openTopics;
    private final InstantSource clock;

    /// @param openTopics who shows nothing is let in, for general topics
    Login(DeviceLogin devices, AccountStore accounts, boolean openTopics, InstantSource clock) {
        this.devices = devices;
        this.accounts = accounts;
        this.openTopics = openTopics;
        this.clock = clock;
    }

    /// The answer if it is known without asking anybody; never blocks.
    Optional<Identity> remembered(Credentials credentials) {
        return switch (credentials) {
            case Credentials.Token(var token) -> remembered(token);
            case Credentials.Password(var userName, _) -> remembered(new Secret(userName));
            case Credentials.Certificate _ -> Optional.empty();
            case Credentials.None _ ->
                    openTopics ? Optional.of(Identity.Anybody.ANYBODY) : Optional.empty();
        };
    }

    private Optional<Identity> remembered(Secret token) {
        return devices.remembered(token).map(one -> new Identity.OfDevice(one.device()));
    }

    /// Whether checking them takes a processor for a while.
    static boolean slow(Credentials credentials) {
        return credentials instanceof Credentials.Password && key(credentials) == null;
    }

    private static @Nullable Secret key(Credentials credentials) {
        return switch (credentials) {
            case Credentials.Token(var token) when isKey(token.reveal()) -> token;
            case Credentials.Password(var userName, var password)
                    when KEY_NAMES.contains(userName) ->
                    password;
            case Credentials.Password(var userName, _) when isKey(userName) -> new Secret(userName);
            case Credentials.Token _,
                    Credentials.Password _,
                    Credentials.Certificate _,
                    Credentials.None _ ->
                    null;
        };
    }

    private static boolean isKey(String text) {
        return text.startsWith(ApiKey.SECRET_PREFIX);
    }

    /// Blocks.
    ///
    /// @param clientId under which a device may register itself where that is open
    Outcome ask(Credentials credentials, String clientId) {
        var key = key(credentials);
        if (key != null) {
            return application(key);
        }
        return switch (credentials) {
            case Credentials.Token(var token) -> outcome(token(token, clientId));
            case Credentials.Password(var userName, var password) ->
                    outcome(password(userName, password));
            case Credentials.Certificate(var fingerprint, var subject) ->
                    outcome(devices.certificate(fingerprint, subject));
            case Credentials.None _ -> NOTHING_SHOWN;
        };
    }

    private Outcome application(Secret secret) {
        var now = clock.instant();
        var found = accounts.findApiKey(secret.sha256()).filter(key -> key.validAt(now));
        if (found.isEmpty()) {
            return WRONG_KEY;
        }
        var key = found.get();
        var before = key.lastUsedAt();
        if (before == null || before.plus(USE_NOTED_EVERY).isBefore(now)) {
            accounts.apiKeyUsed(key.id(), now);
        }
        return new Outcome.Known(new Identity.OfApplication(key.id(), Principal.of(key)));
    }

    private static Outcome outcome(DeviceLogin.Outcome outcome) {
        return switch (outcome) {
            case DeviceLogin.Accepted(var device, _) ->
                    new Outcome.Known(new Identity.OfDevice(device));
            case DeviceLogin.Refused refused ->
                    new Outcome.Unknown(refused.reason(), refused.credentialIsWrong());
        };
    }

    private DeviceLogin.Outcome token(Secret token, String clientId) {
        DeviceId claimed;
        try {
            claimed = new DeviceId(clientId);
        } catch (IllegalArgumentException e) {
            return devices.token(token); // no device can have such a name
        }
        return devices.tokenOf(claimed, token);
    }

    private DeviceLogin.Outcome password(String userName, Secret password) {
        var byName = devices.token(new Secret(userName));
        return byName instanceof DeviceLogin.Refused refused && refused.credentialIsWrong()
                ? devices.password(userName, password)
                : byName;
    }
}
