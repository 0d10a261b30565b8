package org.tethral.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.kernel.Eventually.eventually;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tethral.account.CommunityId;
import org.tethral.account.Role;
import org.tethral.account.Scope;

/// Programs with an API key: what they see of their community, and what they may say.
final class ApplicationTest {

    private static final CommunityId OTHERS =
            new CommunityId(UUID.fromString("00000000-0000-4000-8000-0000000000ff"));
    private static final String OWN = CommunityId.DEFAULT.toString();
    private static final String DEVICES = "communities/" + OWN + "/devices/";

    private TestEdge platform;

    @BeforeEach
    void start() {
        platform = TestEdge.started();
    }

    @AfterEach
    void stop() {
        platform.close();
    }

    private TalkingClient application(
            Role role, @org.jspecify.annotations.Nullable CommunityId of) {
        return start(platform.accounts.add(role, of)).at(platform.edge.port());
    }

    private static ClientStart start(String key) {
        return TalkingClient.start(5, "app").user(key, null);
    }

    /// The next message of that kind; of its connection a device has others too.
    private static ClientMessage next(TalkingClient client, String kind) {
        var message = client.next();
        while (!message.topic().endsWith("/" + kind)
                || message.text().contains("\"to_state\":\"online\"")) {
            message = client.next();
        }
        return message;
    }

    @Test
    void seeWhatIsCommittedOfTheirCommunity() {
        var token = platform.registry.device("pump-7");
        try (var own = application(Role.VIEWER, CommunityId.DEFAULT);
                var others = application(Role.VIEWER, OTHERS)) {
            assertThat(own.subscribe(DEVICES + "+/reports", 1)).isEqualTo(1);
            assertThat(own.subscribe(DEVICES + "pump-7/state", 0)).isZero();
            assertThat(own.subscribe(DEVICES + "+/connection", 2)).isEqualTo(2);
            assertThat(others.subscribe("communities/" + OTHERS + "/#", 1)).isEqualTo(1);

            try (var device =
                    TalkingClient.start(4, "c").user(token, null).at(platform.edge.port())) {
                assertThat(next(own, "connection").text())
                        .contains("\"device_id\":\"pump-7\"", "\"event\":\"connected\"");
                device.publish("devices/pump-7/report", "{\"flow\":1.5}", 1);
                var report = next(own, "reports");
                assertThat(report.topic()).isEqualTo(DEVICES + "pump-7/reports");
                assertThat(report.qos()).isEqualTo(1);
                assertThat(report.text())
                        .contains(
                                "\"device_id\":\"pump-7\"",
                                "\"values\":{\"flow\":1.5}",
                                "sequence");
                device.publish("devices/pump-7/state", "pumping", 1);
                assertThat(next(own, "state").text()).contains("\"to_state\":\"pumping\"");
            }
            assertThat(next(own, "connection").text()).contains("\"event\":\"disconnected\"");
            assertThat(others.nothingMore()).isTrue();
        }
    }

    @Test
    void seeEventsOfTheirCommunity() {
        var token = platform.registry.device("pump-7");
        try (var own = application(Role.VIEWER, CommunityId.DEFAULT);
                var device =
                        TalkingClient.start(4, "c").user(token, null).at(platform.edge.port())) {
            own.subscribe(DEVICES + "+/events", 1);
            device.publish("devices/pump-7/event", "{\"type\":\"leak\",\"data\":{\"l\":3}}", 1);
            var text = own.next().text();
            while (text.contains("\"type\":\"device")) { // of its connection
                text = own.next().text();
            }
            assertThat(text).contains("\"type\":\"leak\"", "\"data\":{\"l\":3}");
        }
    }

    @Test
    void mayUseTheTopicsOfTheirCommunityAndNoOthers() {
        try (var viewer = application(Role.VIEWER, CommunityId.DEFAULT);
                var operator = application(Role.OPERATOR, CommunityId.DEFAULT)) {
            for (var filter :
                    List.of(
                            "#",
                            "communities/+/devices/+/reports",
                            "communities/" + OTHERS + "/#",
                            "$share/g/communities/#",
                            "apps/#",
                            "devices/pump-7/desired",
                            "other")) {
                assertThat(operator.subscribe(filter, 1)).as(filter).isEqualTo(0x87);
            }
            assertThat(viewer.subscribe("$share/g/apps/" + OWN + "/#", 1)).isEqualTo(1);
            for (var topic :
                    List.of("apps/" + OTHERS + "/x", "apps/x", DEVICES + "d/reports", "other")) {
                assertThat(operator.publish(topic, "x", 1)).as(topic).isEqualTo(0x87);
            }
            assertThat(viewer.publish("apps/" + OWN + "/x", "x", 1)).isEqualTo(0x87);
            assertThat(operator.publish("apps/" + OWN + "/x", "hello", 1)).isZero();
            assertThat(viewer.next().text()).isEqualTo("hello");
        }
    }

    @Test
    void mayDoWhatTheScopesOfTheirKeySay() {
        var reads = platform.accounts.add(Role.OPERATOR, CommunityId.DEFAULT, Scope.READ);
        var writes = platform.accounts.add(Role.OPERATOR, CommunityId.DEFAULT, Scope.EVENTS_WRITE);
        var topic = "apps/" + OWN + "/x";
        try (var reader = start(reads).at(platform.edge.port());
                var writer = start(writes).at(platform.edge.port())) {
            assertThat(writer.subscribe(topic, 1)).isEqualTo(0x87);
            assertThat(reader.subscribe(topic, 1)).isEqualTo(1);
            assertThat(reader.publish(topic, "x", 1)).isEqualTo(0x87);
            assertThat(writer.publish(DEVICES + "pump-7/rpc/response/1", "{}", 1)).isEqualTo(0x87);
            assertThat(writer.publish(topic, "hello", 1)).isZero();
            assertThat(reader.next().text()).isEqualTo("hello");
        }
    }

    @Test
    void mayReadEverythingWithAKeyOfNoSingleCommunity() {
        var token = platform.registry.device("pump-7");
        try (var all = application(Role.SUPERADMIN, null);
                var nobody = application(Role.OPERATOR, null)) {
            assertThat(nobody.subscribe("communities/#", 1)).isEqualTo(0x87);
            assertThat(nobody.publish("apps/" + OWN + "/x", "x", 1)).isEqualTo(0x87);
            assertThat(nobody.publish("other", "x", 1)).isEqualTo(0x87);
            assertThat(all.publish("other", "x", 1)).isZero();
            assertThat(all.subscribe("communities/+/devices/+/reports", 1)).isEqualTo(1);
            try (var device =
                    TalkingClient.start(4, "c").user(token, null).at(platform.edge.port())) {
                device.publish("devices/pump-7/report", "{\"n\":1}", 1);
                assertThat(all.next().text()).contains("\"n\":1");
            }
        }
    }

    @Test
    void logInWithTheirKeyAsUserNameOrAsPassword() {
        var key = platform.accounts.add(Role.VIEWER, CommunityId.DEFAULT);
        for (var start :
                List.of(
                        TalkingClient.start(4, "a").user(key, null),
                        TalkingClient.start(4, "a").user(key, "anything"),
                        TalkingClient.start(5, "a").user("api-key", key))) {
            try (var client = start.at(platform.edge.port())) {
                assertThat(client.connectCode()).isZero();
            }
        }
        try (var client =
                TalkingClient.start(5, "a")
                        .user("tethral_key_guessed", null)
                        .at(platform.edge.port())) {
            assertThat(client.connectCode()).isEqualTo(0x86);
        }
        try (var client = TalkingClient.start(5, "a").at(platform.edge.port())) {
            assertThat(client.connectCode()).isEqualTo(0x87);
        }
    }

    @Test
    void getWhatWasCommittedWhileTheyWereAway() {
        var token = platform.registry.device("pump-7");
        var start =
                start(platform.accounts.add(Role.VIEWER, CommunityId.DEFAULT))
                        .resuming()
                        .expiry(100);
        try (var application = start.at(platform.edge.port())) {
            application.subscribe(DEVICES + "+/reports", 1);
        }
        try (var device = TalkingClient.start(4, "c").user(token, null).at(platform.edge.port())) {
            for (int i = 0; i < 10; i++) {
                device.publish("devices/pump-7/report", "{\"n\":" + i + "}", 1);
            }
        }
        try (var application = start.at(platform.edge.port())) {
            var texts = application.texts(10);
            for (int i = 0; i < 10; i++) {
                assertThat(texts.get(i)).contains("\"n\":" + i + "}");
            }
        }
    }

    @Test
    void loseTheirConnectionWhenTheirKeyIsRevoked() {
        var key = platform.accounts.add(Role.VIEWER, CommunityId.DEFAULT);
        try (var application = start(key).expiry(100).at(platform.edge.port())) {
            platform.accounts
                    .apiKeys(null)
                    .forEach(one -> platform.accounts.revokeApiKey(one.id(), Instant.EPOCH));
            platform.edge.lookAtKeys();
            assertThat(application.endReason()).isEqualTo(0x98);
        }
        eventually(() -> {
            platform.edge.lookAtKeys();
            return platform.edge.sessions() == 0;
        });
    }
}
