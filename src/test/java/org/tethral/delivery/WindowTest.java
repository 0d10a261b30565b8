package org.tethral.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.tethral.event.Event;
import org.tethral.event.Priority;
import org.tethral.sql.Events;

class WindowTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final List<Priority> PRIORITIES = List.of(Priority.values());
    private final Window window = new Window();

    @Test
    void keepsTheOrderOfADeviceWithOneAttemptAtATime() {
        add(1, "a");
        add(2, "a");
        add(3, "b");
        var first = window.next(1, NOW);
        assertThat(sequences(first)).containsExactly(1L);
        var second = window.next(1, NOW);
        assertThat(sequences(second)).containsExactly(3L);
        assertThat(window.next(1, NOW)).isEmpty();
        window.settled(first.getFirst());
        assertThat(sequences(window.next(1, NOW))).containsExactly(2L);
    }

    @Test
    void takesTheMostUrgentFirstAndWhatStandsBeforeIt() {
        add(1, "a");
        add(2, "b");
        add(3, "b", Priority.CRITICAL);
        add(4, "c", Priority.HIGH);
        assertThat(drained()).containsExactly(2L, 3L, 4L, 1L);
    }

    @Test
    void ordersWhatNoDeviceToldBySource() {
        add(1, null);
        add(2, null);
        assertThat(sequences(window.next(1, NOW))).containsExactly(1L);
        assertThat(window.next(1, NOW)).isEmpty();
    }

    @Test
    void takesManyAtOnceInOrder() {
        add(1, "a");
        add(2, "b");
        add(3, "a");
        assertThat(sequences(window.next(10, NOW))).containsExactly(1L, 2L, 3L);
    }

    @Test
    void triesWhatFailedAloneAndNotBeforeItsTime() {
        add(1, "a");
        add(2, "a");
        add(3, "b");
        for (var entry : window.next(10, NOW)) {
            window.failed(entry, "no", NOW.plusSeconds(entry.sequence()));
        }
        add(4, "c");
        assertThat(sequences(window.next(10, NOW))).containsExactly(4L);
        assertThat(window.nextDue()).isEqualTo(NOW.plusSeconds(1));
        assertThat(window.withoutRow()).containsExactly(4L);
        var later = NOW.plusSeconds(9);
        assertThat(sequences(window.next(10, later))).containsExactly(1L);
        assertThat(sequences(window.next(10, later))).containsExactly(3L);
        assertThat(window.next(10, later)).isEmpty();
    }

    @Test
    void hurriesWhenTheReceiverIsBack() {
        add(1, "a");
        window.failed(window.next(1, NOW).getFirst(), "no", NOW.plusSeconds(3_600));
        window.hurry(NOW.plusSeconds(1));
        assertThat(sequences(window.next(1, NOW.plusSeconds(1)))).containsExactly(1L);
    }

    @Test
    void putsWhatIsSentAgainBeforeWhatFollowsIt() {
        add(5, "a");
        add(2, "a");
        assertThat(drained()).containsExactly(2L, 5L);
    }

    /// Whatever happens, each event is settled once, and those of a device in their order.
    @Test
    void losesAndDoublesNothing() {
        var seed = new Random().nextLong();
        var random = new Random(seed);
        var now = NOW;
        var underWay = new ArrayList<List<Window.Entry>>();
        Map<String, Long> last = new HashMap<>();
        var settled = new HashSet<Long>();
        var added = 0L;
        while (settled.size() < 5_000) {
            now = now.plusMillis(random.nextInt(200));
            while (added < 5_000 && window.size() < 100) {
                add(++added, "d" + random.nextInt(9), PRIORITIES.get(random.nextInt(4)));
            }
            var next = window.next(1 + random.nextInt(5), now);
            if (!next.isEmpty()) {
                underWay.add(next);
            }
            while (!underWay.isEmpty() && (next.isEmpty() || random.nextInt(3) == 0)) {
                var ends = underWay.remove(random.nextInt(underWay.size()));
                var fails = random.nextInt(4) == 0;
                for (var entry : ends) {
                    if (fails) {
                        window.failed(entry, "no", now.plusMillis(random.nextInt(1_000)));
                        continue;
                    }
                    window.settled(entry);
                    assertThat(settled.add(entry.sequence())).as("seed %d", seed).isTrue();
                    var device = entry.logged.event().source();
                    assertThat(entry.sequence())
                            .as("seed %d", seed)
                            .isGreaterThan(last.getOrDefault(device, 0L));
                    last.put(device, entry.sequence());
                }
                next = List.of(ends.getFirst());
            }
        }
        assertThat(window.isEmpty()).isTrue();
        assertThat(window.hasRoom()).isTrue();
    }

    private List<Long> drained() {
        var all = new ArrayList<Long>();
        for (var next = window.next(1, NOW); !next.isEmpty(); next = window.next(1, NOW)) {
            all.addAll(sequences(next));
            next.forEach(window::settled);
        }
        return all;
    }

    private void add(long sequence, @Nullable String device) {
        add(sequence, device, Priority.NORMAL);
    }

    private void add(long sequence, @Nullable String device, Priority priority) {
        window.add(
                new Event.Logged(sequence, Events.of("e" + sequence, device, priority, null, NOW)));
    }

    private static List<Long> sequences(List<Window.Entry> entries) {
        return entries.stream().map(Window.Entry::sequence).toList();
    }
}
