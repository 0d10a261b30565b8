package org.tethral.polling;

import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.retry.RetryConfig;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.tethral.kernel.Secret;
import org.tethral.source.Channel;
import org.tethral.source.Circuit;
import org.tethral.source.Fetched;
import org.tethral.source.Query;
import org.tethral.source.SourceKind;

/// One channel's way to its source: what was just answered, else a token of its account, its
/// circuit, the call, and the call again where that failed.
final class Guard {

    static final int ATTEMPTS_MAX = 3;
    private static final Duration ANSWERS_GOOD_FOR = Duration.ofSeconds(5);

    /// What came of it.
    sealed interface Outcome {
        record Called(Fetched answer) implements Outcome {}

        /// @param until it is of no use to ask again before
        record KeptBack(String reason, Instant until) implements Outcome {}
    }

    private final Channel channel;
    private final @Nullable Secret key;
    private final SourceKind.Source source;
    private final Account account;
    private final Calls calls;
    private final Breaker breaker;
    private final PollingMeters meters;
    private final InstantSource clock;
    private final Retry retry;

    Guard(
            Channel channel,
            Optional<Secret> key,
            SourceKind.Source source,
            Account account,
            Breaker breaker,
            Polling.Shared shared) {
        this.channel = channel;
        this.key = key.orElse(null);
        this.source = source;
        this.account = account;
        this.breaker = breaker;
        this.calls = shared.calls();
        this.meters = shared.meters();
        this.clock = shared.clock();
        this.retry = retry(shared.terms(), shared.random());
    }

    private static Retry retry(Terms terms, RandomGenerator random) {
        return Retry.of(
                "source",
                RetryConfig.<Outcome>custom()
                        .maxAttempts(ATTEMPTS_MAX)
                        .retryOnResult(
                                outcome -> outcome instanceof Outcome.Called(Fetched.Failed _))
                        .retryOnException(_ -> false)
                        .intervalFunction(attempt ->
                                (long)
                                        (terms.retryFirst().toMillis()
                                                * (1L << (attempt - 1))
                                                * (0.5 + random.nextDouble())))
                        .build());
    }

    Outcome ask(Query query) throws InterruptedException {
        try {
            return retry.executeCallable(() -> attempt(query));
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            if (Thread.interrupted()) { // between two attempts
                throw new InterruptedException("closing");
            }
            throw new IllegalStateException("failures are values", e);
        }
    }

    private Outcome attempt(Query query) throws InterruptedException {
        var question = Calls.Question.of(channel.kind(), channel.name(), key, query);
        var known = calls.known(question, goodFor());
        if (known != null) {
            return new Outcome.Called(known);
        }
        var paused = account.pausedUntil();
        var now = clock.instant();
        if (paused.isAfter(now)) {
            meters.keptFrom(PollingMeters.Kept.BUCKET);
            return new Outcome.KeptBack("the account made too many calls", paused);
        }
        if (!account.take()) {
            meters.keptFrom(PollingMeters.Kept.BUCKET);
            return new Outcome.KeptBack(
                    "the account's calls are used up", now.plus(Account.TOKEN_WAIT_MAX));
        }
        if (!breaker.admits()) {
            meters.keptFrom(PollingMeters.Kept.CIRCUIT);
            var until = breaker.circuit().until();
            return new Outcome.KeptBack("the circuit is open", until == null ? now : until);
        }
        return new Outcome.Called(call(question));
    }

    private Fetched call(Calls.Question question) throws InterruptedException {
        var begin = System.nanoTime();
        Fetched answer = null;
        try {
            answer = calls.ask(question, key, source);
        } finally {
            if (answer == null) {
                breaker.givenUp();
            }
        }
        breaker.told(answer, System.nanoTime() - begin);
        if (answer instanceof Fetched.TooMany(var pause)) {
            account.pause(pause == null ? Account.PAUSE_DEFAULT : pause);
        }
        return answer;
    }

    /// Never as long as to the next look.
    private Duration goodFor() {
        var half = channel.interval().dividedBy(2);
        return half.compareTo(ANSWERS_GOOD_FOR) < 0 ? half : ANSWERS_GOOD_FOR;
    }

    Circuit circuit() {
        return breaker.circuit();
    }
}
