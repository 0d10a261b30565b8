package org.tethral.space;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.tethral.account.Actor;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

class SpaceStateTest {

    private static final Instant NOW = Instant.parse("2026-07-14T12:00:00Z");
    private static final Actor ANN = Actor.session("ann");

    private static Reservation reservation(Reservation.Status status, int fromNow, int toNow) {
        return new Reservation(
                new ReservationId(new java.util.UUID(1, 1)),
                new SpaceId(new java.util.UUID(2, 2)),
                null,
                NOW.plusSeconds(fromNow),
                NOW.plusSeconds(toNow),
                "ann",
                status,
                null,
                Document.EMPTY,
                ANN,
                NOW,
                NOW);
    }

    @Test
    void prefersMaintenanceToOverridesToReservationsToTheSensor() {
        var manual = new ManualState(SpaceState.FREE, null, ANN);
        var booked = reservation(Reservation.Status.ACTIVE, -60, 60);
        assertThat(new Standing(Occupancy.OCCUPIED, booked, manual, true).stateAt(NOW))
                .isEqualTo(SpaceState.MAINTENANCE);
        assertThat(new Standing(Occupancy.OCCUPIED, booked, manual, false).stateAt(NOW))
                .isEqualTo(SpaceState.FREE);
        assertThat(new Standing(Occupancy.OCCUPIED, booked, null, false).stateAt(NOW))
                .isEqualTo(SpaceState.RESERVED);
        assertThat(new Standing(Occupancy.OCCUPIED, null, null, false).stateAt(NOW))
                .isEqualTo(SpaceState.OCCUPIED);
        assertThat(new Standing(null, null, null, false).stateAt(NOW))
                .isEqualTo(SpaceState.UNKNOWN);
    }

    /// Whatever is the case: the first of the four that applies decides, and what stands behind it
    /// makes no difference.
    @Test
    void isDecidedByTheFirstThatAppliesWhateverTheOthersAre() {
        var seed = System.nanoTime();
        var random = new SplittableRandom(seed);
        for (int i = 0; i < 20_000; i++) {
            var standing = anything(random);
            var state = standing.stateAt(NOW);
            var noSensor =
                    new Standing(
                            null,
                            standing.reservation(),
                            standing.manual(),
                            standing.maintenance());
            var manual = standing.manual();
            var booked = standing.reservation();
            if (standing.maintenance()) {
                assertThat(state).as("seed %s", seed).isEqualTo(SpaceState.MAINTENANCE);
            } else if (manual != null && (manual.until() == null || manual.until().isAfter(NOW))) {
                assertThat(state).as("seed %s", seed).isEqualTo(manual.state());
                assertThat(noSensor.stateAt(NOW)).isEqualTo(state);
            } else if (booked != null
                    && (booked.status() == Reservation.Status.CONFIRMED
                            || booked.status() == Reservation.Status.ACTIVE)
                    && !booked.startsAt().isAfter(NOW)
                    && booked.endsAt().isAfter(NOW)) {
                assertThat(state).as("seed %s", seed).isEqualTo(SpaceState.RESERVED);
                assertThat(noSensor.stateAt(NOW)).isEqualTo(state);
            } else {
                var sensor = standing.sensor();
                assertThat(state)
                        .as("seed %s", seed)
                        .isEqualTo(sensor == null ? SpaceState.UNKNOWN : sensor.state());
            }
        }
    }

    private static Standing anything(SplittableRandom random) {
        return new Standing(
                oneOf(random, null, Occupancy.FREE, Occupancy.OCCUPIED),
                random.nextBoolean() ? null : anyReservation(random),
                random.nextBoolean() ? null : anyOverride(random),
                random.nextInt(4) == 0);
    }

    private static Reservation anyReservation(SplittableRandom random) {
        var from = random.nextInt(-3, 3);
        return reservation(
                oneOf(random, Reservation.Status.values()), from, from + random.nextInt(1, 4));
    }

    private static ManualState anyOverride(SplittableRandom random) {
        return new ManualState(
                oneOf(random, SpaceState.FREE, SpaceState.OCCUPIED, SpaceState.RESERVED),
                random.nextBoolean() ? null : NOW.plusSeconds(random.nextInt(-2, 3)),
                ANN);
    }

    @SafeVarargs
    private static <T> T oneOf(SplittableRandom random, @Nullable T... some) {
        return some[random.nextInt(some.length)];
    }

    @Test
    void understandsWhatSensorsOfDifferentMakersSay() {
        assertThat(said("occupied", Value.of(true))).isEqualTo(Occupancy.OCCUPIED);
        assertThat(said("occupied", Value.of(0))).isEqualTo(Occupancy.FREE);
        assertThat(said("occupancy", Value.of(3))).isEqualTo(Occupancy.OCCUPIED);
        assertThat(said("parking_status", Value.of("VACANT"))).isEqualTo(Occupancy.FREE);
        assertThat(said("status", Value.of("occupied"))).isEqualTo(Occupancy.OCCUPIED);
        assertThat(said("status", Value.of("ok"))).isNull();
        assertThat(said("temperature", Value.of(21))).isNull();
        assertThat(Occupancy.of(Document.of("bay", Value.of(1)), "bay"))
                .isEqualTo(Occupancy.OCCUPIED);
        assertThat(Occupancy.of(Document.of("occupied", Value.of(true)), "bay")).isNull();
    }

    private static @Nullable Occupancy said(String name, Value value) {
        return Occupancy.of(Document.of("battery", Value.of(3.6)).with(name, value), null);
    }

    @Test
    void showsASharedDisplayFreeAsLongAsOneSpaceIs() {
        assertThat(SharedDisplay.shows(List.of(SpaceState.OCCUPIED, SpaceState.FREE)))
                .isEqualTo(SpaceState.FREE);
        assertThat(SharedDisplay.shows(List.of(SpaceState.RESERVED, SpaceState.OCCUPIED)))
                .isEqualTo(SpaceState.OCCUPIED);
        assertThat(SharedDisplay.shows(List.of(SpaceState.MAINTENANCE, SpaceState.UNKNOWN)))
                .isEqualTo(SpaceState.MAINTENANCE);
        assertThat(SharedDisplay.shows(List.of())).isEqualTo(SpaceState.UNKNOWN);
        for (var state : SpaceState.values()) {
            assertThat(SharedDisplay.shows(List.of(state))).isEqualTo(state);
        }
    }

    /// Of time alone; each state is reached in the right order, however seldom somebody looks.
    @Test
    void letsReservationsBeginAndEndByThemselves() {
        var confirmed = reservation(Reservation.Status.CONFIRMED, 10, 20);
        assertThat(confirmed.at(NOW.plusSeconds(9)).status())
                .isEqualTo(Reservation.Status.CONFIRMED);
        var active = confirmed.at(NOW.plusSeconds(10));
        assertThat(active.status()).isEqualTo(Reservation.Status.ACTIVE);
        assertThat(active.dueAt()).isEqualTo(confirmed.endsAt());
        var completed = active.at(NOW.plusSeconds(20));
        assertThat(completed.status()).isEqualTo(Reservation.Status.COMPLETED);
        assertThat(completed.dueAt()).isNull();
        assertThat(confirmed.at(NOW.plusSeconds(20)).status())
                .isEqualTo(Reservation.Status.EXPIRED);
        assertThat(reservation(Reservation.Status.PENDING, 10, 20).at(NOW.plusSeconds(10)).status())
                .isEqualTo(Reservation.Status.EXPIRED);
        assertThat(completed.cancelled(NOW)).isEqualTo(completed);
    }

    @Test
    void acceptsOnlyCodesThatItsTypeUnderstands() {
        var complaints = new ArrayList<String>();
        for (var wrong : List.of("FF", "0000FF64000000", "")) {
            try {
                display(wrong);
            } catch (IllegalArgumentException e) {
                complaints.add(String.valueOf(e.getMessage()));
            }
        }
        assertThat(complaints).hasSize(3);
        assertThat(complaints.getFirst()).contains("5 bytes");
        assertThat(display("ff00006400").codes().of(SpaceState.FREE))
                .contains(new DisplayCode("FF00006400"));
    }

    private static DisplayDevice display(String free) {
        return new DisplayDevice(
                new org.tethral.device.DeviceId("d"),
                null,
                DisplayType.KUANDO_BUSYLIGHT,
                new DisplayCodes(java.util.Map.of(SpaceState.FREE, DisplayCode.parse(free))),
                15,
                true,
                null,
                null);
    }
}
