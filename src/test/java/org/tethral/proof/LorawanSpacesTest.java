package org.tethral.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.kernel.Eventually.eventually;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tethral.lorawan.ChirpStackNetwork;
import org.tethral.lorawan.ChirpStackNetwork.Radio;
import org.tethral.mqttclient.Mosquitto;
import org.tethral.sql.TestDatabase;

/// Sensors and displays on a ChirpStack that tells much twice and late, behind a real broker that
/// is restarted meanwhile: at the end each display shows what its sensor said last.
final class LorawanSpacesTest {

    private static final int SPACES = 10;
    private static final int UPLINKS = 8;
    private static final String FREE = "0000ff6400";
    private static final String OCCUPIED = "ff00006400";
    private static final Pattern UNDER_WAY =
            Pattern.compile("\"status\":\"(queued|sending|sent|transmitted)\"");

    @TempDir private Path directory;

    @Test
    void showsWhatItsSensorSaidLast() throws Exception {
        var seed = new Random().nextLong();
        var random = new Random(seed);
        try (var broker = Mosquitto.start(Files.createDirectory(directory.resolve("broker")));
                var database = TestDatabase.sqlite();
                var server =
                        ServerProcess.start(
                                directory, database.commandLine(), "--chirpstack", broker.url());
                var site = new LorawanSite(directory, server);
                var network = new ChirpStackNetwork(broker.port(), new Radio(0, 0.3, 100), seed)) {
            for (int i = 0; i < SPACES; i++) {
                site.furnish(i);
            }
            eventually(() -> site.read("/api/v1/integrations").contains("\"problem\":null"));
            var last = new boolean[SPACES];
            for (int round = 0; round < UPLINKS; round++) {
                for (int i = 0; i < SPACES; i++) {
                    last[i] = random.nextBoolean();
                    network.uplink(
                            LorawanSite.sensor(i),
                            1,
                            new byte[] {(byte) (last[i] ? 1 : 0)},
                            Instant.now());
                }
                if (round == UPLINKS / 2) {
                    network.flush();
                    broker.stop();
                    broker.resume();
                }
            }
            for (int i = 0; i < SPACES; i++) {
                var display = LorawanSite.display(i);
                var code = HexFormat.of().parseHex(last[i] ? OCCUPIED : FREE);
                eventually(() ->
                        network.shown(display)
                                .filter(shown -> Arrays.equals(shown.payload(), code))
                                .isPresent());
                assertThat(network.shown(display).orElseThrow().port())
                        .as("seed %d", seed)
                        .isEqualTo(15);
            }
            var failed = "/api/v1/actuations?failed=true";
            assertThat(site.read(failed)).as("seed %d", seed).contains("\"items\":[]");
            eventually(() -> !UNDER_WAY.matcher(site.read("/api/v1/actuations?limit=1000")).find());
            assertThat(server.stop()).isZero();
        }
    }
}
