package org.tethral.simulate;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/// What a simulated device makes of the commands that it gets: of the n-th one always the same, by
/// the seed of the run. Lives on the run's only thread.
final class Servant {

    /// How long a device that vanished stays away, about.
    static final long AWAY_MILLIS = 1_000;

    private final Run run;
    private final Line line;
    private final Plan.Obedience obedience;
    private long commands;

    /// How a device speaks of a command on its wire; sent when all that came with it is read.
    interface Voice {
        /// Tells the transport that it has it, where a device does that.
        void received();

        void answer(boolean success);
    }

    enum Act {
        ANSWER,
        FAIL,
        SLOW,
        VANISH
    }

    Servant(Run run, Line line, Plan.Obedience obedience) {
        this.run = run;
        this.line = line;
        this.obedience = obedience;
    }

    void take(Voice voice) {
        run.tally.commanded();
        switch (act(line.index, commands++)) {
            case ANSWER -> {
                voice.received();
                answer(voice, true);
            }
            case FAIL -> {
                voice.received();
                answer(voice, false);
            }
            case SLOW -> {
                voice.received();
                run.after(
                        obedience.slowness().toMillis(),
                        TimeUnit.MILLISECONDS,
                        () -> {
                            answer(voice, true);
                            line.flush();
                        });
            }
            case VANISH -> {
                run.tally.vanished();
                line.vanish(AWAY_MILLIS);
            }
        }
    }

    private void answer(Voice voice, boolean success) {
        run.tally.answered(success);
        voice.answer(success);
    }

    private Act act(int device, long command) {
        var seed = run.plan.content().seed();
        var chance = new SplittableRandom((seed * 31 + device) * 1_000_003 + command).nextInt(100);
        if (chance < obedience.fail()) {
            return Act.FAIL;
        }
        if (chance < obedience.fail() + obedience.slow()) {
            return Act.SLOW;
        }
        return chance < obedience.fail() + obedience.slow() + obedience.vanish()
                ? Act.VANISH
                : Act.ANSWER;
    }
}
