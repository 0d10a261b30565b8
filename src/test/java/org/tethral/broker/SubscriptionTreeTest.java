package org.tethral.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SubscriptionTreeTest {

    private static final List<String> LEVELS = List.of("a", "b", "", "$x", "c");

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void findsWhatLookingAtEachSubscriptionFinds(long seed) {
        System.out.println("seed " + seed);
        var random = new Random(seed);
        var tree = new SubscriptionTree<Integer>();
        var naive = new HashMap<Integer, Map<TopicFilter, Subscription>>();
        for (int step = 0; step < 3_000; step++) {
            var subscriber = random.nextInt(8);
            var filter = filter(random);
            var own = naive.computeIfAbsent(subscriber, _ -> new HashMap<>());
            if (random.nextInt(3) > 0) {
                var subscription = Subscription.plain(filter, random.nextInt(3));
                tree.subscribe(subscriber, subscription);
                own.put(filter, subscription);
            } else {
                tree.unsubscribe(subscriber, filter);
                own.remove(filter);
            }
            assertThat(tree.size()).isEqualTo(naive.values().stream().mapToInt(Map::size).sum());
            compare(tree, naive, topic(random));
        }
    }

    private static void compare(
            SubscriptionTree<Integer> tree,
            Map<Integer, Map<TopicFilter, Subscription>> naive,
            TopicName topic) {
        var plain = new HashMap<Integer, List<Subscription>>();
        var groups = new HashSet<TopicFilter>();
        naive.forEach((subscriber, all) ->
                all.forEach((filter, subscription) -> {
                    if (!filter.matches(topic.text())) {
                        return;
                    }
                    if (filter.shared()) {
                        groups.add(filter);
                    } else {
                        plain.computeIfAbsent(subscriber, _ -> new ArrayList<>()).add(subscription);
                    }
                }));
        for (var match : tree.match(topic, _ -> true)) {
            var first = match.subscriptions().getFirst();
            if (first.filter().shared()) {
                assertThat(match.subscriptions()).hasSize(1);
                assertThat(groups.remove(first.filter())).as(topic + " " + first).isTrue();
                assertThat(naive.get(match.subscriber())).containsValue(first);
            } else {
                assertThat(match.subscriptions())
                        .as(topic.text())
                        .containsExactlyInAnyOrderElementsOf(
                                Objects.requireNonNull(plain.remove(match.subscriber())));
            }
        }
        assertThat(groups).as(topic.text()).isEmpty();
        assertThat(plain).as(topic.text()).isEmpty();
    }

    private static TopicFilter filter(Random random) {
        while (true) {
            var levels = new ArrayList<String>();
            for (int i = random.nextInt(4); i >= 0; i--) {
                levels.add(
                        random.nextInt(4) == 0 ? "+" : LEVELS.get(random.nextInt(LEVELS.size())));
            }
            if (random.nextInt(3) == 0) {
                levels.add("#");
            }
            var text = String.join("/", levels);
            var share = random.nextInt(4) == 0 ? "$share/g" + random.nextInt(2) + "/" : "";
            var filter = TopicFilter.parse(share + text);
            if (filter != null) {
                return filter;
            }
        }
    }

    private static TopicName topic(Random random) {
        while (true) {
            var levels = new ArrayList<String>();
            for (int i = random.nextInt(4); i >= 0; i--) {
                levels.add(LEVELS.get(random.nextInt(LEVELS.size())));
            }
            var text = String.join("/", levels);
            if (!text.isEmpty()) {
                return new TopicName(text);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "a/b, a/b, true",
        "a/+, a/b, true",
        "a/+, a, false",
        "a/#, a, true",
        "a/#, a/b/c, true",
        "+, /a, false",
        "/+, /a, true",
        "#, $SYS/a, false",
        "+/a, $SYS/a, false",
        "$SYS/#, $SYS/a, true"
    })
    void matchesAsTheStandardSays(String filter, String topic, boolean matches) {
        var tree = new SubscriptionTree<String>();
        tree.subscribe(
                "s", Subscription.plain(Objects.requireNonNull(TopicFilter.parse(filter)), 0));

        assertThat(!tree.match(new TopicName(topic), _ -> true).isEmpty()).isEqualTo(matches);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a+",
                "a/#/b",
                "#a",
                "+a/b",
                "$share",
                "$share/g",
                "$share/g/",
                "$share//a",
                "$share/+/a",
                "$share/g/a#"
            })
    void knowsWhatIsNoFilter(String text) {
        assertThat(TopicFilter.parse(text)).isNull();
    }

    @Test
    void givesEachMemberOfAGroupItsTurnAndPrefersThosePresent() {
        var tree = new SubscriptionTree<String>();
        var filter = Objects.requireNonNull(TopicFilter.parse("$share/g/a/+"));
        List.of("x", "y", "z").forEach(one -> tree.subscribe(one, Subscription.plain(filter, 1)));
        var topic = new TopicName("a/b");

        var turns = new ArrayList<String>();
        for (int i = 0; i < 6; i++) {
            turns.add(tree.match(topic, _ -> true).getFirst().subscriber());
        }
        assertThat(turns.subList(0, 3)).containsExactlyInAnyOrder("x", "y", "z");
        assertThat(turns.subList(3, 6)).isEqualTo(turns.subList(0, 3));

        for (int i = 0; i < 4; i++) {
            assertThat(tree.match(topic, "y"::equals).getFirst().subscriber()).isEqualTo("y");
        }
        assertThat(tree.match(topic, _ -> false)).hasSize(1);
        assertThat(filter).hasToString("$share/g/a/+");
    }
}
