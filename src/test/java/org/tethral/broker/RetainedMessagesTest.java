package org.tethral.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RetainedMessagesTest {

    private static final Instant NOW = Instant.parse("2026-07-14T12:00:00Z");
    private static final List<String> LEVELS = List.of("a", "b", "", "$x");

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void holdsTheLastOfEachTopicAndFindsItByFilter(long seed) {
        System.out.println("seed " + seed);
        var random = new Random(seed);
        var retained = new RetainedMessages();
        var naive = new HashMap<String, BrokerMessage>();
        for (int step = 0; step < 3_000; step++) {
            var topic = text(random, LEVELS);
            if (topic.isEmpty()) {
                continue;
            }
            if (random.nextInt(3) > 0) {
                var message = message(topic, new byte[random.nextInt(9)], null);
                assertThat(retained.set(message)).isTrue();
                naive.put(topic, message);
            } else {
                assertThat(retained.clear(new TopicName(topic)))
                        .isEqualTo(naive.remove(topic) != null);
            }
            var filter = TopicFilter.parse(text(random, List.of("a", "b", "", "$x", "+", "#")));
            if (filter != null) {
                assertThat(retained.matching(filter, NOW))
                        .as(filter.toString())
                        .containsExactlyInAnyOrderElementsOf(
                                naive.values().stream()
                                        .filter(one -> filter.matches(one.topic().text()))
                                        .toList());
            }
            assertThat(retained.size()).isEqualTo(naive.size());
        }
    }

    private static String text(Random random, List<String> levels) {
        var text = new StringBuilder(levels.get(random.nextInt(levels.size())));
        for (int i = random.nextInt(4); i > 0; i--) {
            text.append('/').append(levels.get(random.nextInt(levels.size())));
        }
        return text.toString();
    }

    @Test
    void givesNothingThatIsWorthNothingAnyMore() {
        var retained = new RetainedMessages();
        retained.set(message("a", new byte[1], NOW.plusSeconds(5)));
        var all = Objects.requireNonNull(TopicFilter.parse("#"));

        assertThat(retained.matching(all, NOW.plusSeconds(4))).hasSize(1);
        assertThat(retained.matching(all, NOW.plusSeconds(5))).isEmpty();
        assertThat(retained.expiredAt(NOW.plusSeconds(5))).containsExactly(new TopicName("a"));
    }

    @Test
    void takesNoMoreThanItHasRoomFor() {
        var retained = new RetainedMessages();
        var large = new byte[1024 * 1024];
        var taken = 0;
        while (retained.set(message("a/" + taken, large, null))) {
            taken++;
        }
        assertThat(taken).isBetween(30, 32);
        assertThat(retained.set(message("a/0", new byte[1], null))).isTrue();
        assertThat(retained.set(message("a/new", new byte[1024], null))).isTrue();
    }

    static BrokerMessage message(
            String topic, byte[] payload, @org.jspecify.annotations.Nullable Instant expiresAt) {
        return new BrokerMessage(
                new TopicName(topic), payload, 1, true, MessageProperties.NONE, NOW, expiresAt);
    }
}
