package org.tethral.event;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tethral.kernel.StorageException;

/// The event log for many who follow it: what one has read the others need not read again. One
/// thread reads what is new, as soon as it is committed; who is behind reads in larger pieces, one
/// after the other, and those at the same place share them.
public final class LogFeed implements AutoCloseable {

    public static final int READ_AT_ONCE_MAX = 500;

    /// What is remembered of the log, in events and in bytes.
    static final int EVENTS_KEPT_MAX = 16_384;

    static final long BYTES_KEPT_MAX = 16L << 20;

    /// Other nodes and the registry append to the log without anybody telling us.
    static final Duration LOOK_EVERY = Duration.ofMillis(250);

    /// How soon to look again for what is known to be committed but is not settled yet.
    private static final Duration LOOK_AGAIN_FIRST = Duration.ofMillis(1);

    private static final Duration LOOK_AGAIN_MAX = Duration.ofMillis(32);
    private static final long READ_BYTES_MAX = 4L << 20;
    private static final Duration TROUBLE_PAUSE = Duration.ofSeconds(1);
    private static final Logger LOG = LoggerFactory.getLogger(LogFeed.class);

    private final EventLog log;
    private final Bell bell = new Bell();
    private final List<Following> followers = new CopyOnWriteArrayList<>();
    private final TreeMap<Long, Piece> pieces = new TreeMap<>();
    private final ReentrantLock reading = new ReentrantLock(true);
    private final Thread thread;
    private long uses;
    private volatile int readAtOnce = READ_AT_ONCE_MAX;
    private volatile long head = -1;
    private volatile long heard;
    private volatile @Nullable Trouble trouble;
    private volatile boolean closed;

    private record Trouble(StorageException why, long atNanos) {}

    /// All events after `from` up to and including `to`.
    private static final class Piece {
        final long from;
        final List<Event.Logged> events = new ArrayList<>();
        long to;
        long bytes;
        long usedAt;

        Piece(long from) {
            this.from = from;
            this.to = from;
        }

        void add(List<Event.Logged> more) {
            for (var logged : more) {
                events.add(logged);
                bytes += logged.event().weight();
                to = logged.sequence();
            }
        }

        List<Event.Logged> after(long sequence, int limit) {
            var low = 0;
            var high = events.size();
            while (low < high) {
                var middle = (low + high) >>> 1;
                if (events.get(middle).sequence() <= sequence) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            return List.copyOf(events.subList(low, Math.min(events.size(), low + limit)));
        }
    }

    public LogFeed(EventLog log) {
        this.log = log;
        this.thread = Thread.ofVirtual().name("event-log").unstarted(this::run);
    }

    public void start() {
        thread.start();
    }

    /// An event of that number is committed. On any thread; returns at once.
    public void heard(long sequence) {
        if (!followers.isEmpty()) {
            heard =
                    Math.max(
                            heard,
                            sequence); // of two that write at once one may lose: it is a hint
            bell.ring();
        }
    }

    /// Somebody who follows, until closed.
    public final class Following implements AutoCloseable {
        private final Runnable news;

        private Following(Runnable news) {
            this.news = news;
        }

        @Override
        public void close() {
            followers.remove(this);
        }
    }

    /// @param news called when there is more to read, on the thread that reads: must return at once
    public Following follow(Runnable news) {
        var following = new Following(news);
        followers.add(following);
        bell.ring();
        return following;
    }

    /// Where the log ends at present, for who wants what comes from now on.
    public long end() {
        return log.extent().settled();
    }

    /// What follows a sequence, in order, at most [#READ_AT_ONCE_MAX]; nothing at the end of the
    /// log: the follower is told when that changes.
    ///
    /// @throws StorageException it cannot be read at present
    public List<Event.Logged> after(long sequence) {
        var known = known(sequence);
        if (known != null) {
            return known;
        }
        reading.lock();
        try {
            known = known(sequence); // read by who was before us
            return known != null ? known : read(sequence);
        } finally {
            reading.unlock();
        }
    }

    private synchronized @Nullable List<Event.Logged> known(long sequence) {
        if (head >= 0 && sequence >= head) {
            return List.of();
        }
        var entry = pieces.floorEntry(sequence);
        if (entry == null || entry.getValue().to <= sequence) {
            return null;
        }
        entry.getValue().usedAt = ++uses;
        return entry.getValue().after(sequence, READ_AT_ONCE_MAX);
    }

    private List<Event.Logged> read(long sequence) {
        var before = trouble;
        if (before != null && System.nanoTime() - before.atNanos() < TROUBLE_PAUSE.toNanos()) {
            throw before.why();
        }
        try {
            var events = log.after(sequence, readAtOnce);
            trouble = null;
            keep(sequence, events);
            return events;
        } catch (StorageException e) {
            trouble = new Trouble(e, System.nanoTime());
            throw e;
        }
    }

    private synchronized void keep(long after, List<Event.Logged> events) {
        if (events.isEmpty()) {
            return;
        }
        var last = pieces.lastEntry();
        Piece piece;
        if (last != null
                && last.getValue().to == after
                && last.getValue().events.size() + events.size() <= READ_AT_ONCE_MAX) {
            piece = last.getValue();
        } else {
            piece = new Piece(after);
            pieces.put(after, piece);
        }
        var bytes = -piece.bytes;
        piece.add(events);
        piece.usedAt = ++uses;
        bytes += piece.bytes;
        // large events are read fewer at a time
        readAtOnce =
                Math.clamp(
                        READ_BYTES_MAX * events.size() / Math.max(1, bytes), 1, READ_AT_ONCE_MAX);
        makeRoom(piece);
    }

    private void makeRoom(Piece newest) {
        while (pieces.size() > 1
                && (pieces.values().stream().mapToInt(piece -> piece.events.size()).sum()
                                > EVENTS_KEPT_MAX
                        || pieces.values().stream().mapToLong(piece -> piece.bytes).sum()
                                > BYTES_KEPT_MAX)) {
            var oldest = newest.usedAt;
            var from = newest.from;
            for (var piece : pieces.values()) {
                if (piece.usedAt < oldest) {
                    oldest = piece.usedAt;
                    from = piece.from;
                }
            }
            pieces.remove(from);
        }
    }

    private void run() {
        var pause = LOOK_AGAIN_FIRST;
        var told = false;
        try {
            while (!closed) {
                var rings = bell.rings();
                if (followers.isEmpty()) {
                    head = -1; // what comes meanwhile is not read
                    bell.await(rings, Duration.ofDays(1));
                    continue;
                }
                try {
                    if (look()) {
                        pause = LOOK_AGAIN_FIRST;
                        continue;
                    }
                    told = false;
                } catch (StorageException e) {
                    if (!told) {
                        LOG.atWarn()
                                .addKeyValue("reason", e.getMessage())
                                .log("the event log cannot be read; trying again");
                    }
                    told = true;
                    bell.await(bell.rings(), TROUBLE_PAUSE);
                    continue;
                }
                if (head < heard) {
                    // committed, but a transaction that began before is still open
                    Thread.sleep(pause);
                    pause = pause.multipliedBy(2);
                    if (pause.compareTo(LOOK_AGAIN_MAX) > 0) {
                        pause = LOOK_AGAIN_MAX;
                    }
                } else {
                    pause = LOOK_AGAIN_FIRST;
                    bell.await(rings, LOOK_EVERY);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Reads what is new; true: there was something.
    private boolean look() {
        if (head < 0) {
            head = log.extent().settled();
            tell(); // who is behind has waited for that
            return true;
        }
        var events = log.after(head, readAtOnce);
        if (events.isEmpty()) {
            return false;
        }
        keep(head, events);
        head = events.getLast().sequence();
        tell();
        return true;
    }

    private void tell() {
        for (var follower : followers) {
            follower.news.run();
        }
    }

    @Override
    public void close() {
        closed = true;
        bell.ring();
    }
}
