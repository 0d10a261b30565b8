package org.tethral.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.command.Dispatches.T0;
import static org.tethral.command.Dispatches.issued;
import static org.tethral.command.Dispatches.oneWay;
import static org.tethral.command.Dispatches.terms;

import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.tethral.account.Actor;
import org.tethral.kernel.Document;

/// Steps in any order, doubled, late, of other attempts, from several nodes, with a clock that also
/// goes back: what must hold all the same. A failure names its seed.
class DispatchPropertyTest {

    private static final int SEEDS = 20_000;
    private static final int STEPS = 40;

    @Test
    void endsOnceAndSendsNothingThatWasAcknowledged() {
        var ends = new java.util.EnumMap<CommandStatus, Integer>(CommandStatus.class);
        for (int seed = 0; seed < SEEDS; seed++) {
            try {
                ends.merge(run(new Random(seed)), 1, Integer::sum);
            } catch (AssertionError e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
        // the steps are mixed so that every end is reached
        assertThat(ends).hasSize(5);
    }

    private static CommandStatus run(Random random) {
        var dispatch = issued(random.nextInt(4) == 0 ? oneWay() : terms());
        var at = T0;
        for (int i = 0; i < STEPS; i++) {
            at = at.plusMillis(random.nextInt(-2_000, 60_000));
            var step = step(random, dispatch);
            var next = dispatch.after(step, at);
            check(dispatch, step, at, next);
            dispatch = next;
        }
        // whatever came before: time alone ends it, without another send
        for (int i = 0; i < 3 && !dispatch.stage().isFinal(); i++) {
            at = at.plus(Duration.ofDays(2));
            dispatch = dispatch.after(new DispatchStep.TimePassed(), at);
        }
        assertThat(dispatch.stage().isFinal()).isTrue();
        return dispatch.stage().status();
    }

    private static void check(Dispatch before, DispatchStep step, Instant at, Dispatch after) {
        assertThat(after.command()).isEqualTo(before.command());
        assertThat(after.terms()).isEqualTo(before.terms());
        assertThat(after.nextAt() == null).isEqualTo(after.stage().isFinal());
        if (before.stage().isFinal()) {
            assertThat(after.stage().status()).isEqualTo(before.stage().status());
            assertThat(after.stage().attempts()).isEqualTo(before.stage().attempts());
        }
        if (before.stage() instanceof Stage.Acknowledged) {
            assertThat(after).isSameAs(before);
        }
        // a step that is told twice is one step; but looking at the clock again may see more
        if (!(step instanceof DispatchStep.TimePassed)) {
            assertThat(after.after(step, at)).isEqualTo(after);
        }
        if (after.stage() instanceof Stage.Sent && !(before.stage() instanceof Stage.Sent)) {
            assertThat(before.stage()).isInstanceOf(Stage.Pending.class);
            assertThat(step).isInstanceOf(DispatchStep.Claimed.class);
            assertThat(after.stage().attempts()).isEqualTo(before.stage().attempts() + 1);
            assertThat(after.stage().attempts()).isLessThanOrEqualTo(after.terms().attemptsMax());
            assertThat(at).isBefore(after.terms().expiresAt());
        }
        if (after.stage().attempts() < before.stage().attempts()) {
            assertThat(step).isInstanceOf(DispatchStep.NotHandedOver.class);
        }
    }

    private static DispatchStep step(Random random, Dispatch dispatch) {
        var attempt = Math.max(1, dispatch.stage().attempts() - random.nextInt(2));
        return switch (random.nextInt(28)) {
            case 0 -> new DispatchStep.Cancelled(Actor.apiKey("ops"));
            case 1 -> new DispatchStep.Answered(false, Document.EMPTY, "stuck");
            case 2 -> DispatchStep.Answered.succeeded();
            case 3, 4, 5, 6 -> new DispatchStep.Delivered(attempt);
            case 7, 8 -> new DispatchStep.NotHandedOver(attempt, "gone");
            case 9, 10, 11 -> new DispatchStep.Lost(attempt, "connection lost");
            case 24, 25 -> new DispatchStep.Queued(attempt, random.nextBoolean());
            case 26 -> new DispatchStep.GivenUp(attempt, "not acknowledged");
            case 27 -> new DispatchStep.Refused(attempt, "too long");
            case 12, 13, 14, 15 -> new DispatchStep.TimePassed();
            default -> new DispatchStep.Claimed("node-" + random.nextInt(3));
        };
    }
}
