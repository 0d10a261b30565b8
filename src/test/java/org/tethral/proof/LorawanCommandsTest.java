package org.tethral.proof;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.kernel.Eventually.eventually;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tethral.device.DevEui;
import org.tethral.json.Json;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;
import org.tethral.lorawan.ChirpStackNetwork;
import org.tethral.lorawan.ChirpStackNetwork.Radio;
import org.tethral.lorawan.ChirpStackNetwork.Taken;
import org.tethral.mqttclient.Mosquitto;
import org.tethral.sql.TestDatabase;

/// Commands over REST to devices on a ChirpStack, behind a real broker. The ChirpStack of this test
/// says of a downlink only what the test wants it to.
final class LorawanCommandsTest {

    private static final String CODEC =
            "function encodeDownlink(input) {"
                    + " if (input.data.valve > 9) { throw new Error('no such position'); }"
                    + " return { bytes: [input.data.valve], fPort: 7 }; }";
    private static final Radio SILENT = new Radio(1, 0, 0);

    @TempDir private static Path directory;

    private static TestDatabase database;
    private static Mosquitto broker;
    private static ChirpStackNetwork network;
    private static ServerProcess server;
    private static LorawanSite site;
    private static int devices;

    @BeforeAll
    static void start() throws Exception {
        broker = Mosquitto.start(Files.createDirectory(directory.resolve("broker")));
        database = TestDatabase.sqlite();
        network = new ChirpStackNetwork(broker.port(), SILENT, 1);
        serve();
    }

    private static void serve() throws Exception {
        server =
                ServerProcess.start(
                        directory, database.commandLine(), "--chirpstack", broker.url());
        site = new LorawanSite(directory, server);
        eventually(LorawanCommandsTest::isConnected);
    }

    @AfterAll
    static void stop() {
        if (broker != null) {
            site.close();
            server.close();
            network.close();
            broker.close();
            database.close();
        }
    }

    private record Thing(String id, DevEui devEui) {}

    /// With a codec of its own.
    private static Thing valve() throws Exception {
        return register(",\"payload_decoder\":\"" + CODEC + "\"");
    }

    private static Thing register(String more) throws Exception {
        var thing =
                new Thing(
                        "thing-" + ++devices, new DevEui("70B3D57ED00000%02X".formatted(devices)));
        site.made("POST", "/api/v1/devices", "{\"device_id\":\"%s\"}".formatted(thing.id()));
        site.made(
                "PUT",
                "/api/v1/sensors/" + thing.id(),
                "{\"dev_eui\":\"%s\",\"application\":\"%s\"%s}"
                        .formatted(thing.devEui(), ChirpStackNetwork.APPLICATION, more));
        return thing;
    }

    /// @param more such as `,"one_way":true`
    private static String issue(Thing thing, String payload, String more) throws Exception {
        var body = "{\"command_name\":\"set\",\"payload\":%s%s}".formatted(payload, more);
        var answer = site.call("POST", "/api/v1/devices/" + thing.id() + "/command", body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
        return Json.parseObject(answer.body().getBytes(UTF_8)).text("command_id").orElseThrow();
    }

    private static Document dispatch(String command) throws Exception {
        var log = Json.parseObject(site.read("/api/v1/command-logs/" + command));
        var dispatches = (Value.Array) log.find("dispatches").orElseThrow();
        return (Document) dispatches.items().getFirst();
    }

    private static void becomes(String command, String status) {
        eventually(() -> dispatch(command).text("status").orElse("").equals(status));
    }

    private static List<Taken> taken(Thing thing) {
        return network.taken().stream().filter(one -> one.device().equals(thing.devEui())).toList();
    }

    private static Taken taken(Thing thing, int number) {
        eventually(() -> taken(thing).size() >= number);
        return taken(thing).get(number - 1);
    }

    @Test
    void followsADownlinkThatWasSentBeforeARestart() throws Exception {
        var valve = valve();
        var command = issue(valve, "{\"valve\":3}", "");
        var downlink = taken(valve, 1);
        assertThat(downlink.port()).isEqualTo(7);
        assertThat(downlink.payload()).containsExactly(3);
        assertThat(downlink.confirmed()).isTrue();
        becomes(command, "sent");
        eventually(() -> isKeptByTheNetwork(command));
        restart();
        network.transmitted(downlink);
        becomes(command, "delivered");
        network.acknowledged(downlink, true);
        becomes(command, "ack_success");
        assertThat(taken(valve)).hasSize(1);
    }

    /// From then on its time to answer is that to its expiry.
    private static boolean isKeptByTheNetwork(String command) throws Exception {
        try (var connection = database.connect();
                var statement = connection.createStatement();
                var rows =
                        statement.executeQuery(
                                "SELECT count(*) FROM command_dispatches WHERE node IS NULL"
                                        + " AND status = 'sent' AND command_id = '"
                                        + command
                                        + "'")) {
            return rows.next() && rows.getInt(1) == 1;
        }
    }

    private static void restart() throws Exception {
        site.close();
        server.kill();
        serve();
    }

    private static boolean isConnected() throws Exception {
        var list = Json.parseObject(site.read("/api/v1/integrations"));
        return ((Value.Array) list.find("items").orElseThrow())
                .items().stream()
                        .map(Document.class::cast)
                        .filter(one -> one.text("name").orElse("").equals("chirpstack-mqtt"))
                        .anyMatch(one -> one.find("connected").orElse(null) == Value.Bool.TRUE);
    }

    @Test
    void sendsAgainWhatTheDeviceDidNotAcknowledge() throws Exception {
        var valve = valve();
        var command = issue(valve, "{\"valve\":4}", "");
        var first = taken(valve, 1);
        network.transmitted(first);
        network.acknowledged(first, false);
        var second = taken(valve, 2);
        assertThat(second.id()).isNotEqualTo(first.id());
        network.acknowledged(second, true);
        becomes(command, "ack_success");
        assertThat(dispatch(command).find("attempts")).contains(Value.of(2));
    }

    @Test
    void isContentWithAGatewayWhereNoAnswerIsExpected() throws Exception {
        var bare = register("");
        var command = issue(bare, "{\"fport\":12,\"hex\":\"BEEF\"}", ",\"one_way\":true");
        var downlink = taken(bare, 1);
        assertThat(downlink.port()).isEqualTo(12);
        assertThat(HexFormat.of().formatHex(downlink.payload())).isEqualTo("beef");
        assertThat(downlink.confirmed()).isFalse();
        network.transmitted(downlink);
        becomes(command, "ack_success");
    }

    @Test
    void answersWithAnErrorWhatCanNeverBeSent() throws Exception {
        var valve = valve();
        var bare = register("");
        assertThat(refused(issue(valve, "{\"valve\":10}", ""))).contains("no such position");
        assertThat(refused(issue(bare, "{\"valve\":1}", ""))).contains("no codec");
        var tooLong = "{\"fport\":1,\"hex\":\"" + "00".repeat(223) + "\"}";
        assertThat(refused(issue(bare, tooLong, ""))).contains("222 bytes at most, not 223");
        var forItsRate = issue(valve, "{\"valve\":5}", "");
        network.discarded(taken(valve, 1));
        assertThat(refused(forItsRate)).contains("DOWNLINK_PAYLOAD_SIZE");
        assertThat(taken(valve)).hasSize(1);
        assertThat(taken(bare)).isEmpty();
    }

    private static String refused(String command) throws Exception {
        becomes(command, "ack_error");
        return dispatch(command).text("message").orElseThrow();
    }

    @Test
    void waitsForABrokerThatIsAway() throws Exception {
        var valve = valve();
        broker.stop();
        eventually(() -> !isConnected());
        var command = issue(valve, "{\"valve\":6}", "");
        broker.resume();
        network.acknowledged(taken(valve, 1), true);
        becomes(command, "ack_success");
        assertThat(taken(valve)).hasSize(1);
    }
}
