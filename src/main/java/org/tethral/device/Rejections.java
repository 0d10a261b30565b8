package org.tethral.device;

import java.time.InstantSource;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.tethral.kernel.Excerpt;
import org.tethral.kernel.StorageException;

/// Devices that were turned away, on their way into the inbox and the connection log. Whoever
/// knocks in a loop fills neither the memory nor the disk: what does not fit the queue is counted
/// and forgotten.
public final class Rejections implements AutoCloseable {

    static final int QUEUE_LENGTH_MAX = 1_000;

    private final BlockingQueue<Inbox.Entry> queue = new ArrayBlockingQueue<>(QUEUE_LENGTH_MAX);
    private final AtomicLong forgotten = new AtomicLong();
    private final Inbox inbox;
    private final InstantSource clock;
    private final Thread writer;

    public Rejections(Inbox inbox, InstantSource clock) {
        this.inbox = inbox;
        this.clock = clock;
        this.writer = Thread.ofVirtual().name("rejections").start(this::write);
    }

    /// Never blocks.
    ///
    /// @param identity as the device called itself, never a secret
    public void rejected(
            String identity, Protocol protocol, @Nullable String remoteAddress, String reason) {
        var now = clock.instant();
        var name = Excerpt.of(identity, DeviceId.LENGTH_MAX);
        if (!queue.offer(new Inbox.Entry(name, protocol, remoteAddress, reason, 1, now, now))) {
            forgotten.incrementAndGet();
        }
    }

    public long forgotten() {
        return forgotten.get();
    }

    private void write() {
        try {
            while (true) {
                write(queue.take());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void write(Inbox.Entry entry) {
        try {
            inbox.knocked(entry);
        } catch (StorageException e) {
            forgotten
                    .incrementAndGet(); // a log of who was turned away is not worth waiting for the
            // database
        }
    }

    @Override
    public void close() {
        writer.interrupt();
    }
}
