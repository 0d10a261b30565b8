package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.tethral.device.DeviceId;
import org.tethral.ingest.Ingest;
import org.tethral.kernel.Secret;
import org.tethral.kernel.Vault;
import org.tethral.polling.Polling;
import org.tethral.polling.Terms;
import org.tethral.source.Channel;
import org.tethral.source.ChannelKeys;
import org.tethral.source.ChannelStore;
import org.tethral.source.Position;
import org.tethral.source.SourceKind;
import org.tethral.source.SourceKinds;
import org.tethral.source.Standing;
import org.tethral.thingspeak.FakeThingSpeak;

/// A node that reads channels of a ThingSpeak of the tests.
abstract class PollingRig {

    /// Everything that waits for minutes elsewhere; what is refused waits for somebody to mend it.
    static final Terms QUICK =
            new Terms(
                    () -> 60_000,
                    Duration.ofMillis(5),
                    Duration.ofMillis(200),
                    Duration.ofMillis(400),
                    Duration.ofHours(1));

    private static int names;
    private static long numbers = 100;

    final Database database;
    final Fleet fleet;
    final String name = "polling-" + names++;
    final SqlChannelStore channels;
    final FakeThingSpeak upstream;
    final ChannelKeys keys =
            new ChannelKeys(new Vault(new byte[Vault.KEY_BYTES], new SplittableRandom(1)));
    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    final Instant start = Instant.now().truncatedTo(ChronoUnit.SECONDS).minusSeconds(86_400);
    final List<UUID> added = new ArrayList<>();
    private final List<Polling> running = new ArrayList<>();
    Ingest ingest;
    Polling polling;

    PollingRig(TestDatabase test, FakeThingSpeak upstream) {
        this.database = test.database();
        this.fleet = new Fleet(database);
        this.channels = new SqlChannelStore(database);
        this.upstream = upstream;
        this.ingest = ingest(name);
        this.polling = polling(name, ingest);
    }

    Ingest ingest(String node) {
        var random = new SplittableRandom(names);
        return new Ingest(
                SqlJournal.lanes(database),
                lane -> SqlJournal.open(database, node, lane, random.split()),
                InstantSource.system(),
                meters);
    }

    /// Kinds of sources that others bring.
    List<SourceKind> extensions() {
        return List.of();
    }

    /// Not started.
    Polling polling(String node, Ingest into) {
        var made =
                new Polling(
                        channels,
                        keys,
                        new SourceKinds(
                                extensions(),
                                new SourceKind.Surroundings(
                                        InstantSource.system(),
                                        Map.of("thingspeak", upstream.uri()))),
                        into,
                        QUICK,
                        node,
                        InstantSource.system(),
                        new SplittableRandom(names * 7L),
                        new SimpleMeterRegistry());
        running.add(made);
        return made;
    }

    @BeforeEach
    void begin() {
        ingest.start();
        polling.start();
    }

    @AfterEach
    void end() {
        running.forEach(Polling::close);
        ingest.close();
        added.forEach(channels::remove);
        upstream.close();
    }

    /// Of a channel that nobody has read.
    long number() {
        return ++numbers;
    }

    String device(String suffix) {
        return fleet.add(name + "-" + suffix).id().value();
    }

    UUID read(String device, long number) {
        return read(device, number, null, null);
    }

    /// @param from null: from the newest entry on
    UUID read(String device, long number, @Nullable Instant from, @Nullable String key) {
        return read("thingspeak", device, number, from, key);
    }

    UUID read(
            String kind, String device, long number, @Nullable Instant from, @Nullable String key) {
        var id = UUID.randomUUID();
        var channel =
                new Channel(
                        id,
                        new DeviceId(device),
                        kind,
                        Long.toString(number),
                        key == null ? null : keys.seal(id, new Secret(key)),
                        "account-" + number,
                        Map.of("field1", "t", "field2", "note"),
                        Duration.ofSeconds(1),
                        true,
                        1,
                        TestDatabase.NOW);
        assertThat(
                        channels.add(
                                channel,
                                from == null ? Position.NOTHING_READ : Position.from(from)))
                .isInstanceOf(ChannelStore.Outcome.Stored.class);
        added.add(id);
        polling.changed();
        return id;
    }

    /// Has it read now.
    void look(UUID id) {
        channels.hurry(id);
        polling.changed();
    }

    Standing standing(UUID id) {
        return channels.find(id).orElseThrow();
    }

    /// The numbers of the entries that are stored of a device, in the order in which they were.
    List<Long> stored(String device) {
        return database.read(
                "read what is stored",
                session ->
                        session.sql(
                                        "SELECT message_id FROM device_state_snapshots WHERE device_id = ? ORDER BY sequence")
                                .set(device)
                                .list(row ->
                                        Long.parseLong(
                                                row.text("message_id")
                                                        .replaceFirst("^[a-z]+:\\d+:", "")
                                                        .replaceFirst("@.*", ""))));
    }

    /// What it reports now.
    String reported(String device) {
        return new SqlStateStore(database)
                .find(new DeviceId(device))
                .orElseThrow()
                .reported()
                .toString();
    }

    static List<Long> numbersTo(long last) {
        return java.util.stream.LongStream.rangeClosed(1, last).boxed().toList();
    }
}
