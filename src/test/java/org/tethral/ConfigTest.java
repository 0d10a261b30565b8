package org.tethral;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tethral.cli.Failure;
import org.tethral.cli.Given;

class ConfigTest {

    @TempDir Path directory;

    private static Config resolved(
            Map<String, String> flags, @Nullable Path file, Map<String, String> environment) {
        return Config.resolve(new Given(flags, file, environment));
    }

    private static String shown(Config config, String name) {
        return config.inForce().stream()
                .filter(one -> one.setting().name().equals(name))
                .map(one -> one.value() + " by " + one.origin())
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aFlagWinsOverTheEnvironmentAndThatOverTheFileAndThatOverTheDefault() throws IOException {
        var file = directory.resolve("tethral.properties");
        Files.writeString(file, "http-port = 1\nmqtt-port = 2\nbind = 10.0.0.3\n");
        var environment = Map.of("TETHRAL_HTTP_PORT", "3", "TETHRAL_MQTT_PORT", "4");

        var config = resolved(Map.of("http-port", "5"), file, environment);

        assertThat(config.httpPort()).hasValue(5);
        assertThat(config.mqttPort()).hasValue(4);
        assertThat(config.bind()).isEqualTo("10.0.0.3");
        assertThat(config.messageBytesMax()).isEqualTo(262_144);
        assertThat(shown(config, "http-port")).isEqualTo("5 by --http-port");
        assertThat(shown(config, "mqtt-port")).isEqualTo("4 by TETHRAL_MQTT_PORT");
        assertThat(shown(config, "bind")).isEqualTo("10.0.0.3 by " + file);
        assertThat(shown(config, "log-level")).isEqualTo("info by default");
    }

    @Test
    void namesTheNearestSettingInTheFormInWhichTheWrongOneWasGiven() throws IOException {
        var file = directory.resolve("tethral.properties");
        Files.writeString(file, "htpp-port = 1\n");

        assertThatThrownBy(() -> resolved(Map.of(), file, Map.of()))
                .isInstanceOf(Failure.class)
                .hasMessage(
                        "unknown setting htpp-port in "
                                + file
                                + ": did you mean http-port in "
                                + file
                                + "?");
        assertThatThrownBy(() -> resolved(Map.of(), null, Map.of("TETHRAL_MQT_PORT", "1")))
                .hasMessage("unknown setting TETHRAL_MQT_PORT: did you mean TETHRAL_MQTT_PORT?");
    }

    @Test
    void leavesTheVariablesOfOthersAlone() {
        var environment =
                Map.of(
                        "TETHRAL_SERVICE_HOST", "10.1.1.1",
                        "TETHRAL_SERVICE_PORT_MQTT", "1883",
                        "TETHRAL_PORT", "tcp://10.1.1.1:8080",
                        "TETHRAL_PORT_8080_TCP_ADDR", "10.1.1.1",
                        "TETHRAL_API_KEY", "key",
                        "TETHRAL_TEST_COCKROACH_URL", "x",
                        "PATH", "/bin");

        assertThat(resolved(Map.of(), null, environment).httpPort()).hasValue(8080);
    }

    @Test
    void honoursDatabaseUrlAndShowsNoPassword() {
        var environment = Map.of("DATABASE_URL", "postgres://ops:hunter2@db.example/tethral");

        var config = resolved(Map.of(), null, environment);

        assertThat(config.database()).contains("hunter2");
        assertThat(shown(config, "database"))
                .isEqualTo("postgres://ops:…@db.example/tethral by DATABASE_URL");
        assertThat(resolved(Map.of("database", "sqlite:x.db"), null, environment).database())
                .isEqualTo("sqlite:x.db");
    }

    @Test
    void keepsTheDatabaseInTheHomeUnlessToldOtherwise() {
        assertThat(resolved(Map.of("home", "/srv/t"), null, Map.of()).database())
                .isEqualTo("sqlite:/srv/t/tethral.db");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    http-port         | 70000     | --http-port = '70000' is no port: 0 to 65535, or off
                    mqtt-port         | abc       | --mqtt-port = 'abc' is no port: 0 to 65535, or off
                    open-registration | yes       | --open-registration = 'yes' must be true or false
                    log-format        | xml       | --log-format = 'xml' must be one of text, json
                    message-bytes-max | 5         | --message-bytes-max = '5' must be a number from 1024 to 16777216
                    tls-certificate   | /nowhere  | --tls-certificate = '/nowhere' is not a file that can be read
                    home              | ''        | --home = '' must not be empty
                    """)
    void saysWhichValueCannotBeUsedAndWhy(String name, String value, String message) {
        assertThatThrownBy(() -> resolved(Map.of(name, value), null, Map.of()))
                .isInstanceOf(Failure.class)
                .hasMessage(message);
    }

    @Test
    void repeatsNoPasswordOfADatabaseThatCannotBeUsed() {
        assertThatThrownBy(() ->
                        resolved(Map.of("database", "mysql://me:hunter2@db/x"), null, Map.of()))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("sqlite:FILE")
                .hasMessageNotContaining("hunter2");
    }

    @Test
    void listensWithTlsOnlyWhereThereIsACertificateWithItsKey() throws IOException {
        var certificate = Files.writeString(directory.resolve("c.pem"), "").toString();
        var key = Files.writeString(directory.resolve("k.pem"), "").toString();

        assertThat(resolved(Map.of(), null, Map.of()).mqttsPort()).isEmpty();
        assertThat(
                        resolved(
                                        Map.of("tls-certificate", certificate, "tls-key", key),
                                        null,
                                        Map.of())
                                .mqttsPort())
                .hasValue(8883);
        assertThatThrownBy(() -> resolved(Map.of("tls-certificate", certificate), null, Map.of()))
                .hasMessage("TLS needs both tls-certificate and tls-key");
    }

    @Test
    void opensTopicsToAnybodyOnLoopbackOnly() throws IOException {
        assertThat(resolved(Map.of("mqtt-open-topics", "true"), null, Map.of()).mqttOpenTopics())
                .isTrue();
        for (var everywhere : List.of("0.0.0.0", "::", "192.168.1.5", "127.evil.example")) {
            assertThatThrownBy(() ->
                            resolved(
                                    Map.of("mqtt-open-topics", "true", "bind", everywhere),
                                    null,
                                    Map.of()))
                    .isInstanceOf(Failure.class)
                    .hasMessageContainingAll("mqtt-open-topics", "loopback", everywhere);
        }
    }

    @Test
    void turnsAListenerOff() {
        assertThat(resolved(Map.of("mqtt-port", "off"), null, Map.of()).mqttPort()).isEmpty();
    }
}
