package org.tethral.thingspeak;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tethral.kernel.Document;
import org.tethral.kernel.Secret;
import org.tethral.kernel.Value;
import org.tethral.source.Entry;
import org.tethral.source.Fetched;
import org.tethral.source.Query;
import org.tethral.thingspeak.FakeThingSpeak.Mood;

class FeedsTest {

    private static final Instant AT = Instant.parse("2026-01-02T03:04:05Z");

    private static Fetched parsed(String json) {
        return FeedJson.parse(json.getBytes(StandardCharsets.UTF_8), 2);
    }

    /// As the documentation of ThingSpeak shows it.
    @Test
    void readsWhatThingSpeakDocuments() {
        var answer =
                parsed(
                        """
                        {"channel": {"id": 9, "name": "my_house", "description": "Netduino Plus", "latitude": "40.44",
                          "longitude": "-79.9965", "field1": "Light", "field2": "Outside Temperature",
                          "created_at": "2010-12-13T20:20:06-05:00", "updated_at": "2014-02-26T12:43:04-05:00",
                          "last_entry_id": 6060625},
                         "feeds": [{"created_at": "2014-02-26T12:42:49-05:00", "entry_id": 6060624, "field1": "188",
                           "field2": "25.902335456475583"}]}
                        """);
        assertThat(answer)
                .isEqualTo(
                        new Fetched.Entries(
                                java.util.List.of(
                                        new Entry(
                                                6_060_624,
                                                Instant.parse("2014-02-26T17:42:49Z"),
                                                Document.of("field1", Value.of(188))
                                                        .with(
                                                                "field2",
                                                                Value.of(25.902335456475583)))),
                                6_060_625,
                                false));
    }

    @Test
    void takesForNumbersWhatIsOne() {
        var answer =
                parsed(
                        """
                        {"channel": {"last_entry_id": null}, "feeds": [{"created_at": "2026-01-02T03:04:05Z",
                          "entry_id": 1, "field1": null, "field2": "007", "field3": "-1.5e3", "field4": "open",
                          "field5": "", "field6": " 4 ", "field7": "1e999", "field8": 7, "status": "ok"}]}
                        """);
        assertThat(((Fetched.Entries) answer).entries().getFirst().fields())
                .isEqualTo(
                        Document.of("field2", Value.of("007"))
                                .with("field3", Value.of(-1_500.0))
                                .with("field4", Value.of("open"))
                                .with("field6", Value.of(4))
                                .with("field7", Value.of("1e999"))
                                .with("field8", Value.of(7)));
        assertThat(((Fetched.Entries) answer).newest()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "<html>",
                "[]",
                "{}",
                "{\"feeds\":{}}",
                "{\"feeds\":[1]}",
                "{\"feeds\":[{\"entry_id\":1}]}",
                "{\"feeds\":[{\"created_at\":\"2026-01-02T03:04:05Z\"}]}",
                "{\"feeds\":[{\"created_at\":\"2026-01-02T03:04:05Z\",\"entry_id\":0}]}",
                "{\"feeds\":[{\"created_at\":\"2926-01-02T03:04:05Z\",\"entry_id\":1}]}"
            })
    void failsOnWhatItCannotRead(String answer) {
        assertThat(parsed(answer)).isInstanceOf(Fetched.Failed.class);
    }

    @Test
    void takesMinusOneForARefusal() {
        assertThat(parsed("-1")).isInstanceOf(Fetched.Refused.class);
    }

    @Test
    void asksInSecondsOfUtcAndSpeaksOfEachFailureWithoutTheKey() throws Exception {
        try (var upstream = new FakeThingSpeak(false, 60_000);
                var impatient = new Feeds(upstream.uri(), Duration.ofMillis(300));
                var feeds = new Feeds(upstream.uri(), Duration.ofSeconds(30))) {
            var channel = upstream.channel(9, "a key&b=c");
            for (int i = 0; i < 5; i++) {
                channel.add(AT.plusSeconds(i), "field1", "" + i);
            }
            var key = new Secret("a key&b=c");
            var between = Query.between(AT.plusSeconds(1), AT.plusSeconds(3));
            assertThat(feeds.fetch("9", key, between))
                    .isInstanceOfSatisfying(
                            Fetched.Entries.class,
                            found -> {
                                assertThat(found.entries()).hasSize(3);
                                assertThat(found.newest()).isEqualTo(5);
                                assertThat(found.full()).isFalse();
                            });
            assertThat(feeds.fetch("9", key, between)).isInstanceOf(Fetched.Entries.class);
            assertThat(channel.unchanged()).isEqualTo(1);
            var expected =
                    Map.of(
                            Mood.BROKEN, "ThingSpeak answers 500",
                            Mood.MALFORMED, "ThingSpeak's answer cannot be read",
                            Mood.SLOW, "does not answer within",
                            Mood.CUT_OFF, "127.0.0.1");
            for (var mood : expected.entrySet()) {
                channel.next(mood.getKey());
                var asking = mood.getKey() == Mood.SLOW ? impatient : feeds;
                assertThat(asking.fetch("9", key, Query.RECENT))
                        .isInstanceOfSatisfying(
                                Fetched.Failed.class,
                                failed ->
                                        assertThat(failed.reason())
                                                .contains(mood.getValue())
                                                .doesNotContain("key"));
            }
            channel.next(Mood.TOO_MANY);
            assertThat(feeds.fetch("9", key, Query.RECENT))
                    .isEqualTo(new Fetched.TooMany(Duration.ofSeconds(1)));
            assertThat(feeds.fetch("9", new Secret("other"), Query.RECENT))
                    .isInstanceOf(Fetched.Refused.class);
            assertThat(feeds.fetch("10", null, Query.RECENT)).isInstanceOf(Fetched.Refused.class);
            upstream.die();
            assertThat(feeds.fetch("9", key, Query.RECENT)).isInstanceOf(Fetched.Failed.class);
        }
    }
}
