package org.tethral.websocket;

import io.netty.channel.EventLoop;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.tethral.ingest.Answer;
import org.tethral.kernel.Value;

/// The answers for the connections of one event loop, on their way there from the threads that
/// commit: gathered while a commit is answered, carried over together at its end. Holds at most
/// [Connection#UNANSWERED_MAX] of each connection.
final class Answers {

    private record Entry(Connection connection, @Nullable Value messageId, Answer answer) {}

    private final EventLoop loop;
    private final Queue<Entry> entries = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean underWay = new AtomicBoolean();

    Answers(EventLoop loop) {
        this.loop = loop;
    }

    /// From any thread.
    void add(Connection connection, @Nullable Value messageId, Answer answer) {
        entries.add(new Entry(connection, messageId, answer));
    }

    /// From any thread.
    void carryOver() {
        if (!entries.isEmpty() && underWay.compareAndSet(false, true)) {
            loop.execute(this::handOut);
        }
    }

    private void handOut() {
        underWay.set(false);
        for (var entry = entries.poll(); entry != null; entry = entries.poll()) {
            entry.connection().answered(entry.messageId(), entry.answer());
        }
    }
}
