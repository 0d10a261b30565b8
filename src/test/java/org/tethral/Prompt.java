package org.tethral;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.tethral.cli.Cli;
import org.tethral.cli.Terminal;

/// The whole program at a prompt, in this process.
final class Prompt {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    final Map<String, String> environment = new HashMap<>();

    record Result(int code, String out, String err) {
        String lastLine() {
            return out.lines().toList().getLast();
        }

        List<String> errors() {
            return err.lines().toList();
        }
    }

    Result run(String... arguments) {
        return new Command(arguments).runHere();
    }

    /// Starts a command that runs until it is told to end; returns when it has printed that many
    /// lines.
    Command start(int lines, String... arguments) throws InterruptedException {
        var command = new Command(arguments);
        command.runBeside();
        var deadline = System.nanoTime() + PATIENCE.toNanos();
        while (command.out().lines().count() < lines) {
            if (command.ended.isDone() || System.nanoTime() - deadline > 0) {
                throw new IllegalStateException("not started: " + command.out() + command.err());
            }
            Thread.sleep(10);
        }
        return command;
    }

    final class Command {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();
        private final ByteArrayOutputStream err = new ByteArrayOutputStream();
        private final CountDownLatch signal = new CountDownLatch(1);
        private final CompletableFuture<Integer> ended = new CompletableFuture<>();
        private final String[] arguments;

        private Command(String... arguments) {
            this.arguments = arguments;
        }

        private int execute() {
            var terminal =
                    new Terminal(
                            new PrintStream(out, true, StandardCharsets.UTF_8),
                            new PrintStream(err, true, StandardCharsets.UTF_8),
                            false,
                            Map.copyOf(environment),
                            signal::await,
                            InstantSource.system(),
                            new SplittableRandom());
            return new Cli(new Launch(InstantSource.system(), new SplittableRandom()), terminal)
                    .execute(arguments);
        }

        private Result runHere() {
            return new Result(execute(), out(), err());
        }

        private void runBeside() {
            Thread.ofPlatform().daemon().start(() -> ended.complete(execute()));
        }

        String out() {
            return out.toString(StandardCharsets.UTF_8);
        }

        String err() {
            return err.toString(StandardCharsets.UTF_8);
        }

        /// As Ctrl-C does; returns the exit code.
        int stop() throws Exception {
            signal.countDown();
            return ended.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
    }
}
