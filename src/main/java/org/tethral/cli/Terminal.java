package org.tethral.cli;

import java.io.PrintStream;
import java.time.InstantSource;
import java.util.Map;
import java.util.random.RandomGenerator;

/// Where the program runs: what the commands read and write beside files and sockets.
///
/// @param out what was asked for, `err` what is said about it
/// @param interactive a person watches `err`
/// @param stop how the program is told to end
/// @param random hard to guess
public record Terminal(
        PrintStream out,
        PrintStream err,
        boolean interactive,
        Map<String, String> environment,
        Stop stop,
        InstantSource clock,
        RandomGenerator random) {

    /// The signal to end.
    @FunctionalInterface
    public interface Stop {

        /// Waits for it.
        void await() throws InterruptedException;

        /// One that comes from now on is not lost, and ends nothing before somebody waits for it.
        /// Whoever says that it is ready has called this before.
        default void listen() {}
    }
}
