package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.kernel.Eventually.eventually;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;
import org.tethral.source.Position;
import org.tethral.thingspeak.FakeThingSpeak;

/// A source that gives the first entries of a time, where the one of the other tests gives the
/// last: nothing may rest on either.
@ParameterizedClass(name = "{0}")
@MethodSource("sqlite")
class PollingOldestFirstTest extends PollingRig {

    PollingOldestFirstTest(TestDatabase test) {
        super(test, new FakeThingSpeak(true, 60_000));
    }

    static java.util.List<TestDatabase> sqlite() {
        return java.util.List.of(TestDatabase.sqlite());
    }

    @Test
    void readsAllThatThereIs() {
        var number = number();
        var channel = upstream.channel(number);
        for (int i = 1; i <= 20_000; i++) {
            // long pauses, and much at once
            channel.add(start.plusSeconds(i + i / 5_000 * 3_600L), "field1", "" + i);
        }
        var device = device("on");
        var id = read(device, number, start, null);
        eventually(() -> standing(id).position().last() == 20_000);
        assertThat(stored(device)).isEqualTo(numbersTo(20_000));
        var second = device("back");
        var newest = read(second, number);
        eventually(() -> standing(newest).position().last() == 20_000);
        channels.backfill(newest, new Position.History(1, 0, start));
        polling.changed();
        eventually(() -> standing(newest).position().history() == null);
        assertThat(stored(second).stream().sorted()).isEqualTo(numbersTo(20_000));
    }
}
