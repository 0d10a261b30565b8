package org.tethral.delivery;

import java.time.InstantSource;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.tethral.account.CommunityId;
import org.tethral.kernel.Document;

/// A kind of receiver. The extension point for more of them: a public class with a constructor
/// without arguments, named in `META-INF/services/org.tethral.delivery.SinkKind` of a jar on the
/// class path. The built-in kinds come in by the same door.
public interface SinkKind {

    /// What the platform lends to a sink.
    ///
    /// @param random hard to guess
    /// @param privateTargets receivers may be on this machine or in a private network
    record Surroundings(InstantSource clock, RandomGenerator random, boolean privateTargets) {}

    /// As `sink.kind` of a subscription names it: a lower-case word.
    String name();

    /// Checks what somebody gave for a new or changed subscription, and completes it, with a secret
    /// for instance. May look up names.
    ///
    /// @throws IllegalArgumentException says which setting is wrong, and why
    Document checked(Document given, Surroundings surroundings);

    /// Checks that what somebody of a single community asks for stays within it. A receiver outside
    /// of the platform does.
    ///
    /// @param settings as they were [#checked]
    /// @throws IllegalArgumentException it does not
    default void checkWithin(CommunityId community, Document settings) {}

    /// Names of settings that are shown once, when they are made, and never again.
    default Set<String> secrets() {
        return Set.of();
    }

    /// Events in one attempt, where the subscription does not say.
    default int batchDefault() {
        return 1;
    }

    /// Opens the way. Called again after a pause where it throws.
    Sink open(Document settings, Surroundings surroundings) throws Exception;
}
