package org.tethral.http;

import io.vertx.core.http.HttpServerResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.tethral.ingest.Answer;
import org.tethral.ingest.Ingest;

/// A request whose messages wait for their commit. All of them are of one device, hence answered by
/// one thread, in order.
final class Exchange implements Ingest.Reply {

    private final HttpServerResponse response;
    private final Answers answers;
    private final Function<List<Long>, Reply.Content> stored;
    private final AtomicInteger open;
    private final long sinceNanos = System.nanoTime();
    private List<Long> sequences = List.of();
    private @Nullable Problem problem;
    private volatile boolean full;
    private boolean done; // event loop only

    /// @param messages how many answers are to come
    /// @param stored the answer to the sequences of what was stored
    Exchange(
            HttpServerResponse response,
            Answers answers,
            int messages,
            Function<List<Long>, Reply.Content> stored) {
        this.response = response;
        this.answers = answers;
        this.open = new AtomicInteger(messages);
        this.stored = stored;
    }

    @Override
    public void answered(Answer answer) {
        switch (answer) {
            case Answer.Stored(var numbers) -> add(numbers);
            case Answer.UnknownDevice _ -> problem = Problem.removedDevice();
            case Answer.UnknownCommand _ ->
                    problem = Problem.of(404, "unknown-command", Answer.UnknownCommand.REASON);
            case Answer.DisabledDevice _ ->
                    problem = Problem.of(403, "device-disabled", "the device is disabled");
            case Answer.VersionIsNow(var version) ->
                    problem =
                            Problem.of(
                                    412,
                                    "version-conflict",
                                    "the version is " + version + " by now");
            case Answer.Unstorable(var reason) -> problem = Problem.of(422, "not-storable", reason);
        }
        if (open.decrementAndGet() == 0) {
            answers.add(this);
        }
    }

    private void add(List<Long> numbers) {
        if (sequences.isEmpty()) {
            sequences = numbers;
        } else {
            var all = new ArrayList<>(sequences);
            all.addAll(numbers);
            sequences = all;
        }
    }

    /// The queue is full: the last `count` messages were not taken. On the event loop.
    void notTaken(int count) {
        full = true;
        if (open.addAndGet(-count) == 0) {
            send();
        }
    }

    void send() {
        if (done) {
            return;
        }
        done = true;
        var trouble = problem;
        if (trouble != null) {
            Send.problem(response, trouble);
        } else if (full) {
            Send.problem(
                    response,
                    Problem.busy(
                            "queue-full", "the inbound queue is full; send it again shortly", 1));
        } else {
            Send.reply(response, stored.apply(sequences));
        }
    }

    void giveUp() {
        if (!done) {
            done = true;
            Send.problem(
                    response,
                    Problem.busy(
                            "not-yet-stored",
                            "not stored in time, but it may yet be: send it again with the same message_id",
                            5));
        }
    }

    boolean isDone() {
        return done;
    }

    long sinceNanos() {
        return sinceNanos;
    }
}
