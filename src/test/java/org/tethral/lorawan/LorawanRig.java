package org.tethral.lorawan;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.tethral.account.Actor;
import org.tethral.account.CommunityId;
import org.tethral.codec.CodecKinds;
import org.tethral.command.Reached;
import org.tethral.device.DevEui;
import org.tethral.device.Device;
import org.tethral.device.DeviceId;
import org.tethral.device.Evictions;
import org.tethral.device.Profile;
import org.tethral.device.ProfileId;
import org.tethral.event.Event;
import org.tethral.ingest.Ingest;
import org.tethral.json.Json;
import org.tethral.json.MalformedJson;
import org.tethral.kernel.Document;
import org.tethral.kernel.Page;
import org.tethral.kernel.Value;
import org.tethral.mqttclient.BrokerAddress;
import org.tethral.payload.Malformed;
import org.tethral.space.DownlinkNews;
import org.tethral.space.LorawanDevice;
import org.tethral.space.SensorDevice;
import org.tethral.space.ServingDevices;
import org.tethral.sql.SpaceTurns;
import org.tethral.sql.SqlCommandStore;
import org.tethral.sql.SqlDeviceStore;
import org.tethral.sql.SqlEventLog;
import org.tethral.sql.SqlHistoryStore;
import org.tethral.sql.SqlInbox;
import org.tethral.sql.SqlJournal;
import org.tethral.sql.SqlProfileStore;
import org.tethral.sql.SqlServingDevices;
import org.tethral.sql.SqlStateStore;
import org.tethral.sql.TestDatabase;
import org.tethral.state.Snapshot;

/// LoRaWAN before a real pipeline, on an SQLite file of its own.
public final class LorawanRig implements AutoCloseable {

    /// What listeners were told of downlinks: `transmitted ID`, `acknowledged ID true`, `failed
    /// ID`.
    final List<String> news = Collections.synchronizedList(new ArrayList<>());

    final InstantSource clock = InstantSource.system();
    final TestDatabase database = TestDatabase.sqlite();
    final SqlDeviceStore devices = new SqlDeviceStore(database.database());
    final SqlProfileStore profiles = new SqlProfileStore(database.database());
    final SqlInbox inbox = new SqlInbox(database.database(), "node-1");
    final ServingDevices serving =
            new SqlServingDevices(new SpaceTurns(database.database(), new Random(3)));
    final Evictions evictions = new Evictions();
    final Reached reached = new Reached();
    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    final Ingest ingest;
    private final @Nullable BrokerAddress thingsStack;
    private Lorawan lorawan;

    /// @param broker null: none
    public LorawanRig(@Nullable BrokerAddress broker) {
        this(broker, null);
    }

    /// @param thingsStack its MQTT server; null: none
    LorawanRig(@Nullable BrokerAddress broker, @Nullable BrokerAddress thingsStack) {
        this.thingsStack = thingsStack;
        ingest =
                new Ingest(
                        1,
                        lane -> SqlJournal.open(database.database(), "node-1", lane, new Random(1)),
                        clock,
                        meters);
        evictions.listen((device, _) -> ingest.forget(device));
        ingest.start();
        lorawan = lorawan(broker);
        lorawan.start();
    }

    private Lorawan lorawan(@Nullable BrokerAddress broker) {
        var made =
                new Lorawan(
                        new Lorawan.Settings(
                                broker == null
                                        ? null
                                        : new Lorawan.ChirpStackBroker(broker, null, "test"),
                                null,
                                null,
                                thingsStack == null
                                        ? null
                                        : new Lorawan.ThingsStackBroker(thingsStack, null),
                                64 * 1024,
                                "node-1"),
                        new Lorawan.Parts(
                                serving,
                                devices,
                                profiles,
                                inbox,
                                ingest,
                                evictions,
                                reached,
                                new SqlCommandStore(database.database()),
                                new CodecKinds(),
                                () -> {
                                    throw new AssertionError("no gRPC here");
                                },
                                new SimpleMeterRegistry(),
                                clock));
        made.listen(
                new DownlinkNews() {
                    @Override
                    public void transmitted(UUID queueItemId, Instant at) {
                        news.add("transmitted " + queueItemId);
                    }

                    @Override
                    public void acknowledged(UUID queueItemId, boolean acknowledged, Instant at) {
                        news.add("acknowledged " + queueItemId + " " + acknowledged);
                    }

                    @Override
                    public void failed(@Nullable UUID queueItemId, DevEui display, String reason) {
                        news.add("failed " + queueItemId + " " + reason);
                    }
                });
        return made;
    }

    /// As when the process ends, and is started again.
    void restart(@Nullable BrokerAddress broker) {
        lorawan.close();
        lorawan = lorawan(broker);
        lorawan.start();
    }

    Lorawan lorawan() {
        return lorawan;
    }

    Integration.View integration(String name) {
        return lorawan.integrations().stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    ProfileId profile(String language, String source) {
        var id = new ProfileId(UUID.randomUUID());
        profiles.add(
                new Profile(
                        id,
                        null,
                        "profile " + id,
                        null,
                        null,
                        null,
                        Document.of("language", Value.of(language))
                                .with("source", Value.of(source)),
                        Document.EMPTY,
                        Document.EMPTY,
                        Duration.ofHours(1),
                        Duration.ofHours(3),
                        null,
                        null,
                        TestDatabase.NOW));
        return id;
    }

    /// @param decoder null: its profile's
    LorawanDevice sensor(
            String name, DevEui devEui, @Nullable String decoder, @Nullable ProfileId profile) {
        var id = new DeviceId(name);
        var about =
                new Device.About(
                        name,
                        null,
                        profile,
                        null,
                        null,
                        null,
                        null,
                        List.of(),
                        Document.EMPTY,
                        Document.EMPTY,
                        CommunityId.DEFAULT,
                        null,
                        null);
        devices.add(
                Device.register(UUID.randomUUID(), id, about, TestDatabase.NOW),
                null,
                Actor.system("test"));
        serving.put(
                new SensorDevice(id, devEui, null, decoder, null, null, null), TestDatabase.NOW);
        return new LorawanDevice(devEui, id, decoder, null, null);
    }

    /// What ChirpStack tells over HTTP.
    NetworkIntake.Outcome tell(String event, String message) {
        return tell(event, message, null);
    }

    NetworkIntake.Outcome tell(String event, String message, @Nullable CommunityId community) {
        try {
            return lorawan.tell(
                            new NetworkIntake.Told(
                                    Network.CHIRPSTACK,
                                    event,
                                    Json.parseObject(message),
                                    community))
                    .orElseThrow();
        } catch (Malformed | MalformedJson e) {
            throw new AssertionError(e);
        }
    }

    Document reported(String device) {
        return new SqlStateStore(database.database())
                .find(new DeviceId(device))
                .orElseThrow()
                .reported();
    }

    /// Newest first.
    List<Snapshot> history(String device) {
        return new SqlHistoryStore(database.database(), ingest::settleRollups)
                .newest(new DeviceId(device), Page.Request.first(100))
                .items();
    }

    List<Event> events(String type) {
        return new SqlEventLog(database.database())
                .after(0, 1_000).stream()
                        .map(Event.Logged::event)
                        .filter(event -> event.type().value().equals(type))
                        .toList();
    }

    @Override
    public void close() {
        lorawan.close();
        ingest.close();
        database.close();
    }
}
