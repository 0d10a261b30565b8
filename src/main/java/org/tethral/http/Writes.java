package org.tethral.http;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.tethral.ingest.Answer;
import org.tethral.ingest.Inbound;
import org.tethral.ingest.Ingest;

/// What people and programs write through the inbound pipeline. Waits for the commit: for virtual
/// threads.
final class Writes {

    private static final Duration WAIT_MAX = Duration.ofSeconds(30);

    private final Ingest ingest;

    Writes(Ingest ingest) {
        this.ingest = ingest;
    }

    /// @throws Refusal it was not stored, or not within [#WAIT_MAX]
    void store(Inbound message) {
        switch (answer(message)) {
            case Answer.Stored _ -> {}
            case Answer.UnknownDevice _ ->
                    throw new Refusal(Problem.unknown("device", message.device().id()));
            case Answer.UnknownCommand _ ->
                    throw new Refusal(
                            Problem.of(404, "unknown-command", Answer.UnknownCommand.REASON));
            case Answer.DisabledDevice _ ->
                    throw new Refusal(Problem.of(409, "device-disabled", "the device is disabled"));
            case Answer.VersionIsNow(var version) ->
                    throw new Refusal(
                            Problem.of(
                                    412,
                                    "version-conflict",
                                    "version " + version + " is the newest"));
            case Answer.Unstorable(var reason) ->
                    throw new Refusal(Problem.of(422, "not-storable", reason));
        }
    }

    private Answer answer(Inbound message) {
        try {
            return ingest.submit(message).get(WAIT_MAX.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new Refusal(
                    Problem.busy(
                            "not-yet-stored",
                            "not stored within " + WAIT_MAX.toSeconds() + " s, but it may yet be",
                            5));
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Ingest.QueueFull full) {
                throw full;
            }
            throw new IllegalStateException("store a change of " + message.device().id(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Refusal(Problem.busy("stopping", "the server stops", 5));
        }
    }
}
