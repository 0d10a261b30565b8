package org.tethral.polling;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tethral.kernel.Secret;
import org.tethral.source.Fetched;
import org.tethral.source.Query;
import org.tethral.source.SourceKind;

/// The calls of this node to all sources: some at a time, and one for all who ask the same at the
/// same time or shortly after.
final class Calls {

    /// A call that takes long keeps one of these, no more.
    static final int RUNNING_MAX = 64;

    static final int ANSWERS_KEPT_MAX = 256;

    /// A page of history is not kept: nobody asks for it again.
    private static final int ENTRIES_KEPT_MAX = 100;

    private static final Logger LOG = LoggerFactory.getLogger(Calls.class);

    /// @param key its hash; empty: none
    record Question(String kind, String channel, String key, Query query) {

        static Question of(String kind, String channel, @Nullable Secret key, Query query) {
            return new Question(kind, channel, key == null ? "" : key.sha256(), query);
        }
    }

    private record Answer(CompletableFuture<Fetched> future, long askedNanos) {}

    private final Semaphore running = new Semaphore(RUNNING_MAX, true);
    private final PollingMeters meters;
    private final Map<Question, Answer> answers = new LinkedHashMap<>(16, 0.75f, true);

    Calls(PollingMeters meters) {
        this.meters = meters;
        meters.gauge("running", this, one -> RUNNING_MAX - one.running.availablePermits());
        meters.gauge("waiting", this, one -> one.running.getQueueLength());
    }

    /// What was answered not longer ago than that.
    @Nullable Fetched known(Question question, Duration age) {
        CompletableFuture<Fetched> future;
        synchronized (answers) {
            var answer = answers.get(question);
            if (answer == null
                    || !answer.future().isDone()
                    || System.nanoTime() - answer.askedNanos() > age.toNanos()) {
                return null;
            }
            future = answer.future();
        }
        meters.shared();
        return future.join();
    }

    /// Calls, or waits for the answer of somebody who just asked the same.
    Fetched ask(Question question, @Nullable Secret key, SourceKind.Source source)
            throws InterruptedException {
        var mine = new Answer(new CompletableFuture<>(), System.nanoTime());
        Answer other;
        synchronized (answers) {
            other = answers.get(question);
            if (other == null || other.future().isDone()) {
                other = null;
                answers.put(question, mine);
                forgetEldest();
            }
        }
        if (other != null) {
            meters.shared();
            return await(other.future());
        }
        Fetched answer = new Fetched.Failed("the call was given up");
        try {
            answer = call(question, key, source);
        } finally {
            mine.future().complete(answer);
            if (!(answer instanceof Fetched.Entries(var entries, _, _))
                    || entries.size() > ENTRIES_KEPT_MAX) {
                synchronized (answers) {
                    answers.remove(question, mine);
                }
            }
        }
        return answer;
    }

    private static Fetched await(CompletableFuture<Fetched> future) throws InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("answers are values", e);
        }
    }

    private void forgetEldest() {
        var eldest = answers.entrySet().iterator();
        while (answers.size() > ANSWERS_KEPT_MAX && eldest.hasNext()) {
            if (eldest.next().getValue().future().isDone()) {
                eldest.remove();
            }
        }
    }

    private Fetched call(Question question, @Nullable Secret key, SourceKind.Source source)
            throws InterruptedException {
        running.acquire();
        try {
            var answer = source.fetch(question.channel(), key, question.query());
            meters.called(answer);
            return answer;
        } catch (RuntimeException | LinkageError e) {
            // of others, perhaps: it may hold a key, and is not shown
            LOG.atWarn()
                    .addKeyValue("source", question.kind())
                    .addKeyValue("fault", e.getClass().getName())
                    .log("a source failed by a fault");
            var answer = new Fetched.Failed("the source failed by a fault");
            meters.called(answer);
            return answer;
        } finally {
            running.release();
        }
    }
}
