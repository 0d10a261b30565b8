package org.tethral.benchmark;

/// Hears what a benchmark is at, for whoever waits.
public interface Steps {

    Steps SILENT = new Steps() {};

    /// The next thing that is measured begins.
    default void step(String name) {}

    /// So far within the step.
    ///
    /// @param total 0: nobody knows
    default void reached(String what, long count, long total) {}
}
