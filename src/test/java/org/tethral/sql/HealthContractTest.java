package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.sql.Devices.NOW;

import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.tethral.dashboard.HealthRounds;
import org.tethral.device.DeviceId;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// Scores come from what is kept of the devices, and are kept themselves.
@EachEngine
class HealthContractTest {

    private final Database database;
    private final HealthRounds rounds;

    HealthContractTest(TestDatabase test) {
        this.database = test.database();
        this.rounds = new HealthRounds(new SqlHealthStore(database), InstantSource.fixed(NOW));
    }

    private void device(
            String id, String status, @Nullable Instant seen, String state, Document reported) {
        new Fleet(database).add(id);
        database.write(
                "set",
                session -> {
                    session.sql(
                                    """
                                    UPDATE devices SET status = ?, is_online = ?, last_seen_at = ?, overdue_at = ?
                                    WHERE device_id = ?
                                    """)
                            .set(status)
                            .set(status.equals("online"))
                            .set(seen)
                            .set(seen)
                            .set(id)
                            .update();
                    return session.sql(
                                    """
                                    UPDATE device_states SET current_state = ?, state_since = ?, reported = ?
                                    WHERE device_id = ?
                                    """)
                            .set(state)
                            .set(NOW.minusSeconds(6 * 3_600))
                            .set(reported)
                            .set(id)
                            .update();
                });
    }

    private void move(String id, String from, String to, Instant at) {
        database.write(
                "move",
                session ->
                        session.sql(
                                        """
                                        INSERT INTO state_changes (id, device_id, from_state, to_state, timestamp, actor)
                                        VALUES (?, ?, ?, ?, ?, 'system:test')
                                        """)
                                .set(UUID.randomUUID())
                                .set(id)
                                .set(from)
                                .set(to)
                                .set(at)
                                .update());
    }

    private int score(String id) {
        return new SqlDeviceStore(database)
                .find(new DeviceId(id))
                .orElseThrow()
                .presence()
                .healthScore();
    }

    @Test
    void judgesByWhatIsKept() {
        device("well", "online", NOW, "idle", Document.EMPTY);
        device("never", "unknown", null, "unknown", Document.EMPTY);
        device("gone", "offline", NOW.minusSeconds(90 + 12 * 3_600), "offline", Document.EMPTY);
        device("weak", "online", NOW, "idle", Document.of("battery", Value.of(22.5)));
        device(
                "far",
                "online",
                NOW,
                "idle",
                Document.of("battery", Value.of("full")).with("rssi", Value.of(-90)));
        device("error", "online", NOW, "error", Document.EMPTY);
        move("error", "idle", "error", NOW.minusSeconds(12 * 3_600));
        device("long", "online", NOW, "error", Document.EMPTY);
        device("mended", "online", NOW, "idle", Document.EMPTY);
        move("mended", "error", "idle", NOW.minusSeconds(12 * 3_600));
        device("flaps", "online", NOW, "a", Document.EMPTY);
        for (int i = 0; i < 18; i++) {
            move("flaps", i % 2 == 0 ? "a" : "b", i % 2 == 0 ? "b" : "a", NOW.minusSeconds(i));
        }
        for (var id :
                List.of(
                        "well", "never", "gone", "weak", "far", "error", "long", "mended",
                        "flaps")) {
            rounds.changed(new DeviceId(id));
        }
        rounds.look();
        assertThat(score("well")).isEqualTo(100);
        assertThat(score("never")).isEqualTo(100);
        assertThat(score("gone")).isEqualTo(30);
        assertThat(score("weak")).isEqualTo(88);
        assertThat(score("far")).isEqualTo(91);
        assertThat(score("error")).as("12 of 24 hours").isEqualTo(69);
        assertThat(score("long")).as("6 of 24 hours").isEqualTo(85);
        assertThat(score("mended")).as("12 of 24 hours").isEqualTo(69);
        assertThat(score("flaps")).isEqualTo(81);
    }

    @Test
    void comesToAllInTurnAndToTheChangedAtOnce() {
        IntStream.range(0, 800)
                .forEach(i ->
                        device(
                                "turn-%03d".formatted(i),
                                "offline",
                                NOW.minusSeconds(90),
                                "offline",
                                Document.EMPTY));
        var last = "turn-799";
        rounds.look();
        assertThat(score(last)).isEqualTo(100);
        rounds.changed(new DeviceId(last));
        rounds.look();
        assertThat(score(last)).isEqualTo(60);
        assertThat(score("turn-798")).isEqualTo(100);
        rounds.look();
        assertThat(score("turn-798")).isEqualTo(60);
        var fleet = new SqlFleetStore(database);
        if (fleet.maintains()) {
            assertThat(fleet.maintained(null)).isEqualTo(fleet.counted(null));
        }
    }
}
