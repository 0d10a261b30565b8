package org.tethral.polling;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tethral.kernel.StorageException;
import org.tethral.source.Channel;
import org.tethral.source.ChannelStore;
import org.tethral.source.Circuit;
import org.tethral.source.Fetched;
import org.tethral.source.Health;

/// Reads one channel, on a virtual thread of its own, as long as this node holds it.
final class Reader {

    /// Before it is asked again what it did not say.
    private static final Duration AGAIN_AFTER = Duration.ofSeconds(5);

    private static final Logger LOG = LoggerFactory.getLogger(Reader.class);

    private final ChannelStore.Held held;
    private final Polling.Shared shared;
    private final Thread thread;
    private volatile boolean stopped;
    private volatile @Nullable Guard guard;

    Reader(ChannelStore.Held held, Polling.Shared shared) {
        this.held = held;
        this.shared = shared;
        this.thread = Thread.ofVirtual().name("channel-" + held.channel()).unstarted(this::run);
    }

    ChannelStore.Held held() {
        return held;
    }

    void start() {
        thread.start();
    }

    void stop() {
        stopped = true;
        thread.interrupt();
    }

    void join(Duration most) throws InterruptedException {
        thread.join(most);
    }

    boolean ended() {
        return thread.getState() == Thread.State.TERMINATED;
    }

    Circuit.State circuit() {
        var present = guard;
        return present == null ? Circuit.State.CLOSED : present.circuit().state();
    }

    private void run() {
        while (!stopped) {
            try {
                read();
                return;
            } catch (InterruptedException e) {
                return; // stopped
            } catch (StorageException e) {
                LOG.atDebug()
                        .addKeyValue("reason", e.getMessage())
                        .log("a channel cannot be looked at now");
            } catch (RuntimeException e) {
                LOG.atError()
                        .addKeyValue("channel", held.channel())
                        .setCause(e)
                        .log("a reader failed; beginning anew");
            }
            try {
                Thread.sleep(AGAIN_AFTER);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void read() throws InterruptedException {
        var found = shared.store().find(held.channel());
        if (found.isEmpty()) {
            return;
        }
        var standing = found.get();
        var channel = standing.channel();
        var storing = new Storing(channel, held, shared);
        var health = standing.health();
        Guard made;
        try {
            made =
                    new Guard(
                            channel,
                            shared.keys().open(channel),
                            shared.kinds().source(channel.kind()),
                            shared.accounts()
                                    .of(channel.kind(), standing.community(), channel.account()),
                            new Breaker(
                                    channel.id().toString(),
                                    health.circuit(),
                                    shared.terms(),
                                    shared.clock(),
                                    shared.random()),
                            shared);
        } catch (IllegalStateException e) {
            var reason = String.valueOf(e.getMessage());
            storing.note(null, health.bad(shared.clock().instant(), Circuit.CLOSED, reason));
            Thread.sleep(Channel.INTERVAL_MAX); // until somebody changes the channel
            return;
        }
        guard = made;
        var reading = new Reading(made, storing, standing.position(), shared);
        var polled = health.polledAt();
        var due = polled == null ? shared.clock().instant() : polled.plus(channel.interval());
        while (!stopped) {
            await(due);
            var look = look(channel, reading, made, health);
            storing.note(null, look.health());
            tell(channel, health, look.health());
            health = look.health();
            due = look.due();
        }
    }

    private record Look(Health health, Instant due) {}

    /// One look at what is new, and, until the next one is due, at history.
    private Look look(Channel channel, Reading reading, Guard guard, Health before)
            throws InterruptedException {
        var at = shared.clock().instant();
        var next = at.plus(channel.interval());
        try {
            reading.readOn();
            while (reading.readHistory() && shared.clock().instant().isBefore(next)) {
                // each time another part of it
            }
            return new Look(before.good(at, guard.circuit()), next);
        } catch (Storing.NotTaken e) {
            return bad(before, at, guard, String.valueOf(e.getMessage()), next);
        } catch (Reading.NotRead e) {
            return switch (e.outcome()) {
                case Guard.Outcome.KeptBack(var reason, var until) ->
                        bad(
                                before,
                                at,
                                guard,
                                Objects.requireNonNullElse(before.error(), reason),
                                later(until, at.plus(Duration.ofSeconds(1))));
                case Guard.Outcome.Called(var answer) ->
                        bad(before, at, guard, reason(answer), due(answer, guard, at, next));
            };
        }
    }

    private static Look bad(Health before, Instant at, Guard guard, String reason, Instant due) {
        return new Look(before.bad(at, guard.circuit(), reason), due);
    }

    private static String reason(Fetched answer) {
        return switch (answer) {
            case Fetched.Refused(var reason) -> reason;
            case Fetched.Failed(var reason) -> reason;
            case Fetched.TooMany _ -> "too many calls of this account";
            case Fetched.Entries _ -> throw new IllegalStateException("that is an answer");
        };
    }

    private Instant due(Fetched answer, Guard guard, Instant at, Instant next) {
        return switch (answer) {
            case Fetched.Refused _ -> later(next, at.plus(shared.terms().refusedPause()));
            case Fetched.Failed _ -> {
                var until = guard.circuit().until();
                yield until == null ? next : until;
            }
            case Fetched.TooMany _, Fetched.Entries _ -> next;
        };
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    private void await(Instant due) throws InterruptedException {
        for (var left = Duration.between(shared.clock().instant(), due);
                left.isPositive();
                left = Duration.between(shared.clock().instant(), due)) {
            Thread.sleep(left.compareTo(Channel.INTERVAL_MAX) < 0 ? left : Channel.INTERVAL_MAX);
        }
        if (stopped) {
            throw new InterruptedException("stopped");
        }
    }

    /// Once when it begins to fail, once when it is over.
    private static void tell(Channel channel, Health before, Health now) {
        if (before.error() == null && now.error() != null) {
            LOG.atWarn()
                    .addKeyValue("device_id", channel.device())
                    .addKeyValue("channel", channel.name())
                    .addKeyValue("reason", now.error())
                    .log("a channel cannot be read; trying again");
        } else if (before.error() != null && now.error() == null) {
            LOG.atInfo()
                    .addKeyValue("device_id", channel.device())
                    .addKeyValue("channel", channel.name())
                    .addKeyValue("since", before.failingSince())
                    .log("a channel can be read again");
        }
    }
}
