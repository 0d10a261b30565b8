package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.tethral.device.DeviceId;
import org.tethral.device.DeviceStore.History;
import org.tethral.device.Profile;
import org.tethral.device.ProfileId;
import org.tethral.device.ProfileStore;
import org.tethral.device.ProfileStore.Outcome;
import org.tethral.kernel.Document;

@EachEngine
class ProfileStoreTest {

    private final Database database;
    private final ProfileStore store;

    ProfileStoreTest(TestDatabase test) {
        this.database = test.database();
        this.store = new SqlProfileStore(database);
    }

    @Test
    void givesBackWhatWasAdded() {
        var profile = with(Devices.profile("provisioned"), "provisioned", "key-1");
        assertThat(store.add(profile)).isEqualTo(new Outcome.Stored(profile));
        assertThat(store.find(profile.id())).contains(profile);
        assertThat(store.findByName("provisioned")).contains(profile);
        assertThat(store.findByProvisioningKey("key-1")).contains(profile);
        assertThat(store.findByProvisioningKey("key-2")).isEmpty();
        assertThat(store.list(null)).contains(profile);
    }

    @Test
    void keepsTheFirstOfTwoWithOneName() {
        var first = Devices.profile("named");
        store.add(first);
        assertThat(store.add(Devices.profile("named"))).isEqualTo(new Outcome.NameTaken("named"));
        var other = Devices.profile("other name");
        store.add(other);
        assertThat(store.change(with(other, "named", null)))
                .isEqualTo(new Outcome.NameTaken("named"));
        assertThat(store.findByName("named")).contains(first);
    }

    @Test
    void changesWhatIsThere() {
        var profile = Devices.profile("changing");
        store.add(profile);
        var changed = with(profile, "changed", "key-3");
        assertThat(store.change(changed)).isEqualTo(new Outcome.Stored(changed));
        assertThat(store.find(profile.id())).contains(changed);
        var unknown = Devices.profile("unknown");
        assertThat(store.change(unknown)).isEqualTo(new Outcome.Unknown(unknown.id()));
    }

    @Test
    void keepsAProfileThatDevicesHave() {
        var profile = Devices.profile("in use");
        store.add(profile);
        var devices = new SqlDeviceStore(database);
        devices.add(Devices.full("uses it", profile.id()), null, Devices.ACTOR);
        assertThat(store.remove(profile.id())).isEqualTo(new Outcome.InUse(1));
        devices.remove(new DeviceId("uses it"), History.KEEP, Devices.ACTOR, Devices.NOW);
        assertThat(store.remove(profile.id())).isEqualTo(new Outcome.Stored(profile));
        assertThat(store.remove(profile.id())).isEqualTo(new Outcome.Unknown(profile.id()));
        assertThat(store.find(new ProfileId(UUID.randomUUID()))).isEmpty();
    }

    private static Profile with(Profile profile, String name, @Nullable String key) {
        return new Profile(
                profile.id(),
                null,
                name,
                null,
                null,
                null,
                Document.EMPTY,
                Document.EMPTY,
                Document.EMPTY,
                Duration.ofSeconds(1),
                Duration.ofDays(1),
                key,
                key == null ? null : "hash",
                profile.createdAt());
    }
}
