package org.tethral.websocket;

import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.Deque;
import org.tethral.device.DeviceId;
import org.tethral.ingest.Inbound;
import org.tethral.ingest.Ingest;

/// One connection's way into the inbound queue, in order. What the full queue does not take is kept
/// here and offered again when there is room; meanwhile the connection is not read, so that this
/// holds three messages at most: the connection itself, what came first on it, and its end. Belongs
/// to the event loop.
final class Intake {

    private record Waiting(Inbound message, int bytes, Ingest.Reply reply) {}

    private final Deque<Waiting> waiting = new ArrayDeque<>(0);
    private final Ingest ingest;
    private final DeviceId device;
    private final EventLoop loop;
    private final Runnable whenTaken;

    /// @param whenTaken told when all that waited is in the queue
    Intake(Ingest ingest, DeviceId device, EventLoop loop, Runnable whenTaken) {
        this.ingest = ingest;
        this.device = device;
        this.loop = loop;
        this.whenTaken = whenTaken;
    }

    /// False: it waits here now.
    boolean offer(Inbound message, int bytes, Ingest.Reply reply) {
        if (waiting.isEmpty() && ingest.offer(message, bytes, reply)) {
            return true;
        }
        waiting.add(new Waiting(message, bytes, reply));
        if (waiting.size() == 1) {
            askForRoom();
        }
        return false;
    }

    private void askForRoom() {
        ingest.whenRoom(device, () -> loop.execute(this::offerAgain));
    }

    private void offerAgain() {
        for (var next = waiting.peek(); next != null; next = waiting.peek()) {
            if (!ingest.offer(next.message(), next.bytes(), next.reply())) {
                askForRoom();
                return;
            }
            waiting.remove();
        }
        whenTaken.run();
    }
}
