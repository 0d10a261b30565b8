package org.tethral.mqtt;

import static io.netty.handler.codec.mqtt.MqttProperties.PUBLICATION_EXPIRY_INTERVAL;
import static io.netty.handler.codec.mqtt.MqttProperties.WILL_DELAY_INTERVAL;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.mqtt.MqttProperties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Wills: when they are said, and when not.
final class WillTest extends OpenTopics {

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void saysAWillWhenAClientIsGoneWithoutAGoodbye(int version) {
        try (var watcher = client(version, "w")) {
            watcher.subscribe("wills/#", 2);
            at(TalkingClient.start(version, "lost").will("wills/lost", "gone", 2, true)).close();
            assertThat(watcher.next().text()).isEqualTo("gone");
            at(TalkingClient.start(version, "polite").will("wills/polite", "gone", 1, false))
                    .disconnect();
            var mute =
                    at(
                            TalkingClient.start(version, "mute")
                                    .keepAlive(1)
                                    .will("wills/mute", "mute", 0, false));
            assertThat(watcher.next().text()).isEqualTo("mute");
            mute.close();
            watcher.subscribe("wills/+", 1);
            var retained = watcher.next();
            assertThat(retained.topic()).isEqualTo("wills/lost");
            assertThat(retained.retained()).isTrue();
            assertThat(watcher.nothingMore()).isTrue();
        }
    }

    @Test
    void saysAWillWithADisconnectThatAsksForIt() {
        try (var watcher = client(5, "w")) {
            watcher.subscribe("will", 2);
            at(TalkingClient.start(5, "a").will("will", "asked for", 0, false))
                    .disconnect(4, MqttProperties.NO_PROPERTIES);
            assertThat(watcher.next().text()).isEqualTo("asked for");
        }
    }

    @Test
    void waitsWithAWillUnlessTheSessionEnds() {
        try (var watcher = client(5, "w")) {
            watcher.subscribe("will/#", 2);
            at(TalkingClient.start(5, "b")
                            .expiry(0)
                            .will("will/ended", "ended", 1, false)
                            .willNumber(WILL_DELAY_INTERVAL, 100))
                    .close();
            assertThat(watcher.next().text()).isEqualTo("ended");
            var begin = System.nanoTime();
            at(TalkingClient.start(5, "a")
                            .expiry(100)
                            .will("will/late", "late", 1, false)
                            .willNumber(WILL_DELAY_INTERVAL, 1)
                            .willNumber(PUBLICATION_EXPIRY_INTERVAL, 77))
                    .close();
            var late = watcher.next();
            assertThat(late.text()).isEqualTo("late");
            assertThat(late.number(PUBLICATION_EXPIRY_INTERVAL)).isEqualTo(77);
            assertThat(System.nanoTime() - begin).isGreaterThan(900_000_000L);
        }
    }

    @Test
    void saysNoWillOfAClientThatIsBackInTime() {
        try (var watcher = client(5, "w")) {
            watcher.subscribe("will/#", 2);
            var start =
                    TalkingClient.start(5, "a")
                            .resuming()
                            .expiry(100)
                            .will("will/a", "gone", 1, false)
                            .willNumber(WILL_DELAY_INTERVAL, 3);
            at(start).close();
            try (var back = at(start)) {
                assertThat(back.sessionPresent()).isTrue();
                // a later will tells when the first would have been due
                at(TalkingClient.start(5, "b")
                                .expiry(100)
                                .will("will/b", "later", 1, false)
                                .willNumber(WILL_DELAY_INTERVAL, 4))
                        .close();
                assertThat(watcher.next().text()).isEqualTo("later");
                assertThat(watcher.nothingMore()).isTrue();
            }
        }
    }

    @Test
    void saysTheWillOfASessionThatIsThrownAway() {
        try (var watcher = client(5, "w")) {
            watcher.subscribe("will/#", 2);
            at(TalkingClient.start(5, "a")
                            .expiry(100)
                            .will("will/a", "gone", 1, false)
                            .willNumber(WILL_DELAY_INTERVAL, 100))
                    .close();
            try (var _ = client(5, "a")) {
                assertThat(watcher.next().text()).isEqualTo("gone");
            }
        }
    }
}
