package org.tethral.account;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.tethral.kernel.Secret;
import org.tethral.kernel.StorageException;

class SessionsTest {

    private static final User ADA =
            User.add(
                    new UUID(1, 1),
                    new EmailAddress("Ada@Example.org"),
                    "hash",
                    Role.OPERATOR,
                    CommunityId.DEFAULT,
                    Instant.EPOCH);

    private final AtomicReference<Instant> now =
            new AtomicReference<>(Instant.parse("2026-01-01T00:00:00Z"));
    private final InstantSource clock = now::get;
    private final Shelf shelf = new Shelf();
    private final Sessions sessions = new Sessions(shelf, clock, new Random(1));

    @Test
    void opensOneSessionPerLink() {
        var link = sessions.invite();
        var session = sessions.signIn(link, "10.0.0.1").orElseThrow();
        assertThat(sessions.find(session))
                .contains(new Principal(Actor.session("administrator"), Role.SUPERADMIN, null));
        assertThat(sessions.signIn(link, "10.0.0.1")).isEmpty();
        assertThat(sessions.find(link)).isEmpty();
    }

    @Test
    void refusesALinkThatIsTooOld() {
        var link = sessions.invite();
        pass(Sessions.LINK_VALID_FOR);
        assertThat(sessions.signIn(link, null)).isEmpty();
    }

    @Test
    void keepsNoMoreLinksThanItsBound() {
        var first = sessions.invite();
        Secret last = first;
        for (int i = 0; i < Sessions.LINKS_MAX; i++) {
            last = sessions.invite();
        }
        assertThat(sessions.signIn(first, null)).isEmpty();
        assertThat(sessions.signIn(last, null)).isPresent();
    }

    @Test
    void endsASessionOnDemand() {
        var first = sessions.open(ADA, "password", null);
        var second = sessions.open(ADA, "password", null);
        sessions.signOut(first);
        assertThat(sessions.find(first)).isEmpty();
        assertThat(sessions.find(second)).contains(ADA.principal());
    }

    @Test
    void endsASessionThatNobodyUsed() {
        var session = sessions.open(ADA, "password", null);
        pass(Sessions.IDLE_MAX.minusSeconds(1));
        assertThat(sessions.find(session)).isPresent();
        pass(Sessions.IDLE_MAX.minusSeconds(1));
        assertThat(sessions.find(session)).as("it was used meanwhile").isPresent();
        pass(Sessions.IDLE_MAX);
        assertThat(sessions.find(session)).isEmpty();
    }

    @Test
    void endsASessionInTimeAlthoughItIsUsed() {
        var session = sessions.open(ADA, "password", null);
        var ofLink = sessions.signIn(sessions.invite(), null).orElseThrow();
        for (var age = Duration.ZERO;
                age.compareTo(Sessions.SESSION_VALID_FOR) < 0;
                age = age.plusHours(1)) {
            assertThat(sessions.find(session)).as("after %s", age).isPresent();
            assertThat(sessions.find(ofLink).isPresent())
                    .isEqualTo(age.compareTo(Sessions.LINK_SESSION_VALID_FOR) < 0);
            pass(Duration.ofHours(1));
        }
        assertThat(sessions.find(session)).isEmpty();
    }

    @Test
    void servesNobodyWhoWasDeactivated() {
        var session = sessions.open(ADA, "password", null);
        shelf.user = ADA.changed(ADA.role(), ADA.community(), false, 1);
        assertThat(sessions.find(session)).isEmpty();
    }

    @Test
    void servesWhileItCannotBeNotedThatSomebodyIsThere() {
        var session = sessions.open(ADA, "password", null);
        shelf.readOnly = true;
        pass(Duration.ofHours(1));
        assertThat(sessions.find(session)).isPresent();
    }

    private void pass(Duration time) {
        now.updateAndGet(before -> before.plus(time));
    }

    /// Sessions in memory; those of a user are of that user as it is now.
    private static final class Shelf implements UserSessionStore {
        private final Map<String, Kept> kept = new HashMap<>();
        private User user = ADA;
        private boolean readOnly;

        @Override
        public void open(Kept session) {
            kept.put(session.secretHash(), session);
        }

        @Override
        public Optional<Kept> find(String secretHash) {
            return Optional.ofNullable(kept.get(secretHash))
                    .map(one -> with(one, one.lastSeenAt()));
        }

        private Kept with(Kept one, Instant lastSeenAt) {
            return new Kept(
                    one.secretHash(),
                    one.user() == null ? null : user,
                    one.method(),
                    one.openedAt(),
                    lastSeenAt,
                    one.expiresAt(),
                    one.remoteAddress());
        }

        @Override
        public void seen(String secretHash, Instant at) {
            if (readOnly) {
                throw new StorageException(StorageException.Cause.UNAVAILABLE, "read-only");
            }
            kept.computeIfPresent(secretHash, (_, one) -> with(one, at));
        }

        @Override
        public void end(String secretHash) {
            kept.remove(secretHash);
        }
    }
}
