package org.tethral.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.kernel.Eventually.eventually;

import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tethral.account.CommunityId;
import org.tethral.account.Role;
import org.tethral.command.CommandId;
import org.tethral.command.Dispatch;
import org.tethral.command.Dispatches;
import org.tethral.command.Stage;
import org.tethral.device.DeviceId;
import org.tethral.ingest.Fact;
import org.tethral.json.Json;
import org.tethral.json.MalformedJson;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// ThingsBoard's remote procedure calls, in both directions, of devices and of gateways.
final class RpcTest {

    private static final DeviceId PUMP = new DeviceId("pump-7");
    private static final DeviceId BEHIND = new DeviceId("a");
    private static final CommandId ID =
            new CommandId(UUID.fromString("01900000-0000-7000-8000-0000000000c1"));
    private static final String REQUESTS = "v1/devices/me/rpc/request/";
    private static final String RESPONSES = "v1/devices/me/rpc/response/";
    private static final String GATEWAY = "v1/gateway/rpc";

    private TestEdge platform;
    private String token;

    @BeforeEach
    void start() {
        platform = TestEdge.started();
        token = platform.registry.device("pump-7");
        platform.journal.add(Dispatches.sent(ID, PUMP));
    }

    @AfterEach
    void stop() {
        platform.close();
    }

    private TalkingClient client(int version, String id) {
        return TalkingClient.start(version, id).user(token, null).at(platform.edge.port());
    }

    private Stage stage(DeviceId device) {
        return platform.journal.dispatch(new Dispatch.Key(ID, device)).orElseThrow().stage();
    }

    private Stage.Reply reply(DeviceId device) {
        assertThat(stage(device)).isInstanceOf(Stage.Acknowledged.class);
        return ((Stage.Acknowledged) stage(device)).reply();
    }

    private void call(DeviceId device) {
        platform.devices.send(device, ID, "setGpio", Document.of("pin", Value.of(23)), false);
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void callsADeviceAndTakesItsAnswer(int version) {
        try (var device = client(version, "c")) {
            device.subscribe(REQUESTS + "+", 1);
            eventually(() -> platform.devices.reaches(PUMP));
            call(PUMP);
            var request = device.next();
            assertThat(request.topic()).isEqualTo(REQUESTS + ID.number());
            assertThat(request.text())
                    .isEqualTo("{\"method\":\"setGpio\",\"params\":{\"pin\":23}}");
            eventually(() -> platform.devices.told.contains("delivered"));

            device.publish(RESPONSES + ID.number(), "{\"success\":true}", 1);
        }
        assertThat(reply(PUMP).success()).isTrue();
        assertThat(reply(PUMP).result()).isEqualTo(Document.of("success", Value.of(true)));
    }

    /// What a command that is one-way ends with; ThingsBoard's one-way calls have no answer.
    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void hasDeliveredAOneWayCallThatNobodyAnswers(int qos) {
        try (var device = client(4, "c")) {
            device.subscribe(REQUESTS + "+", qos);
            eventually(() -> platform.devices.reaches(PUMP));
            platform.devices.send(PUMP, ID, "beep", Value.Null.NULL, true);
            assertThat(device.next().text()).isEqualTo("{\"method\":\"beep\",\"params\":null}");
            eventually(() -> platform.devices.told.contains("delivered"));
        }
    }

    @Test
    void sendsACommandOnceToWhoSubscribesToBothForms() {
        try (var device = client(5, "c")) {
            device.subscribe(REQUESTS + "+", 1);
            device.subscribe("devices/pump-7/commands/+", 1);
            eventually(() -> platform.devices.reaches(PUMP));
            call(PUMP);
            assertThat(device.next().topic()).isEqualTo("devices/pump-7/commands/" + ID);
            assertThat(device.nothingMore()).isTrue();
        }
    }

    @Test
    void knowsACallByItsNumberAlsoOnAConnectionThatDidNotCarryIt() {
        try (var device = client(4, "another")) {
            device.publish(RESPONSES + ID.number(), "{\"error\":\"stuck\"}", 1);
        }
        assertThat(reply(PUMP).success()).isFalse();
        assertThat(reply(PUMP).message()).isEqualTo("stuck");
    }

    @Test
    void refusesTheAnswerToACallThatWasNotMade() {
        try (var device = client(5, "c")) {
            for (var other : List.of(ID.number() + 1, "x", "-7", "99999999999")) {
                assertThat(device.publish(RESPONSES + other, "{}", 1)).isEqualTo(0x83);
            }
            assertThat(device.publish(RESPONSES + ID.number(), "{}", 1)).isZero();
        }
        try (var device = client(4, "d")) {
            device.publish(RESPONSES + (ID.number() + 1), "{}", 1);
            assertThat(device.open()).isTrue();
        }
    }

    @Test
    void takesAnswersAndReportsInTheirOrderWhileACallIsLookedUp() {
        try (var device = client(4, "c")) {
            device.send(1, RESPONSES + ID.number(), "{}", 1);
            device.send(2, "devices/pump-7/report", "{\"flow\":1}", 1);
            device.publish("devices/pump-7/report", "{\"flow\":2}", 1);
            eventually(() -> platform.journal.reports() == 2);
        }
        var facts = platform.journal.facts();
        var moved = facts.indexOf(platform.journal.facts(Fact.DispatchMoved.class).getFirst());
        var reported = facts.indexOf(platform.journal.facts(Fact.Reported.class).getFirst());
        assertThat(moved).isLessThan(reported);
    }

    @Test
    void tellsADeviceThatCallsWhatTimeItIs() throws MalformedJson {
        var before = System.currentTimeMillis();
        try (var device = client(4, "c")) {
            device.subscribe(RESPONSES + "+", 1);
            device.publish(REQUESTS + "7", "{\"method\":\"getTime\",\"params\":{}}", 1);
            var response = device.next();
            assertThat(response.topic()).isEqualTo(RESPONSES + "7");
            assertThat(Json.parseObject(response.text()).find("ts").orElseThrow())
                    .isInstanceOfSatisfying(
                            Value.Numeric.class,
                            millis ->
                                    assertThat(millis.value().longValue())
                                            .isBetween(before, System.currentTimeMillis()));
        }
        assertThat(platform.journal.facts(Fact.Happened.class))
                .noneMatch(fact -> fact.logged().event().type().value().contains("rpc"));
    }

    @Test
    void letsAnApplicationAnswerADevicesCall() {
        var community = CommunityId.DEFAULT;
        var key = platform.accounts.add(Role.OPERATOR, community);
        try (var device = client(5, "c");
                var application =
                        TalkingClient.start(5, "app").user(key, null).at(platform.edge.port())) {
            device.subscribe(RESPONSES + "+", 1);
            application.subscribe("communities/" + community + "/devices/+/events", 1);
            device.publish(REQUESTS + "8", "{\"method\":\"price\",\"params\":{\"zone\":4}}", 1);

            var event = application.next();
            if (event.text().contains("\"type\":\"device.connected\"")) {
                event = application.next(); // it may be committed after the subscription
            }
            assertThat(event.topic())
                    .isEqualTo("communities/" + community + "/devices/pump-7/events");
            assertThat(event.text())
                    .contains("\"type\":\"device.rpc_requested\"")
                    .contains(
                            "\"data\":{\"request_id\":\"8\",\"method\":\"price\",\"params\":{\"zone\":4}}");
            assertThat(
                            application.publish(
                                    "communities/" + community + "/devices/pump-7/rpc/response/8",
                                    "{\"price\":0.21}",
                                    1))
                    .isZero();
            var answer = device.next();
            assertThat(answer.topic()).isEqualTo(RESPONSES + "8");
            assertThat(answer.text()).isEqualTo("{\"price\":0.21}");
        }
    }

    @Test
    void takesNoAnswerForADeviceFromSomebodyElsesApplication() {
        var others = new CommunityId(new UUID(1, 1));
        try (var device = client(5, "c")) {
            device.subscribe(RESPONSES + "+", 1);
            for (var role : List.of(Role.VIEWER, Role.OPERATOR)) {
                var mine = role == Role.VIEWER ? CommunityId.DEFAULT : others;
                var key = platform.accounts.add(role, mine);
                try (var application =
                        TalkingClient.start(5, "app").user(key, null).at(platform.edge.port())) {
                    var topic = "communities/%s/devices/pump-7/rpc/response/8";
                    assertThat(application.publish(topic.formatted(CommunityId.DEFAULT), "{}", 1))
                            .isEqualTo(0x87);
                    // its own community, but not its device
                    application.publish(topic.formatted(mine), "{}", 1);
                }
            }
            assertThat(device.nothingMore()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{}", "{\"method\":7}", "[]"})
    void saysWhatACallIs(String payload) {
        try (var device = client(5, "c")) {
            assertThat(device.publish(REQUESTS + "7", payload, 1)).isEqualTo(0x99);
        }
    }

    private TalkingClient gateway(int version) {
        var gate = platform.registry.gateway("gate");
        platform.registry.device("a");
        platform.journal.add(Dispatches.sent(ID, BEHIND));
        return TalkingClient.start(version, "g").user(gate, null).at(platform.edge.port());
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void callsADeviceBehindAGateway(int version) {
        try (var gateway = gateway(version)) {
            gateway.subscribe(GATEWAY, 1);
            assertThat(platform.devices.reaches(BEHIND)).isFalse();
            gateway.publish("v1/gateway/connect", "{\"device\":\"a\"}", 1);
            assertThat(platform.devices.reaches(BEHIND)).isTrue();
            call(BEHIND);
            assertThat(gateway.next().text())
                    .isEqualTo(
                            "{\"device\":\"a\",\"data\":{\"id\":"
                                    + ID.number()
                                    + ",\"method\":\"setGpio\",\"params\":{\"pin\":23}}}");
            eventually(() -> platform.devices.told.contains("delivered"));
            gateway.publish(
                    GATEWAY,
                    "{\"device\":\"a\",\"id\":" + ID.number() + ",\"data\":{\"success\":false}}",
                    1);
        }
        assertThat(reply(BEHIND).success()).isFalse();
        assertThat(stage(PUMP))
                .as("the same number, another device")
                .isInstanceOf(Stage.Sent.class);
    }

    @Test
    void announcesDevicesBehindAGatewayWhileItAsksForCalls() {
        try (var gateway = gateway(4)) {
            gateway.publish("v1/gateway/connect", "{\"device\":\"a\"}", 1);
            assertThat(platform.devices.reaches(BEHIND)).isFalse();
            gateway.subscribe(GATEWAY, 1);
            gateway.ping();
            assertThat(platform.devices.reaches(BEHIND)).isTrue();
            gateway.unsubscribe(GATEWAY);
            assertThat(platform.devices.reaches(BEHIND)).isFalse();
            gateway.subscribe(GATEWAY, 1);
            gateway.publish("v1/gateway/disconnect", "{\"device\":\"a\"}", 1);
            assertThat(platform.devices.reaches(BEHIND)).isFalse();
            gateway.publish("v1/gateway/connect", "{\"device\":\"a\"}", 1);
            assertThat(platform.devices.reaches(BEHIND)).isTrue();
        }
        eventually(() -> !platform.devices.reaches(BEHIND));
    }

    @Test
    void takesTheAnswerOfAGatewayThatCameBack() {
        try (var gateway = gateway(5)) {
            var answer =
                    "{\"device\":\"a\",\"id\":" + ID.number() + ",\"data\":{\"success\":true}}";
            assertThat(gateway.publish(GATEWAY, answer, 1)).isZero();
            assertThat(reply(BEHIND).success()).isTrue();
            assertThat(gateway.publish(GATEWAY, "{\"device\":\"a\",\"id\":5,\"data\":{}}", 1))
                    .isEqualTo(0x83);
            assertThat(gateway.publish(GATEWAY, "{\"device\":\"a\"}", 1)).isEqualTo(0x99);
        }
    }

    @Test
    void takesNoAnswerForADeviceThatIsNotBehindTheGateway() {
        platform.registry.device(
                "theirs", Registry.about("theirs", List.of(), new CommunityId(new UUID(1, 1))));
        var theirs = new DeviceId("theirs");
        platform.journal.add(Dispatches.sent(ID, theirs));
        try (var gateway = gateway(5)) {
            var answer =
                    "{\"device\":\"theirs\",\"id\":"
                            + ID.number()
                            + ",\"data\":{\"success\":true}}";
            assertThat(gateway.publish(GATEWAY, answer, 1)).isEqualTo(0x83);
        }
        assertThat(stage(theirs)).isInstanceOf(Stage.Sent.class);
    }
}
