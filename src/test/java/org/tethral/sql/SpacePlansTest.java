package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.tethral.account.CommunityId;
import org.tethral.device.DevEui;
import org.tethral.device.DeviceId;
import org.tethral.kernel.Page;
import org.tethral.space.ActuationStore;
import org.tethral.space.Cause;
import org.tethral.space.ReservationStore;
import org.tethral.space.SpaceId;
import org.tethral.space.SpaceStore;

/// How the engines find spaces by their devices, what is booked of them, and the trail of displays.
@EachEngine
class SpacePlansTest {

    private static final Instant NOW = TestDatabase.NOW;
    private static final int SPACES = 3_000;
    private static final int PER_SPACE = 5;
    private static final Page.Request PAGE = Page.Request.first(100);
    private static final Pattern SORT = Pattern.compile("\\bSort  \\(cost=\\S+ rows=(\\d+)");
    private static final int SORTED_MAX = 500;
    private static final SpaceId SPACE = new SpaceId(new UUID(5, 7));
    private static final DevEui DEV_EUI = devEui(7);

    private final TestDatabase test;
    private final Database database;

    SpacePlansTest(TestDatabase test) {
        this.test = test;
        this.database = test.database();
        assumeThat(database.dialect()).isNotEqualTo(Dialect.COCKROACHDB);
        fill();
    }

    private static DevEui devEui(int number) {
        return new DevEui("%016X".formatted(number));
    }

    @Test
    void findsEverythingByAnIndexInItsOrder() {
        try (var explained = new Explained(test)) {
            var turns = new SpaceTurns(explained.database(), new SplittableRandom(1));
            var spaces = new SqlSpaceStore(turns);
            var reservations = new SqlReservationStore(turns);
            var actuations = new SqlActuationStore(turns);
            var queries = new LinkedHashMap<String, Runnable>();
            queries.put("by sensor DevEUI", () -> spaces.list(served(DEV_EUI, null), PAGE));
            queries.put("by display DevEUI", () -> spaces.list(served(null, DEV_EUI), PAGE));
            queries.put("all spaces", () -> spaces.list(SpaceStore.Filter.ALL, PAGE));
            queries.put(
                    "booked in a window",
                    () -> reservations.booked(SPACE, NOW, NOW.plusSeconds(1_000)));
            queries.put(
                    "reservations of a space",
                    () ->
                            reservations.list(
                                    new ReservationStore.Filter(null, SPACE, null, null, null),
                                    PAGE));
            queries.put("trail of a space", () -> actuations.list(trail(SPACE, null, false), PAGE));
            queries.put(
                    "by trigger",
                    () -> actuations.list(trail(null, Cause.Trigger.MANUAL_OVERRIDE, false), PAGE));
            queries.put("failed ones", () -> actuations.list(trail(null, null, true), PAGE));
            queries.put("the device of a DevEUI", () -> new SqlServingDevices(turns).find(DEV_EUI));
            assertGoStraight(queries, explained);
        }
    }

    @Test
    void findsWhatIsDueByAnIndex() {
        assertThat(
                        plan(session ->
                                session.sql(explain() + SqlActuationStore.DUE).set(NOW).set(100)))
                .contains("actuations_due")
                .doesNotContain("Seq Scan", "TEMP B-TREE", "Sort");
        assertThat(
                        plan(session ->
                                session.sql(explain() + SqlSpaceWork.RESERVATIONS_DUE)
                                        .set(NOW)
                                        .set(100)))
                .contains("reservations_due")
                .doesNotContain("Seq Scan", "TEMP B-TREE", "Sort");
        assertThat(
                        plan(session ->
                                session.sql(
                                                explain()
                                                        + "SELECT id FROM spaces WHERE sensor_device_id = ?")
                                        .set("plan-space-7")))
                .contains("spaces_by_sensor");
    }

    private String plan(SqlWork<Sql> statement) {
        return new Plans(database).of(statement);
    }

    private String explain() {
        return new Plans(database).explain();
    }

    private static SpaceStore.Filter served(@Nullable DevEui sensor, @Nullable DevEui display) {
        return new SpaceStore.Filter(null, null, null, null, null, sensor, display);
    }

    private static ActuationStore.Filter trail(
            @Nullable SpaceId space, Cause.@Nullable Trigger trigger, boolean failed) {
        return new ActuationStore.Filter(null, space, trigger, null, failed, null, null);
    }

    private static void assertGoStraight(Map<String, Runnable> queries, Explained explained) {
        var complaints = new ArrayList<String>();
        queries.forEach((name, query) -> {
            var plans = explained.of(query);
            assertThat(plans).as(name).isNotEmpty();
            for (var plan : plans) {
                var steps = plan.steps();
                var scans =
                        steps.contains("Seq Scan on")
                                || steps.lines()
                                        .anyMatch(line ->
                                                line.startsWith("SCAN ")
                                                        && !line.contains("USING")
                                                        && !line.contains("SUBQUERY"));
                // the few that a DevEUI leads to may be sorted
                var sorts =
                        !name.contains("DevEUI")
                                && (steps.contains("TEMP B-TREE") || sortsMany(steps));
                if (scans || sorts) {
                    complaints.add(name + "\n" + plan.statement() + "\n" + steps);
                }
            }
        });
        assertThat(complaints).isEmpty();
    }

    /// PostgreSQL may sort the few that it finds.
    private static boolean sortsMany(String steps) {
        return SORT.matcher(steps)
                .results()
                .anyMatch(sort -> Long.parseLong(sort.group(1)) > SORTED_MAX);
    }

    private void fill() {
        if (new Fleet(database).count("spaces") >= SPACES) {
            return;
        }
        var devices = new Fleet(database).addAll("plan-space-", SPACES);
        database.write(
                "fill",
                session -> {
                    for (int i = 0; i < SPACES; i++) {
                        serve(session, devices.get(i), i);
                    }
                    for (int i = 0; i < SPACES * PER_SPACE; i++) {
                        book(session, i);
                        actuate(session, i);
                    }
                    return 0;
                });
        if (database.dialect() != Dialect.SQLITE) {
            database.write(
                    "analyze",
                    session ->
                            session.sql(
                                            "ANALYZE spaces, sensor_devices, display_devices, reservations, actuations")
                                    .update());
        }
    }

    private static void serve(Session session, DeviceId device, int number) throws SQLException {
        var devEui = devEui(number).value();
        session.sql("INSERT INTO sensor_devices (device_id, dev_eui, created_at) VALUES (?, ?, ?)")
                .set(device)
                .set(devEui)
                .set(NOW)
                .update();
        session.sql(
                        """
                        INSERT INTO display_devices (device_id, dev_eui, display_type, fport, created_at)
                        VALUES (?, ?, 'generic', 1, ?)
                        """)
                .set(device)
                .set(devEui)
                .set(NOW)
                .update();
        session.sql(
                        """
                        INSERT INTO spaces (id, community_id, name, code, sensor_device_id, display_device_id,
                                            state_since, created_at)
                        VALUES (?, ?, 'plan', ?, ?, ?, ?, ?)
                        """)
                .set(new UUID(5, number))
                .set(CommunityId.DEFAULT)
                .set("plan-" + number)
                .set(device)
                .set(device)
                .set(NOW)
                .set(NOW)
                .update();
    }

    /// One in a hundred is still to come.
    private static void book(Session session, int number) throws SQLException {
        var begin = NOW.plusSeconds(3_600L * (number / SPACES));
        var over = number % 100 != 0;
        session.sql(
                        """
                        INSERT INTO reservations (id, space_id, community_id, starts_at, ends_at, holder, status, due_at,
                                                  created_by, created_at, updated_at)
                        VALUES (?, ?, ?, ?, ?, 'Ann', ?, ?, 'test', ?, ?)
                        """)
                .set(new UUID(6, number))
                .set(new UUID(5, number % SPACES))
                .set(CommunityId.DEFAULT)
                .set(begin)
                .set(begin.plusSeconds(1_800))
                .set(over ? "completed" : "confirmed")
                .set(over ? null : begin)
                .set(NOW)
                .set(NOW)
                .update();
    }

    private static void actuate(Session session, int number) throws SQLException {
        var waits = number % 200 == 0;
        var failed = number % 200 == 1;
        session.sql(
                        """
                        INSERT INTO actuations (id, space_id, community_id, trigger_type, trigger_source, previous_state,
                            new_state, status, created_at, expires_at, next_attempt_at, queue_item_id,
                            transmitted_at, ended_at)
                        VALUES (?, ?, ?, ?, 'test', 'free', 'occupied', ?, ?, ?, ?, ?, ?, ?)
                        """)
                .set(new UUID(8, number))
                .set(new UUID(5, number % SPACES))
                .set(CommunityId.DEFAULT)
                .set(number % 100 == 0 ? "manual_override" : "sensor_uplink")
                .set(waits ? "queued" : failed ? "failed" : "transmitted")
                .set(NOW.plusSeconds(number))
                .set(NOW.plusSeconds(number + 3_600L))
                .set(waits ? NOW.plusSeconds(number) : null)
                .set(new UUID(9, number))
                .set(NOW)
                .set(waits ? null : NOW)
                .update();
    }
}
