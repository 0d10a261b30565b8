package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.tethral.kernel.StorageException;
import org.tethral.space.Occupancy;
import org.tethral.space.Reservation;
import org.tethral.space.ReservationStore;
import org.tethral.space.SpaceState;

@EachEngine
class ReservationContractTest extends SpaceRig {

    ReservationContractTest(TestDatabase test) {
        super(test);
    }

    @Test
    void reservesASpaceForOneOfAHundredWhoTryAtOnce() throws Exception {
        var space = space();
        var outcomes = new ArrayList<ReservationStore.Outcome>();
        var threads = new ArrayList<Thread>();
        for (int i = 0; i < 100; i++) {
            var asked = reservation(space, 100 + i, 300 + i, "race-" + space.id() + i);
            threads.add(
                    Thread.ofVirtual()
                            .start(() -> {
                                var outcome = reservations.add(asked);
                                synchronized (outcomes) {
                                    outcomes.add(outcome);
                                }
                            }));
        }
        for (var thread : threads) {
            thread.join();
        }
        assertThat(outcomes).hasSize(100);
        assertThat(outcomes).filteredOn(ReservationStore.Outcome.Done.class::isInstance).hasSize(1);
        assertThat(outcomes)
                .filteredOn(ReservationStore.Outcome.Overlaps.class::isInstance)
                .hasSize(99);
        assertThat(reservations.booked(space.id(), START, second(1_000))).hasSize(1);
    }

    /// Past the program, as somebody with a shell would.
    @Test
    void refusesOverlapsByTheDatabaseItself() throws Exception {
        assumeThat(database.dialect()).isNotEqualTo(Dialect.COCKROACHDB);
        var space = space();
        var refused = new AtomicInteger();
        var threads = new ArrayList<Thread>();
        for (int i = 0; i < 100; i++) {
            var asked = reservation(space, 100 + i, 300 + i, null);
            threads.add(
                    Thread.ofVirtual()
                            .start(() -> {
                                try {
                                    database.write(
                                            "insert past the store",
                                            session -> {
                                                ReservationRows.insert(session, asked);
                                                return 0;
                                            });
                                } catch (StorageException e) {
                                    refused.incrementAndGet();
                                }
                            }));
        }
        for (var thread : threads) {
            thread.join();
        }
        assertThat(refused).hasValue(99);
        var kept = reservations.booked(space.id(), START, second(1_000)).getFirst();
        reservations.cancel(kept.id(), ANN, START);
        var beside = reservation(space, 0, 100, null);
        var next = reservation(space, 100, 200, null);
        assertThat(reservations.add(beside)).isInstanceOf(ReservationStore.Outcome.Done.class);
        assertThat(reservations.add(next)).isInstanceOf(ReservationStore.Outcome.Done.class);
        assertThatThrownBy(() ->
                        database.write(
                                "bring it back",
                                session ->
                                        session.sql(
                                                        "UPDATE reservations SET status = 'active' WHERE id = ?")
                                                .set(kept.id().value())
                                                .update()))
                .isInstanceOf(StorageException.class);
    }

    @Test
    void givesTheSameAnswerToTheSameRequest() throws Exception {
        var space = space();
        var outcomes = new ArrayList<ReservationStore.Outcome>();
        var threads = new ArrayList<Thread>();
        for (int i = 0; i < 20; i++) {
            var asked = reservation(space, 100, 200, "same-" + space.id());
            threads.add(
                    Thread.ofVirtual()
                            .start(() -> {
                                var outcome = reservations.add(asked);
                                synchronized (outcomes) {
                                    outcomes.add(outcome);
                                }
                            }));
        }
        for (var thread : threads) {
            thread.join();
        }
        assertThat(outcomes).filteredOn(ReservationStore.Outcome.Done.class::isInstance).hasSize(1);
        assertThat(outcomes)
                .filteredOn(ReservationStore.Outcome.Repeated.class::isInstance)
                .hasSize(19);
        assertThat(reservations.add(reservation(space, 300, 400, "same-" + space.id())))
                .isEqualTo(new ReservationStore.Outcome.RequestIdTaken());
    }

    @Test
    void beginsAndEndsReservationsAndTellsTheDisplay() {
        var sensor = sensor();
        var space = space(sensor, display(false));
        see(sensor, second(1), Occupancy.FREE);
        var booked = reservation(space, 100, 200, null);
        assertThat(reservations.add(booked)).isEqualTo(new ReservationStore.Outcome.Done(booked));
        advance(second(99));
        assertThat(now(space).state()).isEqualTo(SpaceState.FREE);
        advance(second(100));
        assertThat(now(space).state()).isEqualTo(SpaceState.RESERVED);
        see(sensor, second(150), Occupancy.OCCUPIED);
        assertThat(now(space).state()).isEqualTo(SpaceState.RESERVED);
        advance(second(200));
        assertThat(now(space).state()).isEqualTo(SpaceState.OCCUPIED);
        assertThat(reservations.find(booked.id()).orElseThrow().status())
                .isEqualTo(Reservation.Status.COMPLETED);
        assertThat(words(space))
                .containsExactly(
                        "sensor_uplink free superseded",
                        "api_reservation reserved superseded",
                        "reservation_expired occupied queued");
        assertThat(told(space))
                .containsSubsequence(
                        "reservation.confirmed", "reservation.activated", "reservation.completed");
    }

    private void advance(Instant now) {
        while (work.advanceReservations(now, 100) > 0) {
            // others of this class may be due, too
        }
    }

    @Test
    void freesTheSpaceWhenAReservationIsCancelled() {
        var space = space(sensor(), null);
        var booked = reservation(space, -10, 200, null);
        reservations.add(booked);
        assertThat(now(space).state()).isEqualTo(SpaceState.RESERVED);
        assertThat(reservations.cancel(booked.id(), ANN, second(5)))
                .isInstanceOf(ReservationStore.Outcome.Done.class);
        assertThat(now(space).state()).isEqualTo(SpaceState.UNKNOWN);
        assertThat(reservations.cancel(booked.id(), ANN, second(6)))
                .isInstanceOf(ReservationStore.Outcome.IsOver.class);
        assertThat(reservations.add(reservation(space, 0, 100, null)))
                .isInstanceOf(ReservationStore.Outcome.Done.class);
    }
}
