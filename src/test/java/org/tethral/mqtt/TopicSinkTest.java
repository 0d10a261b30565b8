package org.tethral.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tethral.account.CommunityId;
import org.tethral.account.Role;
import org.tethral.delivery.Sink;
import org.tethral.delivery.SinkKind;
import org.tethral.event.Event;
import org.tethral.event.EventType;
import org.tethral.event.Priority;
import org.tethral.json.Json;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;
import org.tethral.sql.Events;

/// Events that go to a topic of our own broker.
final class TopicSinkTest {

    private static final String OWN = CommunityId.DEFAULT.toString();

    private final Instant now = Instant.now();
    private final SinkKind.Surroundings surroundings =
            new SinkKind.Surroundings(InstantSource.fixed(now), new Random(1), false);
    private TestEdge platform;

    @BeforeEach
    void start() {
        platform = TestEdge.started();
    }

    @AfterEach
    void stop() {
        platform.close();
    }

    private Sink sink(Document given) throws Exception {
        var kind = platform.edge.topics();
        return kind.open(kind.checked(given, surroundings), surroundings);
    }

    private Event.Logged logged(long sequence, String device) {
        return new Event.Logged(
                sequence,
                Events.of("e-" + sequence, device, Priority.HIGH, Duration.ofMinutes(1), now));
    }

    private TalkingClient application(ClientStart start) {
        return start.at(platform.edge.port());
    }

    private ClientStart key() {
        return TalkingClient.start(5, "app")
                .user(platform.accounts.add(Role.VIEWER, CommunityId.DEFAULT), null);
    }

    @Test
    void tellsAnApplicationOfTheCommunity() throws Exception {
        try (var application = application(key());
                var sink = sink(Document.EMPTY)) {
            application.subscribe("communities/" + OWN + "/events/#", 1);
            assertThat(sink.deliver(List.of(logged(7, "pump"), logged(8, "pump"))))
                    .isEqualTo(Sink.Outcome.DELIVERED);
            var message = application.next();
            assertThat(message.topic()).isEqualTo("communities/" + OWN + "/events/test.event");
            assertThat(message.qos()).isEqualTo(1);
            assertThat(message.retained()).isFalse();
            assertThat(Json.parseObject(message.text()).values())
                    .containsEntry("id", Value.of("e-7"))
                    .containsEntry("specversion", Value.of("1.0"))
                    .containsEntry("subject", Value.of("pump"));
            assertThat(application.next().text()).contains("\"e-8\"");
        }
    }

    @Test
    void isKeptForAnApplicationThatIsAway() throws Exception {
        var key = platform.accounts.add(Role.SUPERADMIN, null);
        var start = TalkingClient.start(5, "away").user(key, null).expiry(600);
        try (var application = application(start)) {
            application.subscribe("alarms/#", 1);
        }
        try (var sink = sink(Document.of("topic", Value.of("alarms/{device_id}")))) {
            assertThat(sink.deliver(List.of(logged(1, "pump")))).isEqualTo(Sink.Outcome.DELIVERED);
        }
        var back = TalkingClient.start(5, "away").user(key, null).expiry(600).resuming();
        try (var application = application(back)) {
            var message = application.next();
            assertThat(message.topic()).isEqualTo("alarms/pump");
            assertThat(message.text()).contains("\"e-1\"");
        }
    }

    @Test
    void refusesWhatHasNoPlaceInItsTopic() throws Exception {
        var homeless =
                new Event.Logged(
                        3,
                        new Event(
                                "homeless",
                                new EventType("test"),
                                "test",
                                null,
                                null,
                                now,
                                Document.EMPTY,
                                Document.EMPTY,
                                Priority.LOW,
                                null));
        try (var sink = sink(Document.EMPTY)) {
            assertThat(sink.deliver(List.of(homeless))).isInstanceOf(Sink.Outcome.Refused.class);
            assertThat(sink.deliver(List.of(homeless, logged(4, "pump"))))
                    .isInstanceOf(Sink.Outcome.Failed.class);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    devices/x/report                    | topics below devices mean something else
                    $SYS/x                              | topics below $SYS mean something else
                    v1/x                                | topics below v1 mean something else
                    communities/{community_id}/devices/x | only communities/{community_id}/events
                    a/+/b                               | a topic has no +
                    """)
    void refusesTopicsOfOthers(String topic, String reason) {
        var given = Document.of("topic", Value.of(topic));
        assertThatThrownBy(() -> platform.edge.topics().checked(given, surroundings))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(reason);
    }

    @Test
    void refusesSettingsThatMeanNothing() {
        for (var given :
                List.of(
                        Document.of("qos", Value.of(3L)),
                        Document.of("qos", Value.of("1")),
                        Document.of("retain", Value.of("yes")),
                        Document.of("url", Value.of("http://x")))) {
            assertThatThrownBy(() -> platform.edge.topics().checked(given, surroundings))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void keepsSubscribersOfACommunityToItsTopics() {
        var own = org.tethral.account.CommunityId.DEFAULT;
        var kind = platform.edge.topics();
        for (var topic :
                new String[] {
                    "communities/{community_id}/events/{type}",
                    "communities/" + own + "/events/x",
                    "apps/" + own + "/{device_id}"
                }) {
            kind.checkWithin(own, Document.of("topic", Value.of(topic)));
        }
        for (var topic :
                new String[] {
                    "communities/6b1f3a5e-0000-4000-8000-000000000009/events/x",
                    "apps/{type}/x",
                    "apps/" + own + "x/y",
                    "anything"
                }) {
            assertThatThrownBy(() -> kind.checkWithin(own, Document.of("topic", Value.of(topic))))
                    .as(topic)
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }
}
