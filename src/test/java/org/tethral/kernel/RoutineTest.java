package org.tethral.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class RoutineTest {

    private static final Duration SHORT = Duration.ofMillis(1);

    @Test
    void goesOnAfterWhatItsWorkThrew() throws InterruptedException {
        var times = new CountDownLatch(3);
        var told = new CopyOnWriteArrayList<String>();
        Routine.Work work =
                () -> {
                    times.countDown();
                    throw new IllegalStateException("fault " + times.getCount());
                };
        try (var routine =
                new Routine("r", SHORT, work, failure -> told.add(failure.getMessage()))) {
            routine.start();
            assertThat(times.await(20, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(told.subList(0, 2)).isEqualTo(List.of("fault 2", "fault 1"));
    }

    @Test
    void hasEndedWhatIsUnderWayWhenItIsClosed() throws InterruptedException {
        var begun = new CountDownLatch(1);
        var ended = new AtomicBoolean();
        Routine.Work work =
                () -> {
                    begun.countDown();
                    try {
                        TimeUnit.MINUTES.sleep(1);
                    } finally {
                        ended.set(true);
                    }
                };
        try (var routine = new Routine("r", SHORT, work, _ -> {})) {
            routine.start();
            assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(ended).isTrue();
    }
}
