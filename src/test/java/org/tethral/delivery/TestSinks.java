package org.tethral.delivery;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.tethral.event.Event;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// Receivers in this process, each with its name.
final class TestSinks implements SinkKind {

    @FunctionalInterface
    interface Manner {
        Sink.Outcome take(List<Event.Logged> events) throws Exception;
    }

    /// What one receiver was given and took, in order.
    static final class Receiving {
        final List<Event.Logged> taken = Collections.synchronizedList(new ArrayList<>());
        final AtomicLong attempts = new AtomicLong();
        volatile boolean keeps = true;
        volatile Manner manner = _ -> Sink.Outcome.DELIVERED;

        List<String> ids() {
            synchronized (taken) {
                return taken.stream().map(logged -> logged.event().id()).toList();
            }
        }

        private Sink.Outcome take(List<Event.Logged> events) throws Exception {
            attempts.incrementAndGet();
            var outcome = manner.take(events);
            if (keeps && outcome instanceof Sink.Outcome.Delivered) {
                taken.addAll(events);
            }
            return outcome;
        }
    }

    private final Map<String, Receiving> receivers = new ConcurrentHashMap<>();

    Receiving receiver(String name) {
        return receivers.computeIfAbsent(name, _ -> new Receiving());
    }

    static SinkSettings settings(String receiver) {
        return new SinkSettings("test", Document.of("receiver", Value.of(receiver)));
    }

    @Override
    public String name() {
        return "test";
    }

    @Override
    public Document checked(Document given, Surroundings surroundings) {
        return given;
    }

    @Override
    public Sink open(Document settings, Surroundings surroundings) {
        var receiving = receiver(settings.text("receiver").orElseThrow());
        return new Sink() {
            @Override
            public Outcome deliver(List<Event.Logged> events) throws Exception {
                return receiving.take(events);
            }

            @Override
            public void close() {}
        };
    }
}
