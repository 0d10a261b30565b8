package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.tethral.account.Actor;
import org.tethral.account.CommunityId;
import org.tethral.device.Admission;
import org.tethral.device.Device;
import org.tethral.device.DeviceId;
import org.tethral.device.Profile;
import org.tethral.kernel.Document;

/// Devices for which a gateway or a broker speaks.
@EachEngine
class AdmissionTest {

    private final SqlDeviceStore devices;
    private final SqlProfileStore profiles;
    private final Profile profile;

    AdmissionTest(TestDatabase test) {
        this.devices = new SqlDeviceStore(test.database());
        this.profiles = new SqlProfileStore(test.database());
        this.profile = Devices.profile("admission " + UUID.randomUUID());
        profiles.add(profile);
    }

    private Admission admission(boolean open, @Nullable String name) {
        return new Admission(
                devices,
                profiles,
                open,
                () -> Optional.ofNullable(name),
                InstantSource.fixed(TestDatabase.NOW),
                new Random());
    }

    private Device registered(String prefix, @Nullable CommunityId community) {
        var id = new DeviceId(prefix + UUID.randomUUID());
        var about =
                new Device.About(
                        id.value(),
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        List.of(),
                        Document.EMPTY,
                        Document.EMPTY,
                        community,
                        null,
                        null);
        var device = Device.register(UUID.randomUUID(), id, about, TestDatabase.NOW);
        devices.add(device, null, Actor.system("test"));
        return device;
    }

    @Test
    void leavesStrangersOutUnlessTheyAreAllowed() {
        var gateway = registered("gateway-", CommunityId.DEFAULT);
        var closed = admission(false, null);

        assertThat(closed.behind(gateway, "stranger")).isEmpty();
        assertThat(closed.onBroker("stranger")).isEmpty();
        assertThat(admission(false, "no such profile").onBroker("stranger")).isEmpty();
        assertThat(devices.find(new DeviceId("stranger"))).isEmpty();
    }

    @Test
    void addsDevicesOfTheProfile() {
        var gateway = registered("gateway-", CommunityId.DEFAULT);
        var names = List.of("behind-" + UUID.randomUUID(), "on-broker-" + UUID.randomUUID());
        var admission = admission(false, profile.name());

        assertThat(admission.behind(gateway, names.getFirst())).isPresent();
        assertThat(admission.onBroker(names.getLast())).isPresent();

        for (var name : names) {
            var about = devices.find(new DeviceId(name)).orElseThrow().about();
            assertThat(about.profile()).isEqualTo(profile.id());
            assertThat(about.community()).isEqualTo(CommunityId.DEFAULT);
        }
    }

    @Test
    void keepsGatewaysInTheirCommunity() {
        var gateway = registered("gateway-", CommunityId.DEFAULT);
        var ofNobody = registered("nobody-", null);
        var admission = admission(true, null);

        assertThat(admission.behind(gateway, ofNobody.deviceId().value())).isEmpty();
        assertThat(admission.onBroker(ofNobody.deviceId().value())).isPresent();
    }

    @Test
    void knowsNoDeviceByAnImpossibleName() {
        assertThat(admission(true, null).onBroker("a/b")).isEmpty();
    }
}
