package org.tethral.mqtt;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the connections of one event loop share. All but the outbox is for that loop alone.
final class Loop {

    private static final Logger LOG = LoggerFactory.getLogger(Loop.class);

    private final EventLoop events;
    private final Outbox outbox;
    private final KeepAliveWheel wheel = new KeepAliveWheel();
    private final List<Conversation> unflushed = new ArrayList<>();

    Loop(EventLoop events) {
        this(events, events);
    }

    /// @param wakeUp may be used by any thread
    Loop(EventLoop events, Executor wakeUp) {
        this.events = events;
        this.outbox = new Outbox(wakeUp, this::flush);
    }

    void start() {
        var tick = KeepAliveWheel.TICK.toMillis();
        events.scheduleWithFixedDelay(this::tick, tick, tick, TimeUnit.MILLISECONDS);
    }

    /// The clock of the loop must not stop over one connection.
    private void tick() {
        try {
            wheel.tick();
        } catch (RuntimeException e) {
            LOG.atError().setCause(e).log("a silent connection could not be ended");
        }
    }

    EventLoop events() {
        return events;
    }

    Outbox outbox() {
        return outbox;
    }

    KeepAliveWheel wheel() {
        return wheel;
    }

    /// The conversation has something to write once all that waits is done.
    void flushLater(Conversation conversation) {
        unflushed.add(conversation);
    }

    private void flush() {
        for (var conversation : unflushed) {
            conversation.flushed();
            conversation.flush();
        }
        unflushed.clear();
    }
}
