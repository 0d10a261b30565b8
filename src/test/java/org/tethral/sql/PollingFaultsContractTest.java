package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.kernel.Eventually.eventually;

import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.tethral.source.Circuit;
import org.tethral.source.Health;
import org.tethral.source.Position;
import org.tethral.thingspeak.FakeThingSpeak;
import org.tethral.thingspeak.FakeThingSpeak.Mood;

/// A source that misbehaves harms nothing, and when it is well again, no entry is missing and none
/// is there twice.
@EachEngine
class PollingFaultsContractTest extends PollingRig {

    PollingFaultsContractTest(TestDatabase test) {
        super(test, new FakeThingSpeak(false, 60_000));
    }

    private void fill(FakeThingSpeak.Channel channel, long from, long to) {
        for (long i = from; i <= to; i++) {
            channel.add(start.plusSeconds(i * 3), "field1", Long.toString(i));
        }
    }

    private Health health(UUID id) {
        return standing(id).health();
    }

    @Test
    void triesAgainAtOnceWhatFailsOnce() {
        var number = number();
        var channel = upstream.channel(number);
        fill(channel, 1, 5);
        channel.next(Mood.BROKEN, Mood.MALFORMED);
        var device = device("again");
        var id = read(device, number, start, null);
        eventually(() -> standing(id).position().last() == 5);
        assertThat(stored(device)).isEqualTo(numbersTo(5));
        assertThat(health(id).circuit()).isEqualTo(Circuit.CLOSED);
        assertThat(channel.calls()).isEqualTo(3);
    }

    @Test
    void opensTheCircuitOfAnUpstreamThatFailsAndLosesNothing() {
        var number = number();
        var channel = upstream.channel(number);
        fill(channel, 1, 5);
        var device = device("broken");
        var id = read(device, number, start, null);
        eventually(() -> standing(id).position().last() == 5);
        channel.always(Mood.BROKEN);
        fill(channel, 6, 20);
        look(id);
        eventually(() -> health(id).circuit().state() == Circuit.State.OPEN);
        assertThat(health(id).error()).isEqualTo("ThingSpeak answers 500");
        assertThat(health(id).failingSince()).isNotNull();
        eventually(() -> polling.problem().filter(text -> text.contains("500")).isPresent());
        channel.always(Mood.WELL);
        eventually(() -> standing(id).position().last() == 20);
        eventually(() -> health(id).circuit().equals(Circuit.CLOSED) && health(id).error() == null);
        assertThat(stored(device)).isEqualTo(numbersTo(20));
        eventually(() -> polling.problem().isEmpty());
    }

    @Test
    void callsNobodyWhileACircuitThatWasWrittenDownIsOpen() {
        var number = number();
        var channel = upstream.channel(number);
        fill(channel, 1, 5);
        var device = device("kept");
        polling.close();
        var id = read(device, number, start, null);
        database.write(
                "open the circuit",
                session ->
                        session.sql(
                                        """
                                        UPDATE thingspeak_channels SET breaker_state = 'open', breaker_until = ?,
                                            last_error = 'before', failing_since = ? WHERE id = ?
                                        """)
                                .set(Instant.now().plusSeconds(3_600))
                                .set(start)
                                .set(id)
                                .update());
        polling = polling(name + "-again", ingest);
        polling.start();
        eventually(() -> health(id).polledAt() != null);
        assertThat(channel.calls()).isZero();
        assertThat(health(id).circuit().state()).isEqualTo(Circuit.State.OPEN);
        assertThat(health(id).error()).isEqualTo("before");
        look(id); // somebody insists
        eventually(() -> standing(id).position().last() == 5);
        assertThat(stored(device)).isEqualTo(numbersTo(5));
    }

    @Test
    void readsEverythingWhenADeadUpstreamReturns() {
        var number = number();
        var channel = upstream.channel(number);
        fill(channel, 1, 5);
        var device = device("dead");
        var id = read(device, number, start, null);
        eventually(() -> standing(id).position().last() == 5);
        upstream.die();
        fill(channel, 6, 260);
        look(id);
        eventually(() -> health(id).circuit().state() == Circuit.State.OPEN);
        assertThat(health(id).error()).contains("cannot be reached");
        assertThat(ingest.health().ok()).isTrue();
        upstream.rise();
        eventually(() -> standing(id).position().last() == 260);
        assertThat(stored(device)).isEqualTo(numbersTo(260));
        assertThat(standing(id).position().missing()).isZero();
    }

    @Test
    void pausesTheAccountThatMadeTooManyCalls() {
        var number = number();
        var channel = upstream.channel(number);
        fill(channel, 1, 3);
        channel.next(Mood.TOO_MANY);
        var device = device("many");
        var id = read(device, number, start, null);
        eventually(() -> "too many calls of this account".equals(health(id).error()));
        assertThat(channel.calls()).isEqualTo(1); // no second attempt
        assertThat(health(id).circuit()).isEqualTo(Circuit.CLOSED);
        eventually(() -> standing(id).position().last() == 3);
        assertThat(stored(device)).isEqualTo(numbersTo(3));
    }

    @Test
    void doesNotCallAChannelAgainAndAgainThatRefusesItsKey() {
        var number = number();
        var channel = upstream.channel(number, "right");
        fill(channel, 1, 3);
        var device = device("key");
        var id = read(device, number, start, "wrong");
        eventually(() -> health(id).error() != null);
        assertThat(health(id).error()).contains("key").doesNotContain("wrong");
        assertThat(health(id).circuit()).isEqualTo(Circuit.CLOSED);
        assertThat(channel.calls()).isEqualTo(1);
        assertThat(channels.change(withKey(id, "right")))
                .isInstanceOf(org.tethral.source.ChannelStore.Outcome.Stored.class);
        polling.changed();
        eventually(() -> standing(id).position().last() == 3);
        assertThat(stored(device)).isEqualTo(numbersTo(3));
        assertThat(standing(id).channel().key()).doesNotContain("right");
    }

    private org.tethral.source.Channel withKey(UUID id, String key) {
        var channel = standing(id).channel();
        return new org.tethral.source.Channel(
                id,
                channel.device(),
                channel.kind(),
                channel.name(),
                keys.seal(id, new org.tethral.kernel.Secret(key)),
                channel.account(),
                channel.fields(),
                channel.interval(),
                true,
                channel.version(),
                channel.createdAt());
    }

    @Test
    void delaysNoOtherChannelWhereOneIsSlow() {
        var slow = number();
        upstream.channel(slow).always(Mood.SLOW);
        var quick = number();
        var channel = upstream.channel(quick);
        fill(channel, 1, 3);
        var waiting = read(device("slow"), slow, start, null);
        var device = device("quick");
        eventually(() -> upstream.channel(slow).calls() > 0);
        var begin = System.nanoTime();
        var id = read(device, quick, start, null);
        eventually(() -> standing(id).position().last() == 3);
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(5));
        assertThat(health(waiting).polledAt()).isNull(); // still waits
    }

    @Test
    void storesNothingOfAnswersThatBreakOff() {
        var number = number();
        var channel = upstream.channel(number);
        fill(channel, 1, 5);
        channel.next(Mood.CUT_OFF);
        var device = device("cut");
        var id = read(device, number, start, null);
        eventually(() -> standing(id).position().last() == 5);
        assertThat(stored(device)).isEqualTo(numbersTo(5));
    }

    /// More history than comes at once.
    @Test
    void readsHistoryInPartsAndGoesOnAfterARestart() {
        var number = number();
        var channel = upstream.channel(number);
        fill(channel, 1, 20_000);
        var device = device("history");
        var id = read(device, number);
        eventually(() -> standing(id).position().last() == 20_000);
        channels.backfill(id, new Position.History(1, 0, start));
        polling.changed();
        eventually(() -> stored(device).size() > 1_000);
        polling.close();
        polling = polling(name + "-again", ingest);
        polling.start();
        eventually(() -> standing(id).position().history() == null);
        assertThat(stored(device).stream().sorted()).isEqualTo(numbersTo(20_000));
        assertThat(standing(id).position().first()).isEqualTo(1);
        assertThat(reported(device)).contains("20000").doesNotContain("19999");
    }
}
