package org.tethral.mqtt;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.tethral.broker.SessionChange;
import org.tethral.broker.SessionStore;
import org.tethral.broker.Will;

/// What happens to sessions whose connection is gone: they wait, their will is said, they end (MQTT
/// 5, 3.1.2.5 and 4.1). Thread-safe.
final class Afterlife {

    private final Sessions sessions;
    private final Broker broker;
    private final Deadlines deadlines = new Deadlines();

    Afterlife(Sessions sessions, Broker broker) {
        this.sessions = sessions;
        this.broker = broker;
    }

    /// To be called often.
    void tick() {
        deadlines.run(System.nanoTime());
    }

    /// The connection is gone.
    ///
    /// @param will to be said by `say`; null: the client said goodbye, or has none
    /// @param keepSeconds how long the session is kept; 0: not
    void left(
            Session session,
            MqttConnection gone,
            long keepSeconds,
            @Nullable Will will,
            Runnable say) {
        var delay = will == null ? 0 : Math.min(will.delaySeconds(), keepSeconds);
        var leaving =
                sessions.leave(
                        session,
                        gone,
                        keepSeconds > 0,
                        () -> {
                            broker.left(session, Duration.ofSeconds(keepSeconds), delay > 0);
                            wait(session, keepSeconds, delay > 0 ? delay : -1, say);
                        });
        switch (leaving) {
            case KEPT -> {
                if (will != null && delay == 0) {
                    say.run();
                }
            }
            case OVER -> {
                if (will != null) {
                    say.run();
                }
                broker.ended(session);
            }
            case TAKEN -> {
                if (will != null && (will.delaySeconds() == 0 || session.ended())) {
                    say.run();
                }
            }
        }
    }

    /// @param willSeconds until its will is said; -1: it has none
    private void wait(Session session, long endSeconds, long willSeconds, Runnable say) {
        var now = System.nanoTime();
        var farewell = new Farewell(willSeconds >= 0 ? say : null);
        session.farewell(farewell);
        farewell.end =
                deadlines.at(
                        now + TimeUnit.SECONDS.toNanos(Math.max(0, endSeconds)),
                        () -> end(session, farewell));
        if (willSeconds >= 0) {
            farewell.words =
                    deadlines.at(
                            now + TimeUnit.SECONDS.toNanos(willSeconds),
                            () -> speak(session, farewell));
        }
    }

    private void speak(Session session, Farewell farewell) {
        if (session.farewell() == farewell && !session.connected()) {
            var will = farewell.take();
            if (will != null) {
                will.run();
                broker.post(session, SessionChange.WillSaid::new);
            }
        }
    }

    private void end(Session session, Farewell farewell) {
        if (session.farewell() == farewell && sessions.forget(session)) {
            over(session, farewell);
        }
    }

    private void over(Session session, @Nullable Farewell farewell) {
        var will = farewell == null ? null : farewell.take();
        if (will != null) {
            will.run();
        }
        broker.ended(session);
    }

    /// A connection has the session again.
    void returned(Session session) {
        cancel(session.farewell());
        session.farewell(null);
    }

    /// Its client began afresh.
    void replaced(Session session) {
        var farewell = session.farewell();
        cancel(farewell);
        over(session, farewell);
    }

    /// Ends it if nobody has it.
    void forget(Session session) {
        var farewell = session.farewell();
        if (sessions.forget(session)) {
            cancel(farewell);
            over(session, farewell);
        }
    }

    private void cancel(@Nullable Farewell farewell) {
        if (farewell == null) {
            return;
        }
        var end = farewell.end;
        if (end != null) {
            deadlines.cancel(end);
        }
        var words = farewell.words;
        if (words != null) {
            deadlines.cancel(words);
        }
    }

    /// As it was kept: its time goes on from where it left.
    void restore(SessionStore.KeptSession kept, Instant now, Surroundings around) {
        var session = new Session(kept);
        sessions.restore(session);
        broker.restore(session);
        var left = kept.leftAt() == null ? now : kept.leftAt();
        var away = Math.max(0, Duration.between(left, now).toSeconds());
        var will = kept.will();
        var delay = will == null ? -1 : Math.min(will.delaySeconds(), kept.expirySeconds());
        if (kept.leftAt() == null) {
            broker.left(session, Duration.ofSeconds(kept.expirySeconds()), will != null);
        }
        wait(
                session,
                kept.expirySeconds() - away,
                will == null ? -1 : Math.max(0, delay - away),
                () -> {
                    if (will != null) {
                        GeneralTraffic.say(around, will);
                    }
                });
    }
}
