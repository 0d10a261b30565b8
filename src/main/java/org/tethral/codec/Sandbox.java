package org.tethral.codec;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tethral.codec.CodecFailed.Reason;
import org.tethral.json.Json;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;
import run.endive.runtime.WasmInterruptedException;
import run.endive.wasm.WasmEngineException;

/// Calls scripts with a document and returns theirs. Each call sees the world as it was when the
/// script had just been loaded. Nothing is started before the first call, and its threads end when
/// nobody has called for a minute.
final class Sandbox {

    /// Calls that run at one time: each has a thread and at most [Machine#PAGES_MAX] of memory.
    static final int MACHINES_MAX = 2;

    /// Calls that wait for one.
    static final int WAITING_MAX = 256;

    /// Processor time of one call, so that a busy host harms no codec.
    static final Duration TIME_MAX = Duration.ofMillis(100);

    /// Processor time for reading a script, once.
    static final Duration LOAD_TIME_MAX = Duration.ofSeconds(1);

    /// A call that got less processor time than it may have ends all the same after so many times
    /// that.
    static final int WALL_TIMES = 10;

    /// Characters of a script.
    static final int SCRIPT_LENGTH_MAX = 256 * 1024;

    /// Bytes of JSON that a call may return.
    static final int OUTPUT_BYTES_MAX = 64 * 1024;

    /// Scripts that are kept loaded, the last used ones; about 300 KiB each.
    static final int LOADED_MAX = 32;

    private static final Duration IDLE = Duration.ofMinutes(1);

    /// WebAssembly frames lie on the stack of the thread.
    private static final long STACK_BYTES = 4L << 20;

    private static final Logger LOG = LoggerFactory.getLogger(Sandbox.class);
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    /// What came of a call.
    sealed interface Answer {}

    @SuppressWarnings("ArrayRecordComponent")
    record Text(byte[] json) implements Answer {}

    record Failed(Reason reason, String message) implements Answer {}

    private record Loaded(Machine.@Nullable Image image, Answer answer) {}

    private final InstantSource clock;
    private final ConcurrentLinkedDeque<Machine> idle = new ConcurrentLinkedDeque<>();
    private final ThreadPoolExecutor threads;
    private final Map<String, Loaded> loaded =
            new LinkedHashMap<>(LOADED_MAX, 0.75f, true) {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Loaded> eldest) {
                    return size() > LOADED_MAX;
                }
            };
    private Machine.@Nullable Image blank;

    Sandbox(InstantSource clock) {
        this(clock, MACHINES_MAX, WAITING_MAX);
    }

    Sandbox(InstantSource clock, int machines, int waiting) {
        this.clock = clock;
        var number = new AtomicInteger();
        ThreadFactory factory =
                task -> {
                    var name = "codec-" + number.getAndIncrement();
                    var thread = new Thread(null, task, name, STACK_BYTES);
                    thread.setDaemon(true);
                    return thread;
                };
        threads =
                new ThreadPoolExecutor(
                        machines,
                        machines,
                        IDLE.toMillis(),
                        TimeUnit.MILLISECONDS,
                        new ArrayBlockingQueue<>(waiting),
                        factory);
        threads.allowCoreThreadTimeOut(true);
    }

    /// Waits for the answer. A script that cannot be loaded answers each call with why.
    Answer call(String script, Document input) {
        if (script.length() > SCRIPT_LENGTH_MAX) {
            return new Failed(Reason.SCRIPT, "the script is longer than 262144 characters");
        }
        var job = new Job(script, Json.bytes(input));
        try {
            threads.execute(job);
        } catch (RejectedExecutionException e) {
            return new Failed(Reason.BUSY, "too many calls of codecs wait");
        }
        try {
            while (!job.done.await(TIME_MAX.toMillis(), TimeUnit.MILLISECONDS)) {
                job.stopIfLate();
            }
        } catch (InterruptedException e) {
            job.stop();
            Thread.currentThread().interrupt();
            return new Failed(Reason.BUSY, "interrupted");
        }
        return job.answer;
    }

    /// One call. Its caller watches the time.
    private final class Job implements Runnable {
        private final String script;
        private final byte[] input;
        private final CountDownLatch done = new CountDownLatch(1);
        private volatile Answer answer = new Failed(Reason.ERROR, "the interpreter failed");

        // guarded by this: an interrupt must not reach the next job of the thread
        private @Nullable Thread runner;
        private boolean stopped;
        private long cpuMax;
        private long wallMax;

        Job(String script, byte[] input) {
            this.script = script;
            this.input = input;
        }

        @Override
        public void run() {
            try {
                answer = answered();
            } catch (RuntimeException | Error e) {
                LOG.atError().setCause(e).log("a codec's interpreter failed");
            } finally {
                done.countDown();
            }
        }

        private Answer answered() {
            var found = find(script);
            if (found == null) {
                var text = Document.of("script", Value.of(script));
                found = load(Json.bytes(text));
                if (!(found.answer() instanceof Failed(var reason, _)) || isForGood(reason)) {
                    keep(script, found);
                }
            }
            if (found.image() == null) {
                return found.answer();
            }
            var machine = machine();
            return timed(machine, found.image(), input, TIME_MAX);
        }

        private Loaded load(byte[] text) {
            var machine = machine();
            var before = blank(machine);
            var answer = timed(machine, before, text, LOAD_TIME_MAX);
            var isLoaded = answer instanceof Text(var json) && json.length == 2; // {}
            return new Loaded(isLoaded ? machine.after(before) : null, answer);
        }

        private Answer timed(Machine machine, Machine.Image image, byte[] text, Duration time) {
            var isSound = false;
            start(time);
            try {
                var json = machine.call(image, text);
                isSound = machine.isWorthKeeping();
                return json == null
                        ? new Failed(Reason.OUTPUT, "more than 65536 bytes of values")
                        : machine.isFull()
                                ? new Failed(Reason.MEMORY, "more than 16 MiB of memory")
                                : new Text(json);
            } catch (WasmInterruptedException e) {
                return new Failed(Reason.TIME, "took longer than " + time.toMillis() + " ms");
            } catch (WasmEngineException | StackOverflowError e) {
                return failed(machine, time);
            } finally {
                end();
                if (isSound) {
                    idle.push(machine);
                }
            }
        }

        private Failed failed(Machine machine, Duration time) {
            if (isStopped()) {
                return new Failed(Reason.TIME, "took longer than " + time.toMillis() + " ms");
            }
            return machine.isFull()
                    ? new Failed(Reason.MEMORY, "more than 16 MiB of memory")
                    : new Failed(Reason.MEMORY, "calls nested too deeply");
        }

        private synchronized void start(Duration time) {
            var thread = Thread.currentThread();
            runner = thread;
            cpuMax = THREADS.getCurrentThreadCpuTime() + time.toNanos();
            wallMax = System.nanoTime() + time.multipliedBy(WALL_TIMES).toNanos();
            if (stopped) {
                thread.interrupt();
            }
        }

        private synchronized void end() {
            runner = null;
            Thread.interrupted();
        }

        private synchronized boolean isStopped() {
            return stopped;
        }

        private synchronized void stopIfLate() {
            if (runner != null
                    && (THREADS.getThreadCpuTime(runner.threadId()) > cpuMax
                            || System.nanoTime() - wallMax > 0)) {
                stop();
            }
        }

        private synchronized void stop() {
            stopped = true;
            if (runner != null) {
                runner.interrupt();
            }
        }
    }

    private static boolean isForGood(Reason reason) {
        return reason != Reason.TIME && reason != Reason.BUSY;
    }

    private Machine machine() {
        var machine = idle.poll();
        return machine == null ? new Machine(clock) : machine;
    }

    /// @param machine a new one, the first time
    private synchronized Machine.Image blank(Machine machine) {
        var known = blank;
        if (known == null) {
            known = machine.blank();
            blank = known;
        }
        return known;
    }

    private @Nullable Loaded find(String script) {
        synchronized (loaded) {
            return loaded.get(script);
        }
    }

    private void keep(String script, Loaded what) {
        synchronized (loaded) {
            loaded.put(script, what);
        }
    }
}
