package org.tethral.argon2;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tethral.kernel.Secret;

class Argon2PasswordHashTest {

    private final Argon2PasswordHash hash = new Argon2PasswordHash(new SecureRandom());

    /// Vectors of the reference implementation (github.com/P-H-C/phc-winner-argon2, src/test.c).
    @ParameterizedTest
    @ValueSource(
            strings = {
                "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
                "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
                "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc"
            })
    void computesTheVectorsOfTheReferenceImplementation(String phc) {
        assertThat(hash.matches(new Secret("password"), phc)).isTrue();
        assertThat(hash.matches(new Secret("Password"), phc)).isFalse();
    }

    @Test
    void keepsAPasswordWithTheRecommendedParametersAndASaltOfItsOwn() {
        var password = new Secret("grüner Pumpenkeller 7");

        var one = hash.hash(password);
        var other = hash.hash(password);

        assertThat(one).startsWith("$argon2id$v=19$m=19456,t=2,p=1$").isNotEqualTo(other);
        assertThat(hash.matches(password, one)).isTrue();
        assertThat(hash.matches(password, other)).isTrue();
        assertThat(hash.matches(new Secret("grüner Pumpenkeller 8"), one)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "password",
                "$2b$12$LJ3m4ys3Lz0Y1U0ZlZgGxe1qUBKPgGrn3kzyOQbVEmLaXIvBFvP2W",
                "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
                "$argon2id$v=16$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
                "$argon2id$v=19$m=999999,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
                "$argon2id$v=19$m=256,t=999,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
                "$argon2id$v=19$m=256,t=2,p=0$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
                "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65",
                "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4Aa",
            })
    void matchesNothingThatIsNoHashOfItsOwnKind(String phc) {
        assertThat(hash.matches(new Secret("password"), phc)).isFalse();
    }

    @Test
    void servesACrowdOneAfterTheOther() throws Exception {
        var password = new Secret("password");
        var phc =
                "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
        var crowd = new ArrayList<Callable<Boolean>>();
        for (int i = 0; i < 200; i++) {
            crowd.add(() -> hash.matches(password, phc));
        }

        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var answer : threads.invokeAll(crowd)) {
                assertThat(answer.get()).isTrue();
            }
        }
    }
}
