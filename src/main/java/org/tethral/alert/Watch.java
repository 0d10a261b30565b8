package org.tethral.alert;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// How far a rule has got with one device. Pure: each observation, and time that passes, make a new
/// one.
///
/// @param seen the time of the newest observation so far. What is older came late: it neither
///   triggers nor resolves anything
public record Watch(Phase phase, @Nullable Instant seen) {

    public static final Watch NEW = new Watch(new Phase.Quiet(), null);

    public sealed interface Phase {
        record Quiet() implements Phase {}

        /// The condition holds, not yet for long enough.
        ///
        /// @param since by the clock of the observation
        /// @param due by our own clock: when it has held for long enough if nothing else is heard.
        ///   Counted from the arrival, so that what a device sends of its past is judged by all of
        ///   it, and not by its first part
        record Pending(Instant since, Instant due, @Nullable Double value) implements Phase {}

        /// There is an alert.
        record Raised(Instant since, @Nullable Double value) implements Phase {}

        /// Somebody resolved the alert while the condition held: the next one begins after it has
        /// cleared once.
        record Dismissed() implements Phase {}
    }

    /// @param arrived by our own clock
    public Watch after(AlertRule rule, Observation observation, Instant arrived) {
        var sight = rule.condition().look(observation);
        if (sight == null) {
            return this;
        }
        if (rule.condition() instanceof Condition.Silence) {
            return heard(rule, arrived);
        }
        if (seen != null && observation.at().isBefore(seen)) {
            return this;
        }
        var next =
                switch (sight.verdict()) {
                    case HOLDS -> holding(rule, observation.at(), arrived, sight.value());
                    case BETWEEN -> phase instanceof Phase.Pending ? new Phase.Quiet() : phase;
                    case CLEARED -> new Phase.Quiet();
                };
        return new Watch(next, observation.at());
    }

    private Phase holding(AlertRule rule, Instant at, Instant arrived, @Nullable Double value) {
        return switch (phase) {
            case Phase.Quiet _ ->
                    rule.lasting().isZero()
                            ? new Phase.Raised(at, value)
                            : new Phase.Pending(at, arrived.plus(rule.lasting()), value);
            case Phase.Pending(var since, _, _) when !at.isBefore(since.plus(rule.lasting())) ->
                    new Phase.Raised(since, value);
            case Phase.Pending pending -> pending;
            case Phase.Raised raised -> raised;
            case Phase.Dismissed dismissed -> dismissed;
        };
    }

    private Watch heard(AlertRule rule, Instant arrived) {
        return seen != null && arrived.isBefore(seen)
                ? this
                : new Watch(
                        new Phase.Pending(arrived, arrived.plus(rule.lasting()), null), arrived);
    }

    /// Nothing else was heard until now.
    public Watch elapsed(Instant now) {
        return phase instanceof Phase.Pending(var since, var due, var value) && !now.isBefore(due)
                ? new Watch(new Phase.Raised(since, value), seen)
                : this;
    }

    /// Somebody resolved the alert by hand.
    public Watch dismissed() {
        return phase instanceof Phase.Raised ? new Watch(new Phase.Dismissed(), seen) : this;
    }

    /// What this watch knows, and that something newer was seen before.
    Watch notBefore(Instant newest) {
        return seen == null || seen.isBefore(newest) ? new Watch(phase, newest) : this;
    }

    boolean isRaised() {
        return phase instanceof Phase.Raised;
    }

    /// A report that only puts off the end of silence is not written: when the time comes, it is
    /// looked up.
    boolean samePhase(Watch other) {
        return phase.getClass().equals(other.phase.getClass());
    }
}
