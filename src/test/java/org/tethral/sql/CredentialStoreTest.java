package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.sql.Devices.NOW;

import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.tethral.account.CommunityId;
import org.tethral.device.ConnectingDevice;
import org.tethral.device.Credential;
import org.tethral.device.CredentialStore;
import org.tethral.device.CredentialStore.Addition;
import org.tethral.device.Device;
import org.tethral.device.DeviceId;
import org.tethral.device.DeviceStore.History;
import org.tethral.device.Profile;

@EachEngine
class CredentialStoreTest {

    private final Database database;
    private final CredentialStore store;

    CredentialStoreTest(TestDatabase test) {
        this.database = test.database();
        this.store = new SqlCredentialStore(database);
    }

    @Test
    void findsACredentialWithWhatASessionNeedsToKnow() {
        var profile = Devices.profile("lamps");
        new SqlProfileStore(database).add(profile);
        var device = Devices.full("lamp-1", profile.id());
        new SqlDeviceStore(database).add(device, null, Devices.ACTOR);
        var credential =
                new Credential(
                        UUID.randomUUID(),
                        device.deviceId(),
                        Credential.Type.PASSWORD,
                        "lamp one",
                        "$argon2id$…",
                        NOW,
                        NOW.plusSeconds(60),
                        null,
                        null);
        assertThat(store.add(credential)).isEqualTo(new Addition.Added(credential));
        assertThat(store.find(Credential.Type.PASSWORD, "lamp one"))
                .contains(
                        new CredentialStore.Found(
                                credential,
                                new ConnectingDevice(
                                        device.deviceId(),
                                        CommunityId.DEFAULT,
                                        true,
                                        Duration.ofSeconds(20),
                                        Duration.ofSeconds(70))));
        assertThat(store.find(Credential.Type.TOKEN, "lamp one")).isEmpty();
        assertThat(store.find(credential.id())).contains(credential);
    }

    @Test
    void tellsThatADeviceIsDisabledAndHasNoProfile() {
        var device = Devices.add(database, "disabled");
        new SqlDeviceStore(database)
                .change(device.changed(Device.About.named("off"), false, NOW), Devices.ACTOR);
        store.add(Devices.credential("disabled", Credential.Type.X509, "CN=disabled"));
        assertThat(store.find(Credential.Type.X509, "CN=disabled"))
                .hasValueSatisfying(found -> {
                    assertThat(found.device().enabled()).isFalse();
                    assertThat(found.device().offlineAfter())
                            .isEqualTo(Profile.OFFLINE_AFTER_DEFAULT);
                });
    }

    @Test
    void keepsSeveralThatOverlapInTime() {
        Devices.add(database, "rotating");
        var old = Devices.credential("rotating", Credential.Type.TOKEN, "rotating-old");
        var fresh = Devices.credential("rotating", Credential.Type.TOKEN, "rotating-new");
        store.add(old);
        store.add(fresh);
        assertThat(store.end(old.id(), NOW.plusSeconds(3600))).isTrue();
        assertThat(store.find(Credential.Type.TOKEN, "rotating-old"))
                .hasValueSatisfying(found -> {
                    assertThat(found.credential().validAt(NOW.plusSeconds(3599))).isTrue();
                    assertThat(found.credential().validAt(NOW.plusSeconds(3600))).isFalse();
                });
        assertThat(store.find(Credential.Type.TOKEN, "rotating-new")).isPresent();
        assertThat(store.list(new DeviceId("rotating"))).hasSize(2);
    }

    @Test
    void revokesOnce() {
        Devices.add(database, "revoked");
        var credential = Devices.credential("revoked", Credential.Type.TOKEN, "revoked");
        store.add(credential);
        assertThat(store.revoke(credential.id(), NOW)).isTrue();
        assertThat(store.revoke(credential.id(), NOW)).isFalse();
        assertThat(store.end(credential.id(), NOW)).isFalse();
        assertThat(store.revoke(UUID.randomUUID(), NOW)).isFalse();
        assertThat(store.find(credential.id()).orElseThrow().revokedAt()).isEqualTo(NOW);
    }

    @Test
    void givesAnIdentityToOneDeviceOnly() {
        Devices.add(database, "first");
        Devices.add(database, "second");
        store.add(Devices.credential("first", Credential.Type.TOKEN, "same"));
        assertThat(store.add(Devices.credential("second", Credential.Type.TOKEN, "same")))
                .isEqualTo(new Addition.IdentityTaken());
        assertThat(store.add(Devices.credential("first", Credential.Type.TOKEN, "same")))
                .isEqualTo(new Addition.IdentityTaken());
        assertThat(store.add(Devices.credential("second", Credential.Type.PSK, "same")))
                .isInstanceOf(Addition.Added.class);
        assertThat(store.find(Credential.Type.TOKEN, "same").orElseThrow().device().id())
                .isEqualTo(new DeviceId("first"));
    }

    @Test
    void addsNoneToADeviceThatIsNotThere() {
        assertThat(store.add(Devices.credential("nobody", Credential.Type.TOKEN, "nobody's")))
                .isEqualTo(new Addition.UnknownDevice(new DeviceId("nobody")));
    }

    @Test
    void letsCredentialsGoWithTheirDevice() {
        Devices.add(database, "gone");
        store.add(Devices.credential("gone", Credential.Type.TOKEN, "gone"));
        new SqlDeviceStore(database).remove(new DeviceId("gone"), History.KEEP, Devices.ACTOR, NOW);
        assertThat(store.find(Credential.Type.TOKEN, "gone")).isEmpty();
    }

    @Test
    void showsWhenEachWasLastUsed() {
        Devices.add(database, "used");
        var credential = Devices.credential("used", Credential.Type.TOKEN, "used");
        store.add(credential);
        store.used(credential.id(), NOW.plusSeconds(2));
        store.used(credential.id(), NOW.plusSeconds(9));
        store.used(credential.id(), NOW.plusSeconds(5));
        assertThat(store.find(credential.id()).orElseThrow().lastUsedAt())
                .isEqualTo(NOW.plusSeconds(9));
    }
}
