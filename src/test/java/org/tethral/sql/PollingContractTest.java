package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.kernel.Eventually.eventually;

import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.tethral.source.ChannelStore;
import org.tethral.source.Circuit;
import org.tethral.source.Position;
import org.tethral.thingspeak.FakeThingSpeak;
import org.tethral.thingspeak.FakeThingSpeak.Mood;

/// What is read of a source is stored once, in order, with nothing left out.
@EachEngine
class PollingContractTest extends PollingRig {

    PollingContractTest(TestDatabase test) {
        super(test, new FakeThingSpeak());
    }

    private Instant at(long entry) {
        return start.plusSeconds(entry * 15);
    }

    private void fill(FakeThingSpeak.Channel channel, long from, long to) {
        for (long i = from; i <= to; i++) {
            channel.add(at(i), "field1", Long.toString(i));
        }
    }

    @Test
    void beginsWithTheNewestEntryAndStoresWhatComesThen() {
        var number = number();
        var channel = upstream.channel(number);
        fill(channel, 1, 5);
        var device = device("tail");
        var id = read(device, number);
        eventually(() -> stored(device).size() == 1);
        channel.add(at(6), "field1", "21.5", "field2", "door open", "field3", "not mapped");
        channel.add(at(7), "field1", null, "field2", null);
        channel.add(at(8), "field1", "22", "field2", null);
        look(id);
        eventually(() -> standing(id).position().last() == 8);
        assertThat(stored(device)).containsExactly(5L, 6L, 8L);
        assertThat(reported(device))
                .contains("door open")
                .contains("22")
                .doesNotContain("not mapped");
        assertThat(standing(id).position().first()).isEqualTo(5);
        assertThat(standing(id).position().missing()).isZero();
        assertThat(standing(id).health().error()).isNull();
        assertThat(standing(id).node()).isEqualTo(name);
        eventually(
                () -> channel.unchanged() > 0); // a poll of a channel at rest costs next to nothing
    }

    @Test
    void readsOnFromTheGivenTime() {
        var number = number();
        fill(upstream.channel(number), 1, 1_200);
        var device = device("from");
        read(device, number, at(11), null);
        eventually(() -> stored(device).size() >= 1_190);
        assertThat(stored(device)).isEqualTo(numbersTo(1_200).subList(10, 1_200));
        assertThat(reported(device)).contains("1200");
    }

    @Test
    void goesOnAfterARestartWhereItWas() {
        var number = number();
        var channel = upstream.channel(number);
        fill(channel, 1, 3);
        var device = device("restart");
        var id = read(device, number, start, null);
        eventually(() -> standing(id).position().last() == 3);
        polling.close();
        fill(channel, 4, 7);
        polling = polling(name + "-again", ingest);
        polling.start();
        eventually(() -> standing(id).position().last() == 7);
        assertThat(stored(device)).isEqualTo(numbersTo(7));
    }

    @Test
    void storesOnceWhatComesTwiceAndInAnyOrder() {
        var number = number();
        var channel = upstream.channel(number);
        channel.always(Mood.SHUFFLED);
        fill(channel, 1, 40);
        var device = device("shuffled");
        var id = read(device, number, start, null);
        eventually(() -> standing(id).position().last() == 40);
        fill(channel, 41, 60);
        look(id);
        eventually(() -> standing(id).position().last() == 60);
        assertThat(stored(device)).isEqualTo(numbersTo(60));
    }

    @Test
    void findsEntriesWhoseTimeIsOlderThanThatOfThoseBefore() {
        var number = number();
        var channel = upstream.channel(number);
        fill(channel, 1, 10);
        var device = device("late");
        var id = read(device, number, start, null);
        eventually(() -> standing(id).position().last() == 10);
        channel.add(at(2).plusSeconds(1), "field1", "late");
        channel.add(at(20), "field1", "20");
        look(id);
        eventually(() -> standing(id).position().last() == 12);
        assertThat(stored(device)).isEqualTo(numbersTo(12));
        assertThat(standing(id).position().missing()).isZero();
    }

    @Test
    void countsEntriesThatTheSourceNeverShows() {
        var number = number();
        var channel = upstream.channel(number);
        fill(channel, 1, 3);
        var device = device("gap");
        var id = read(device, number, start, null);
        eventually(() -> standing(id).position().last() == 3);
        fill(channel, 4, 6);
        channel.lose(5);
        eventually(() -> standing(id).position().last() == 6);
        assertThat(stored(device)).containsExactly(1L, 2L, 3L, 4L, 6L);
        assertThat(standing(id).position().missing()).isEqualTo(1);
    }

    @Test
    void readsAChannelThatWasClearedFromItsBeginning() {
        var number = number();
        var channel = upstream.channel(number);
        fill(channel, 1, 5);
        var device = device("cleared");
        var id = read(device, number, start, null);
        eventually(() -> standing(id).position().last() == 5);
        channel.clear();
        channel.add(at(30), "field1", "anew");
        channel.add(at(31), "field1", "anew");
        look(id);
        eventually(() -> standing(id).position().last() == 2);
        assertThat(stored(device)).containsExactly(1L, 2L, 3L, 4L, 5L, 1L, 2L);
    }

    @Test
    void storesTheFirstEntriesOfAnEmptyChannel() {
        var number = number();
        var channel = upstream.channel(number);
        var device = device("empty");
        var id = read(device, number);
        eventually(() -> standing(id).health().polledAt() != null);
        fill(channel, 1, 2);
        look(id);
        eventually(() -> standing(id).position().last() == 2);
        assertThat(stored(device)).containsExactly(1L, 2L);
    }

    @Test
    void readsHistoryWithoutTouchingWhatTheDeviceReportsNow() {
        var number = number();
        fill(upstream.channel(number), 1, 700);
        var device = device("history");
        var id = read(device, number);
        eventually(() -> standing(id).position().last() == 700);
        assertThat(channels.backfill(id, new Position.History(1, 0, start)))
                .isInstanceOf(ChannelStore.Outcome.Stored.class);
        polling.changed();
        eventually(() -> standing(id).position().history() == null);
        assertThat(stored(device).stream().sorted()).isEqualTo(numbersTo(700));
        assertThat(reported(device)).contains("700").doesNotContain("699");
        assertThat(standing(id).position().first()).isEqualTo(1);
        // asked for again, there is nothing more to be had
        channels.backfill(id, new Position.History(1, 0, start));
        polling.changed();
        eventually(() -> standing(id).position().history() == null);
        assertThat(stored(device)).hasSize(700);
    }

    @Test
    void readsHistoryFromAnEntryOnAndOneAtATime() {
        var number = number();
        fill(upstream.channel(number), 1, 60);
        var device = device("part");
        var id = read(device, number);
        eventually(() -> standing(id).position().last() == 60);
        polling.close();
        assertThat(channels.backfill(id, new Position.History(51, 0, start)))
                .isInstanceOf(ChannelStore.Outcome.Stored.class);
        assertThat(channels.backfill(id, new Position.History(1, 0, start)))
                .isEqualTo(new ChannelStore.Outcome.Busy());
        polling = polling(name + "-again", ingest);
        polling.start();
        eventually(() -> standing(id).position().history() == null);
        assertThat(stored(device).stream().sorted()).isEqualTo(numbersTo(60).subList(50, 60));
        assertThat(standing(id).position().first()).isEqualTo(51);
    }

    @Test
    void storesEachEntryOnceWhereTwoNodesReadTheSame() throws Exception {
        var number = number();
        var channel = upstream.channel(number);
        fill(channel, 1, 100);
        var device = device("nodes");
        var id = read(device, number, start, null);
        var node = name + "-other";
        var second = ingest(node);
        second.start();
        try (second) {
            var other = polling(node, second);
            other.start();
            eventually(() -> standing(id).position().last() == 100);
            fill(channel, 101, 200);
            look(id);
            other.changed();
            eventually(() -> standing(id).position().last() == 200);
            polling.close();
            fill(channel, 201, 300);
            look(id);
            other.changed();
            eventually(() -> standing(id).position().last() == 300);
            assertThat(standing(id).node()).isEqualTo(node);
            other.close();
        }
        assertThat(stored(device)).isEqualTo(numbersTo(300));
        assertThat(standing(id).node()).isNull();
    }

    @Test
    void waitsForADeviceThatIsDisabled() {
        var number = number();
        fill(upstream.channel(number), 1, 2);
        var device = device("disabled");
        enable(device, false);
        var id = read(device, number, start, null);
        eventually(() -> "the device is disabled".equals(standing(id).health().error()));
        assertThat(stored(device)).isEmpty();
        enable(device, true);
        look(id);
        eventually(() -> standing(id).position().last() == 2);
        assertThat(stored(device)).containsExactly(1L, 2L);
    }

    private void enable(String device, boolean enabled) {
        database.write(
                "enable",
                session ->
                        session.sql("UPDATE devices SET enabled = ? WHERE device_id = ?")
                                .set(enabled)
                                .set(device)
                                .update());
        ingest.forget(new org.tethral.device.DeviceId(device));
    }

    @Test
    void saysOfWhichDeviceTheKeyWasSealedElsewhere() {
        var number = number();
        upstream.channel(number);
        var device = device("sealed");
        var id = UUID.randomUUID();
        var other = read(device, number, null, "secret");
        database.write(
                "move a key",
                session ->
                        session.sql("UPDATE thingspeak_channels SET api_key = ? WHERE id = ?")
                                .set(keys.seal(id, new org.tethral.kernel.Secret("secret")))
                                .set(other)
                                .update());
        look(other);
        eventually(() ->
                standing(other).health().error() != null
                        && standing(other).health().error().contains("sealed"));
        assertThat(standing(other).health().circuit()).isEqualTo(Circuit.CLOSED);
    }
}
