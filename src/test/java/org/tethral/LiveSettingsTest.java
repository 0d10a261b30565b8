package org.tethral;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;
import org.tethral.account.Actor;
import org.tethral.account.Settings;
import org.tethral.cli.Given;
import org.tethral.sql.SqlSettings;
import org.tethral.sql.TestDatabase;

@ParameterizedClass
@ValueSource(strings = {"SQLite", "PostgreSQL"})
class LiveSettingsTest {

    private static final Actor SOMEBODY = Actor.session("ada@example.com");
    private static final Config STARTED =
            Config.resolve(
                    new Given(
                            Map.of("message-bytes-max", "4096", "log-level", "warn"),
                            null,
                            Map.of()));

    @Parameter String engine;
    private TestDatabase database;

    @BeforeEach
    void open() {
        database = engine.equals("SQLite") ? TestDatabase.sqlite() : TestDatabase.postgresql();
    }

    @AfterEach
    void close() {
        database.close();
    }

    private LiveSettings settings() {
        return new LiveSettings(
                STARTED,
                new SqlSettings(database.database()),
                InstantSource.fixed(TestDatabase.NOW));
    }

    private static Settings.Setting find(List<Settings.Setting> all, String name) {
        return all.stream().filter(one -> one.name().equals(name)).findFirst().orElseThrow();
    }

    private static Map<String, Optional<String>> bytes(String most) {
        return Map.of("message-bytes-max", Optional.of(most));
    }

    @Test
    void areInForceAtOnceAndAfterARestart() {
        var settings = settings();
        assertThat(settings.messageBytesMax()).isEqualTo(4096);
        assertThat(settings.change(bytes("2048"), SOMEBODY))
                .isInstanceOfSatisfying(
                        Settings.Outcome.Changed.class,
                        changed -> {
                            var setting = find(changed.all(), "message-bytes-max");
                            assertThat(setting.value()).isEqualTo("2048");
                            assertThat(setting.origin())
                                    .isEqualTo(
                                            "changed by user:ada@example.com at "
                                                    + TestDatabase.NOW);
                        });
        assertThat(settings.messageBytesMax()).isEqualTo(2048);
        assertThat(settings().messageBytesMax()).isEqualTo(2048);
    }

    @Test
    void changeHowOftenThingSpeakIsCalled() {
        var settings = settings();
        assertThat(settings.callsPerMinute()).isEqualTo(60);
        var wanted = Map.of("thingspeak-calls-per-minute", Optional.of("5"));
        assertThat(settings.change(wanted, SOMEBODY)).isInstanceOf(Settings.Outcome.Changed.class);
        assertThat(settings.callsPerMinute()).isEqualTo(5);
        var none = Map.of("thingspeak-calls-per-minute", Optional.of("0"));
        assertThat(settings.change(none, SOMEBODY)).isInstanceOf(Settings.Outcome.Refused.class);
    }

    @Test
    void reachOtherNodes() {
        var here = settings();
        var elsewhere = settings();
        here.change(bytes("2048"), SOMEBODY);
        elsewhere.look();
        assertThat(elsewhere.messageBytesMax()).isEqualTo(2048);
        here.change(Map.of("message-bytes-max", Optional.empty()), SOMEBODY);
        elsewhere.look();
        assertThat(elsewhere.messageBytesMax()).isEqualTo(4096);
    }

    @Test
    void changeAllOrNone() {
        var settings = settings();
        var outcome =
                settings.change(
                        Map.of(
                                "message-bytes-max",
                                Optional.of("2048"),
                                "log-level",
                                Optional.of("loud"),
                                "http-port",
                                Optional.of("81"),
                                "mesage-bytes-max",
                                Optional.of("1")),
                        SOMEBODY);
        assertThat(outcome)
                .isInstanceOfSatisfying(
                        Settings.Outcome.Refused.class,
                        refused ->
                                assertThat(refused.reasons())
                                        .containsOnlyKeys(
                                                "log-level", "http-port", "mesage-bytes-max")
                                        .hasEntrySatisfying(
                                                "mesage-bytes-max",
                                                reason ->
                                                        assertThat(reason)
                                                                .contains("message-bytes-max")));
        assertThat(settings.messageBytesMax()).isEqualTo(4096);
        assertThat(settings().messageBytesMax()).isEqualTo(4096);
    }

    /// As another version may have kept it.
    @Test
    void leaveAloneWhatThisProgramDoesNotTake() {
        new SqlSettings(database.database())
                .change(
                        Map.of(
                                "shoe-size",
                                Optional.of("44"),
                                "log-level",
                                Optional.of("loud"),
                                "message-bytes-max",
                                Optional.of("2048")),
                        SOMEBODY,
                        TestDatabase.NOW);
        var settings = settings();
        assertThat(settings.messageBytesMax()).isEqualTo(2048);
        assertThat(find(settings.list(), "log-level").value()).isEqualTo("warn");
    }
}
