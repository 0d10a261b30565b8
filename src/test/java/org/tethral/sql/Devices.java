package org.tethral.sql;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.tethral.account.Actor;
import org.tethral.account.CommunityId;
import org.tethral.device.Credential;
import org.tethral.device.Device;
import org.tethral.device.DeviceId;
import org.tethral.device.DeviceStore;
import org.tethral.device.Profile;
import org.tethral.device.ProfileId;
import org.tethral.device.Protocol;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// Devices as tests need them.
final class Devices {

    static final Instant NOW = TestDatabase.NOW;
    static final Actor ACTOR = Actor.apiKey("test");

    private Devices() {}

    static Device plain(String id) {
        return Device.register(UUID.randomUUID(), new DeviceId(id), Device.About.named(id), NOW);
    }

    static Device with(String id, Device.About about) {
        return Device.register(UUID.randomUUID(), new DeviceId(id), about, NOW);
    }

    static Device of(String id, CommunityId community) {
        return with(
                id,
                new Device.About(
                        id,
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
                        null));
    }

    /// With something in every column.
    static Device full(String id, @Nullable ProfileId profile) {
        return with(
                id,
                new Device.About(
                        "Pumpe Süd ☂",
                        "pump",
                        profile,
                        Protocol.MQTT,
                        "Acme",
                        "P-7",
                        "1.2.3",
                        List.of("pressure", "flow \"x\""),
                        Document.of("site", Value.of("north")).with("floor", Value.of(3)),
                        Document.of("lat", Value.of(52.5)).with("lon", Value.of(13.25)),
                        CommunityId.DEFAULT,
                        null,
                        null));
    }

    static Profile profile(String name) {
        return new Profile(
                new ProfileId(UUID.randomUUID()),
                CommunityId.DEFAULT,
                name,
                "Acme",
                "P-7",
                Protocol.HTTP,
                Document.of("language", Value.of("javascript")),
                Document.of("interval", Value.of(60)),
                Document.of("snapshots", Value.of(3_000)),
                Duration.ofSeconds(20),
                Duration.ofSeconds(70),
                null,
                null,
                NOW);
    }

    static Device add(Database database, String id) {
        var device = plain(id);
        if (!(new SqlDeviceStore(database).add(device, null, ACTOR)
                instanceof DeviceStore.Addition.Added)) {
            throw new IllegalStateException(id + " is there already");
        }
        return device;
    }

    static Credential credential(String device, Credential.Type type, String identity) {
        return new Credential(
                UUID.randomUUID(),
                new DeviceId(device),
                type,
                identity,
                "hash",
                NOW,
                null,
                null,
                null);
    }
}
