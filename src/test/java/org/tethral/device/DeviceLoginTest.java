package org.tethral.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.tethral.account.Actor;
import org.tethral.account.CommunityId;
import org.tethral.account.PasswordHash;
import org.tethral.kernel.Secret;

final class DeviceLoginTest {

    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final DeviceId PUMP = new DeviceId("pump-7");

    private final Shelf shelf = new Shelf();
    private Instant now = START;

    @Test
    void letsADeviceInWithItsToken() {
        var token = shelf.token(PUMP, START, null);

        assertThat(login(false).token(token)).isInstanceOf(DeviceLogin.Accepted.class);
        assertThat(login(false).token(new Secret("guessed")))
                .isInstanceOf(DeviceLogin.Refused.class);
    }

    @Test
    void letsOldAndNewCredentialInWhileTheyOverlap() {
        var old = shelf.token(PUMP, START, START.plusSeconds(600));
        var next = shelf.token(PUMP, START.plusSeconds(300), null);
        var login = login(false);

        assertThat(login.token(old)).isInstanceOf(DeviceLogin.Accepted.class);
        assertThat(login.token(next)).isInstanceOf(DeviceLogin.Refused.class);
        now = START.plusSeconds(400);
        assertThat(login.token(old)).isInstanceOf(DeviceLogin.Accepted.class);
        assertThat(login.token(next)).isInstanceOf(DeviceLogin.Accepted.class);
        now = START.plusSeconds(601);
        assertThat(login.token(old)).isInstanceOf(DeviceLogin.Refused.class);
        assertThat(login.token(next)).isInstanceOf(DeviceLogin.Accepted.class);
    }

    @Test
    void remembersForAShortWhileOnly() {
        var token = shelf.token(PUMP, START, null);
        var login = login(false);
        assertThat(login.remembered(token)).isEmpty();
        login.token(token);

        assertThat(login.remembered(token)).isPresent();
        now = START.plus(DeviceLogin.REMEMBERED_FOR);
        assertThat(login.remembered(token)).isEmpty();
    }

    @Test
    void doesNotRememberBeyondTheEndOfTheCredential() {
        var token = shelf.token(PUMP, START, START.plusSeconds(5));
        var login = login(false);
        login.token(token);
        now = START.plusSeconds(5);

        assertThat(login.remembered(token)).isEmpty();
        assertThat(login.token(token)).isInstanceOf(DeviceLogin.Refused.class);
    }

    @Test
    void forgetsADeviceWhoseCredentialWasRevoked() {
        var token = shelf.token(PUMP, START, null);
        var login = login(false);
        login.token(token);
        shelf.credentials.clear();
        login.forget(PUMP);

        assertThat(login.remembered(token)).isEmpty();
        assertThat(login.token(token)).isInstanceOf(DeviceLogin.Refused.class);
    }

    @Test
    void doesNotRememberWhatIsForgottenWhileItIsLookedUp() {
        var token = shelf.token(PUMP, START, null);
        var login = login(false);
        shelf.afterFind = () -> login.forget(PUMP);

        login.token(token);

        assertThat(login.remembered(token)).isEmpty();
    }

    @Test
    void refusesADisabledDeviceAndSaysSo() {
        var token = shelf.token(PUMP, START, null);
        shelf.enabled = false;

        assertThat(login(false).token(token))
                .isInstanceOfSatisfying(
                        DeviceLogin.Refused.class,
                        refused -> assertThat(refused.reason()).contains("disabled"));
    }

    @Test
    void checksPasswordsAgainstTheirHash() {
        shelf.credentials.add(
                new Credential(
                        UUID.randomUUID(),
                        PUMP,
                        Credential.Type.PASSWORD,
                        "pump",
                        "hash of right",
                        START,
                        null,
                        null,
                        null));
        var login = login(false);

        assertThat(login.password("pump", new Secret("right")))
                .isInstanceOf(DeviceLogin.Accepted.class);
        assertThat(login.password("pump", new Secret("wrong")))
                .isInstanceOf(DeviceLogin.Refused.class);
        assertThat(login.password("nobody", new Secret("right")))
                .isInstanceOf(DeviceLogin.Refused.class);
    }

    @Test
    void registersAnUnknownDeviceOnlyWhereThatIsOpen() {
        var token = new Secret("my-own-token");
        assertThat(login(false).tokenOf(PUMP, token)).isInstanceOf(DeviceLogin.Refused.class);

        assertThat(login(true).tokenOf(PUMP, token))
                .isInstanceOfSatisfying(
                        DeviceLogin.Accepted.class,
                        accepted -> assertThat(accepted.device().id()).isEqualTo(PUMP));
    }

    @Test
    void doesNotHandAKnownDeviceToWhoeverClaimsItsName() {
        shelf.token(PUMP, START, null);
        shelf.taken = true;

        assertThat(login(true).tokenOf(PUMP, new Secret("somebody-else")))
                .isInstanceOf(DeviceLogin.Refused.class);
    }

    @Test
    void admitsBothOfTwoMessagesWithWhichADeviceRegistersItself() {
        var token = new Secret("my-own-token");
        shelf.afterFind =
                () -> {
                    // the other message is quicker
                    shelf.afterFind = () -> {};
                    shelf.credentials.add(Credential.token(UUID.randomUUID(), PUMP, token, START));
                    shelf.taken = true;
                };

        assertThat(login(true).tokenOf(PUMP, token)).isInstanceOf(DeviceLogin.Accepted.class);
    }

    private DeviceLogin login(boolean open) {
        return new DeviceLogin(shelf, shelf, new Spelled(), open, () -> now, new Random(1));
    }

    /// A password hash that can be read.
    private static final class Spelled implements PasswordHash {
        @Override
        public String hash(Secret password) {
            return "hash of " + password.reveal();
        }

        @Override
        public boolean matches(Secret password, String phc) {
            return phc.equals(hash(password));
        }
    }

    /// Just enough of the stores for log-in.
    private static final class Shelf extends NoDevices {
        final List<Credential> credentials = new ArrayList<>();
        final Random random = new Random(7);
        boolean enabled = true;
        Runnable afterFind = () -> {};
        boolean taken;

        Secret token(DeviceId device, Instant notBefore, @Nullable Instant notAfter) {
            var token = Secret.generate(Credential.TOKEN_PREFIX, random);
            credentials.add(
                    new Credential(
                            UUID.randomUUID(),
                            device,
                            Credential.Type.TOKEN,
                            token.sha256(),
                            "",
                            notBefore,
                            notAfter,
                            null,
                            null));
            return token;
        }

        @Override
        public Optional<Found> find(Credential.Type type, String identity) {
            var found = stored(type, identity);
            afterFind.run();
            return found;
        }

        private Optional<Found> stored(Credential.Type type, String identity) {
            return credentials.stream()
                    .filter(one -> one.type() == type && one.identity().equals(identity))
                    .findFirst()
                    .map(one ->
                            new Found(
                                    one,
                                    new ConnectingDevice(
                                            one.device(),
                                            CommunityId.DEFAULT,
                                            enabled,
                                            Duration.ofSeconds(30),
                                            Duration.ofSeconds(90))));
        }

        @Override
        public DeviceStore.Addition add(
                Device device, @Nullable Credential credential, Actor actor) {
            if (taken || credential == null) {
                return new DeviceStore.Addition.IdTaken(device.deviceId());
            }
            credentials.add(credential);
            return new DeviceStore.Addition.Added(device);
        }
    }
}
