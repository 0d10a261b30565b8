package org.tethral.account;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.tethral.kernel.Secret;

class SessionsTest {

    private static final Principal ADA = new Principal(Actor.session("ada"), Role.SUPERADMIN, null);

    private final AtomicReference<Instant> now =
            new AtomicReference<>(Instant.parse("2026-01-01T00:00:00Z"));
    private final InstantSource clock = now::get;
    private final Sessions sessions = new Sessions(clock, new Random(1));

    @Test
    void opensOneSessionPerLink() {
        var link = sessions.invite(ADA);
        var session = sessions.signIn(link).orElseThrow();
        assertThat(sessions.find(session)).contains(ADA);
        assertThat(sessions.signIn(link)).isEmpty();
        assertThat(sessions.find(link)).isEmpty();
    }

    @Test
    void refusesALinkThatIsTooOld() {
        var link = sessions.invite(ADA);
        pass(Sessions.LINK_VALID_FOR);
        assertThat(sessions.signIn(link)).isEmpty();
    }

    @Test
    void endsASessionInTimeAndOnDemand() {
        var first = sessions.signIn(sessions.invite(ADA)).orElseThrow();
        var second = sessions.signIn(sessions.invite(ADA)).orElseThrow();
        sessions.signOut(first);
        assertThat(sessions.find(first)).isEmpty();
        pass(Sessions.SESSION_VALID_FOR.minusSeconds(1));
        assertThat(sessions.find(second)).contains(ADA);
        pass(Duration.ofSeconds(1));
        assertThat(sessions.find(second)).isEmpty();
    }

    @Test
    void keepsNoMoreThanItsBound() {
        var first = sessions.invite(ADA);
        Secret last = first;
        for (int i = 0; i < Sessions.LINKS_MAX; i++) {
            last = sessions.invite(ADA);
        }
        assertThat(sessions.signIn(first)).isEmpty();
        assertThat(sessions.signIn(last)).isPresent();
    }

    private void pass(Duration time) {
        now.updateAndGet(before -> before.plus(time));
    }
}
