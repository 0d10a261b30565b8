package org.tethral.space;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.tethral.device.DevEui;
import org.tethral.device.DeviceId;

class ActuationTest {

    private static final Instant START = Instant.parse("2026-07-14T12:00:00Z");
    private static final UUID ITEM = new UUID(1, 1);
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private static Actuation queued(boolean confirmed) {
        return new Actuation(
                new UUID(0, 1),
                new SpaceId(new UUID(0, 2)),
                null,
                Cause.sensor(new DeviceId("lot-7")),
                SpaceState.FREE,
                SpaceState.OCCUPIED,
                new Actuation.Order(
                        new DeviceId("light-7"),
                        new DevEui("0011223344556677"),
                        SpaceState.OCCUPIED,
                        new DisplayCode("FF00006400"),
                        15,
                        confirmed),
                new Course.Queued(0, START, null, null),
                false,
                START,
                START.plus(Actuation.USEFUL_FOR));
    }

    private static Actuation sent(boolean confirmed) {
        return queued(confirmed)
                .after(new ActuationStep.Claimed(ITEM), START)
                .after(new ActuationStep.Taken(ITEM, MINUTE), START.plusMillis(5));
    }

    private static Instant seconds(long seconds) {
        return START.plusSeconds(seconds);
    }

    @Test
    void endsWithTheGatewayWhereTheDisplayIsNotToConfirm() {
        var sent = sent(false);
        assertThat(sent.course().word()).isEqualTo("sent");
        assertThat(sent.isShown()).isFalse();
        var shown =
                sent.after(new ActuationStep.Transmitted(ITEM, START.plusMillis(800)), seconds(1));
        assertThat(shown.isShown()).isTrue();
        assertThat(shown.course().nextAt()).isNull();
        assertThat(shown.responseTime()).isEqualTo(Duration.ofMillis(800));
    }

    @Test
    void endsWithTheDisplayWhereThatIsToConfirm() {
        var onAir = sent(true).after(new ActuationStep.Transmitted(ITEM, seconds(1)), seconds(1));
        assertThat(onAir.isShown()).isFalse();
        assertThat(onAir.responseTime()).isNull();
        var shown = onAir.after(new ActuationStep.Answered(ITEM, true, seconds(2)), seconds(3));
        assertThat(shown.isShown()).isTrue();
        assertThat(shown.responseTime()).isEqualTo(Duration.ofSeconds(2));
        assertThat(shown.after(new ActuationStep.Transmitted(ITEM, seconds(4)), seconds(4)))
                .isEqualTo(shown);
    }

    @Test
    void isSentAgainWithGrowingPausesAndThenGivenUp() {
        var actuation = queued(true);
        var now = START;
        var pauses = new ArrayList<Duration>();
        for (int attempt = 1; attempt <= Actuation.ATTEMPTS_MAX; attempt++) {
            var item = new UUID(1, attempt);
            actuation =
                    actuation
                            .after(new ActuationStep.Claimed(item), now)
                            .after(new ActuationStep.Taken(item, MINUTE), now);
            assertThat(actuation.course().attempts()).isEqualTo(attempt);
            now = now.plus(MINUTE);
            actuation = actuation.after(new ActuationStep.TimePassed(), now);
            var next = actuation.course().nextAt();
            if (next != null) {
                pauses.add(Duration.between(now, next));
                now = next;
            }
        }
        assertThat(actuation.isFailed()).isTrue();
        assertThat(actuation.trouble()).isEqualTo("nothing was heard of it");
        assertThat(pauses).hasSize(4).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void isSupersededWhileItWaitsAndNotSentAgainOnceItIsOnItsWay() {
        assertThat(queued(true).after(new ActuationStep.Overtaken(), START).course().word())
                .isEqualTo("superseded");
        var onItsWay = sent(true).after(new ActuationStep.Overtaken(), START);
        assertThat(onItsWay.course().word()).isEqualTo("sent");
        assertThat(
                        onItsWay.after(new ActuationStep.Answered(ITEM, false, START), START)
                                .course()
                                .word())
                .isEqualTo("superseded");
        assertThat(onItsWay.after(new ActuationStep.TimePassed(), seconds(61)).course().word())
                .isEqualTo("superseded");
        assertThat(
                        onItsWay.after(new ActuationStep.Answered(ITEM, true, START), START)
                                .course()
                                .word())
                .isEqualTo("confirmed");
    }

    @Test
    void expiresWhenItWasOfNoUseAnyMore() {
        var late = START.plus(Actuation.USEFUL_FOR);
        assertThat(queued(true).after(new ActuationStep.TimePassed(), late).course().word())
                .isEqualTo("expired");
        assertThat(queued(true).after(new ActuationStep.Claimed(ITEM), late).course().word())
                .isEqualTo("queued");
    }

    @Test
    void isNotTriedAgainWhereItWillNeverBeTaken() {
        var claimed = queued(true).after(new ActuationStep.Claimed(ITEM), START);
        var refused = claimed.after(new ActuationStep.Refused(ITEM, "too long", true), START);
        assertThat(refused.isFailed()).isTrue();
        assertThat(refused.trouble()).isEqualTo("too long");
        var later = claimed.after(new ActuationStep.Refused(ITEM, "no broker", false), START);
        assertThat(later.course().word()).isEqualTo("queued");
    }

    @Test
    void believesADisplayThatAnswersAfterItWasGivenUp() {
        var failed =
                queued(true)
                        .after(new ActuationStep.Claimed(ITEM), START)
                        .after(new ActuationStep.Refused(ITEM, "lost", true), START);
        assertThat(failed.after(new ActuationStep.Answered(ITEM, true, seconds(9)), seconds(9)))
                .matches(Actuation::isShown);
    }

    /// Whatever happens in whatever order: an end is never left but for a confirmation, attempts
    /// only rise and have a bound, what is overtaken is never claimed.
    @Test
    void neverGoesBackWhateverIsHeard() {
        var seed = System.nanoTime();
        var random = new SplittableRandom(seed);
        for (int run = 0; run < 2_000; run++) {
            var actuation = queued(random.nextBoolean());
            var now = START;
            for (int step = 0; step < 40; step++) {
                now = now.plusSeconds(random.nextInt(90));
                var item = new UUID(1, random.nextInt(3));
                var next = actuation.after(anything(random, item, now), now);
                var context = "seed %s, run %s, step %s".formatted(seed, run, step);
                assertThat(next.course().attempts())
                        .as(context)
                        .isBetween(actuation.course().attempts(), Actuation.ATTEMPTS_MAX);
                if (actuation.course() instanceof Course.Ended && !next.equals(actuation)) {
                    assertThat(actuation.isFailed()).as(context).isTrue();
                    assertThat(next.course().word()).as(context).isEqualTo("confirmed");
                }
                if (actuation.overtaken() && !(actuation.course() instanceof Course.Sending)) {
                    assertThat(next.course().word()).as(context).isNotEqualTo("sending");
                }
                actuation = next;
            }
            now = now.plus(Duration.ofDays(1));
            for (int i = 0; i < 4; i++) {
                actuation = actuation.after(new ActuationStep.TimePassed(), now);
                now = now.plus(Duration.ofDays(1));
            }
            assertThat(actuation.course().nextAt()).as("it ends; seed %s", seed).isNull();
        }
    }

    private static ActuationStep anything(SplittableRandom random, UUID item, Instant now) {
        return List.of(
                        new ActuationStep.Claimed(item),
                        new ActuationStep.Claimed(item),
                        new ActuationStep.Taken(item, MINUTE),
                        new ActuationStep.Taken(item, MINUTE),
                        new ActuationStep.Refused(item, "no", random.nextInt(9) == 0),
                        new ActuationStep.Transmitted(item, now),
                        new ActuationStep.Answered(item, random.nextInt(3) == 0, now),
                        new ActuationStep.Lost(item, "lost"),
                        new ActuationStep.Overtaken(),
                        new ActuationStep.TimePassed())
                .get(random.nextInt(random.nextInt(4) == 0 ? 10 : 8));
    }
}
