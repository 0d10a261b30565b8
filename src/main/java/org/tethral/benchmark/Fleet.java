package org.tethral.benchmark;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import org.tethral.account.Actor;
import org.tethral.account.CommunityId;
import org.tethral.device.ConnectingDevice;
import org.tethral.device.Credential;
import org.tethral.device.Device;
import org.tethral.device.DeviceId;
import org.tethral.device.Profile;
import org.tethral.kernel.Micros;
import org.tethral.kernel.Secret;
import org.tethral.simulate.Plan;
import org.tethral.sql.Database;
import org.tethral.sql.SqlCredentialStore;
import org.tethral.sql.SqlDeviceStore;

/// Devices in a registry, made without a server.
final class Fleet {

    private static final int ADDED_TOGETHER = 500;
    private static final String PREFIX = "bench";

    private Fleet() {}

    static DeviceId id(int number) {
        return new DeviceId(PREFIX + "-" + number);
    }

    /// Those of which the simulation makes use, with the tokens that [#register] gave them.
    static List<Plan.Identity> identities(int count) {
        return Plan.Identity.numbered(PREFIX, count, PREFIX);
    }

    static List<ConnectingDevice> connecting(int count) {
        var devices = new ArrayList<ConnectingDevice>(count);
        for (int i = 0; i < count; i++) {
            devices.add(
                    new ConnectingDevice(
                            id(i),
                            CommunityId.DEFAULT,
                            true,
                            Profile.HEARTBEAT_INTERVAL_DEFAULT,
                            Profile.OFFLINE_AFTER_DEFAULT));
        }
        return devices;
    }

    /// @param withToken so many of them, the first ones, can log in
    static void register(Database database, int count, int withToken, InstantSource clock) {
        var random = new SplittableRandom(count);
        var store = new SqlDeviceStore(database);
        var now = Micros.truncated(clock.instant());
        for (int from = 0; from < count; from += ADDED_TOGETHER) {
            var devices = new ArrayList<Device>();
            for (int i = from; i < Math.min(count, from + ADDED_TOGETHER); i++) {
                devices.add(
                        Device.register(
                                uuid(random), id(i), Device.About.named("Device " + i), now));
            }
            store.addAll(devices, Actor.system("benchmark"));
        }
        var credentials = new SqlCredentialStore(database);
        for (var identity : identities(withToken)) {
            credentials.add(
                    Credential.token(
                            uuid(random),
                            new DeviceId(identity.device()),
                            new Secret(identity.token()),
                            now));
        }
    }

    private static UUID uuid(SplittableRandom random) {
        return new UUID(random.nextLong(), random.nextLong());
    }
}
