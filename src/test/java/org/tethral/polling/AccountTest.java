package org.tethral.polling;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class AccountTest {

    /// At one call a minute the second one would wait for half a minute, and get nothing.
    @Test
    @Timeout(10)
    void callsAsOftenAsIsSetAtTheMoment() throws Exception {
        var perMinute = new AtomicInteger(1);
        var account = new Account("a", perMinute::get, InstantSource.system());
        assertThat(account.take()).isTrue();
        perMinute.set(60_000);
        for (int i = 0; i < 100; i++) {
            assertThat(account.take()).isTrue();
        }
    }
}
