package org.tethral.account;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.tethral.kernel.Secret;
import org.tethral.kernel.StorageException;

/// People who are signed in, by their password, an identity provider, or a one-time link for who
/// administers the platform before it has users. Links are kept in memory. Thread-safe.
public final class Sessions {

    public static final Duration LINK_VALID_FOR = Duration.ofMinutes(15);

    /// After that long at the latest, one signs in again.
    public static final Duration SESSION_VALID_FOR = Duration.ofDays(7);

    /// As [#SESSION_VALID_FOR], of who came by a link.
    public static final Duration LINK_SESSION_VALID_FOR = Duration.ofHours(12);

    /// A session ends when nothing was asked for that long.
    public static final Duration IDLE_MAX = Duration.ofHours(12);

    static final int LINKS_MAX = 100;
    private static final Duration SEEN_NOTED_EVERY = Duration.ofMinutes(1);
    private static final String LINK_PREFIX = "tethral_link_";
    private static final String SESSION_PREFIX = "tethral_session_";

    public static final String LINK_METHOD = "link";

    /// Who came by a link.
    public static final Principal ADMINISTRATOR =
            new Principal(Actor.session("administrator"), Role.SUPERADMIN, null);

    /// Until when each is good, by the SHA-256 of its secret, so that looking one up tells nothing
    /// by its time.
    private final Map<String, Instant> links = new LinkedHashMap<>();

    private final UserSessionStore store;
    private final InstantSource clock;
    private final RandomGenerator random;

    /// @param random must be hard to guess
    public Sessions(UserSessionStore store, InstantSource clock, RandomGenerator random) {
        this.store = store;
        this.clock = clock;
        this.random = random;
    }

    /// A new secret for a link that lets an administrator in, good for one use within
    /// [#LINK_VALID_FOR].
    public Secret invite() {
        var link = Secret.generate(LINK_PREFIX, random);
        synchronized (links) {
            links.put(link.sha256(), clock.instant().plus(LINK_VALID_FOR));
            if (links.size() > LINKS_MAX) {
                links.remove(links.keySet().iterator().next()); // the oldest
            }
        }
        return link;
    }

    /// Uses the link up, and opens a session; empty when there is no such link, or it was used, or
    /// is too old.
    public Optional<Secret> signIn(Secret link, @Nullable String remoteAddress) {
        Instant until;
        synchronized (links) {
            until = links.remove(link.sha256());
        }
        return until == null || !clock.instant().isBefore(until)
                ? Optional.empty()
                : Optional.of(open(null, LINK_METHOD, remoteAddress));
    }

    /// A session of somebody who has proved who they are; null: came by a link.
    ///
    /// @param method how
    public Secret open(@Nullable User user, String method, @Nullable String remoteAddress) {
        var secret = Secret.generate(SESSION_PREFIX, random);
        var now = clock.instant();
        store.open(
                new UserSessionStore.Kept(
                        secret.sha256(),
                        user,
                        method,
                        now,
                        now,
                        now.plus(user == null ? LINK_SESSION_VALID_FOR : SESSION_VALID_FOR),
                        remoteAddress));
        return secret;
    }

    /// Who that is, with the role that they have now.
    public Optional<Principal> find(Secret session) {
        var now = clock.instant();
        var found = kept(session, now);
        found.filter(kept -> !now.isBefore(kept.lastSeenAt().plus(SEEN_NOTED_EVERY)))
                .ifPresent(kept -> seen(kept, now));
        return found.map(Sessions::principal);
    }

    /// As [#find], without noting that they were there: whoever only listens is idle.
    public Optional<Principal> look(Secret session) {
        return kept(session, clock.instant()).map(Sessions::principal);
    }

    private Optional<UserSessionStore.Kept> kept(Secret session, Instant now) {
        return store.find(session.sha256())
                .filter(kept ->
                        now.isBefore(kept.expiresAt())
                                && now.isBefore(kept.lastSeenAt().plus(IDLE_MAX)))
                .filter(kept -> kept.user() == null || kept.user().active());
    }

    private static Principal principal(UserSessionStore.Kept kept) {
        return kept.user() == null ? ADMINISTRATOR : kept.user().principal();
    }

    private void seen(UserSessionStore.Kept kept, Instant now) {
        try {
            store.seen(kept.secretHash(), now);
        } catch (StorageException e) {
            // one may look at what is there also while nothing can be written
        }
    }

    public void signOut(Secret session) {
        store.end(session.sha256());
    }
}
