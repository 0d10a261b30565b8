package org.tethral.account;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.tethral.kernel.Secret;

/// People who signed in by a one-time link. Kept in memory: a restart signs everybody out.
/// Thread-safe.
public final class Sessions {

    public static final Duration LINK_VALID_FOR = Duration.ofMinutes(15);
    public static final Duration SESSION_VALID_FOR = Duration.ofHours(12);

    static final int LINKS_MAX = 100;
    static final int SESSIONS_MAX = 1_000;
    private static final String LINK_PREFIX = "tethral_link_";
    private static final String SESSION_PREFIX = "tethral_session_";

    private record Held(Principal principal, Instant until) {}

    private final Map<String, Held> links = new Bounded(LINKS_MAX);
    private final Map<String, Held> sessions = new Bounded(SESSIONS_MAX);
    private final InstantSource clock;
    private final RandomGenerator random;

    /// By the SHA-256 of the secret, so that looking one up tells nothing by its time. The oldest
    /// makes room.
    private static final class Bounded extends LinkedHashMap<String, Held> {
        private static final long serialVersionUID = 1L;

        private final int sizeMax;

        Bounded(int sizeMax) {
            this.sizeMax = sizeMax;
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Held> eldest) {
            return size() > sizeMax;
        }
    }

    /// @param random must be hard to guess
    public Sessions(InstantSource clock, RandomGenerator random) {
        this.clock = clock;
        this.random = random;
    }

    /// A new secret for a sign-in link, good for one use within [#LINK_VALID_FOR].
    public synchronized Secret invite(Principal principal) {
        var link = Secret.generate(LINK_PREFIX, random);
        links.put(link.sha256(), new Held(principal, clock.instant().plus(LINK_VALID_FOR)));
        return link;
    }

    /// Uses the link up, and opens a session; empty when there is no such link, or it was used, or
    /// is too old.
    public synchronized Optional<Secret> signIn(Secret link) {
        var held = links.remove(link.sha256());
        if (held == null || !clock.instant().isBefore(held.until())) {
            return Optional.empty();
        }
        var session = Secret.generate(SESSION_PREFIX, random);
        sessions.put(
                session.sha256(),
                new Held(held.principal(), clock.instant().plus(SESSION_VALID_FOR)));
        return Optional.of(session);
    }

    public synchronized Optional<Principal> find(Secret session) {
        var held = sessions.get(session.sha256());
        if (held == null) {
            return Optional.empty();
        }
        if (!clock.instant().isBefore(held.until())) {
            sessions.remove(session.sha256());
            return Optional.empty();
        }
        return Optional.of(held.principal());
    }

    public synchronized void signOut(Secret session) {
        sessions.remove(session.sha256());
    }
}
