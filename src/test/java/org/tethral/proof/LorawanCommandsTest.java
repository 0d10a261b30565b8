package org.tethral.proof;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.kernel.Eventually.eventually;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
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
    private static final DevEui VALVE = new DevEui("70B3D57ED0000001");
    private static final DevEui BARE = new DevEui("70B3D57ED0000002");

    @TempDir private Path directory;

    private TestDatabase database;
    private Mosquitto broker;
    private ChirpStackNetwork network;
    private @Nullable ServerProcess server;
    private LorawanSite site;

    @BeforeEach
    void start() throws Exception {
        broker = Mosquitto.start(Files.createDirectory(directory.resolve("broker")));
        database = TestDatabase.sqlite();
        network = new ChirpStackNetwork(broker.port(), SILENT, 1);
        serve();
        register("valve", VALVE, ",\"payload_decoder\":\"" + CODEC + "\"");
        register("bare", BARE, "");
    }

    private void serve() throws Exception {
        server =
                ServerProcess.start(
                        directory, database.commandLine(), "--chirpstack", broker.url());
        site = new LorawanSite(directory, server);
    }

    @AfterEach
    void stop() {
        if (server != null) {
            site.close();
            server.close();
        }
        network.close();
        broker.close();
        database.close();
    }

    private void register(String device, DevEui devEui, String more) throws Exception {
        site.made("POST", "/api/v1/devices", "{\"device_id\":\"%s\"}".formatted(device));
        site.made(
                "PUT",
                "/api/v1/sensors/" + device,
                "{\"dev_eui\":\"%s\",\"application\":\"%s\"%s}"
                        .formatted(devEui, ChirpStackNetwork.APPLICATION, more));
    }

    /// @param more such as `,"one_way":true`
    private String issue(String device, String payload, String more) throws Exception {
        var body = "{\"command_name\":\"set\",\"payload\":%s%s}".formatted(payload, more);
        var answer = site.call("POST", "/api/v1/devices/" + device + "/command", body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
        return Json.parseObject(answer.body().getBytes(UTF_8)).text("command_id").orElseThrow();
    }

    private Document dispatch(String command) throws Exception {
        var log = Json.parseObject(site.read("/api/v1/command-logs/" + command));
        var dispatches = (Value.Array) log.find("dispatches").orElseThrow();
        return (Document) dispatches.items().getFirst();
    }

    private void becomes(String command, String status) {
        eventually(() -> dispatch(command).text("status").orElse("").equals(status));
    }

    private List<Taken> taken(DevEui device) {
        return network.taken().stream().filter(one -> one.device().equals(device)).toList();
    }

    private Taken taken(DevEui device, int number) {
        eventually(() -> taken(device).size() >= number);
        return taken(device).get(number - 1);
    }

    @Test
    void followsADownlinkThatWasSentBeforeARestart() throws Exception {
        var command = issue("valve", "{\"valve\":3}", "");
        var downlink = taken(VALVE, 1);
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
        assertThat(taken(VALVE)).hasSize(1);
    }

    /// From then on its time to answer is that to its expiry.
    private boolean isKeptByTheNetwork(String command) throws Exception {
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

    private void restart() throws Exception {
        site.close();
        server.kill();
        serve();
        eventually(this::isConnected);
    }

    private boolean isConnected() throws Exception {
        var broker = "\"name\":\"chirpstack-mqtt\",\"connected\":true";
        return site.read("/api/v1/integrations").contains(broker);
    }

    @Test
    void sendsAgainWhatTheDeviceDidNotAcknowledge() throws Exception {
        var command = issue("valve", "{\"valve\":4}", "");
        var first = taken(VALVE, 1);
        network.transmitted(first);
        network.acknowledged(first, false);
        var second = taken(VALVE, 2);
        assertThat(second.id()).isNotEqualTo(first.id());
        network.acknowledged(second, true);
        becomes(command, "ack_success");
        assertThat(dispatch(command).find("attempts")).contains(Value.of(2));
    }

    @Test
    void isContentWithAGatewayWhereNoAnswerIsExpected() throws Exception {
        var command = issue("bare", "{\"fport\":12,\"hex\":\"BEEF\"}", ",\"one_way\":true");
        var downlink = taken(BARE, 1);
        assertThat(downlink.port()).isEqualTo(12);
        assertThat(HexFormat.of().formatHex(downlink.payload())).isEqualTo("beef");
        assertThat(downlink.confirmed()).isFalse();
        network.transmitted(downlink);
        becomes(command, "ack_success");
    }

    @Test
    void answersWithAnErrorWhatCanNeverBeSent() throws Exception {
        assertThat(refused(issue("valve", "{\"valve\":10}", ""))).contains("no such position");
        assertThat(refused(issue("bare", "{\"valve\":1}", ""))).contains("no codec");
        var tooLong = "{\"fport\":1,\"hex\":\"" + "00".repeat(223) + "\"}";
        assertThat(refused(issue("bare", tooLong, ""))).contains("222 bytes at most, not 223");
        var forItsRate = issue("valve", "{\"valve\":5}", "");
        network.discarded(taken(VALVE, 1));
        assertThat(refused(forItsRate)).contains("DOWNLINK_PAYLOAD_SIZE");
        assertThat(network.taken()).hasSize(1);
    }

    private String refused(String command) throws Exception {
        becomes(command, "ack_error");
        return dispatch(command).text("message").orElseThrow();
    }

    @Test
    void waitsForABrokerThatIsAway() throws Exception {
        broker.stop();
        eventually(() -> !isConnected());
        var command = issue("valve", "{\"valve\":6}", "");
        broker.resume();
        network.acknowledged(taken(VALVE, 1), true);
        becomes(command, "ack_success");
        assertThat(dispatch(command).find("attempts")).contains(Value.of(1));
    }
}
