package org.tethral.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.nimbusds.jwt.JWTClaimsSet;
import java.net.URI;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tethral.account.EmailAddress;
import org.tethral.account.Role;
import org.tethral.kernel.Secret;
import org.tethral.oidc.OpenIdProvider;

/// People who sign in with an OpenID provider, and tokens that are not right.
class ProviderApiTest {

    private static TestProvider provider;
    private static ApiServer server;

    @BeforeAll
    static void start() throws Exception {
        provider = new TestProvider();
        server =
                new ApiServer(
                        new ProviderRig(
                                openId(TestProvider.SECRET), Map.of("staff", Role.OPERATOR)));
        server.user("ada@example.org", Role.SUPERADMIN, null);
    }

    private static OpenIdProvider openId(String secret) {
        return new OpenIdProvider(
                new OpenIdProvider.Settings(
                        "Example",
                        provider.issuer(),
                        TestProvider.CLIENT,
                        new Secret(secret),
                        "groups"),
                InstantSource.system());
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
        provider.close();
    }

    @BeforeEach
    void behave() {
        provider.claims = UnaryOperator.identity();
        provider.signsWithAnotherKey = false;
    }

    @Test
    void signsInAUserByTheVerifiedAddress() throws Exception {
        var left = leave(server);
        var answer = comeBack(server, provider.signedIn(left.where()), left.cookie());
        assertThat(answer.status()).isEqualTo(303);
        assertThat(answer.header("Location")).contains("/");
        var cookie = answer.header("Set-Cookie").orElseThrow();
        assertThat(cookie).containsIgnoringCase("HttpOnly").contains("SameSite=Strict");
        assertThat(
                        server.send(
                                        "GET",
                                        "/api/v1/whoami",
                                        null,
                                        Map.of("Cookie", cookie.split(";", 2)[0]))
                                .text("actor"))
                .isEqualTo("user:ada@example.org");
        assertThat(server.send("GET", "/sign-in/methods", null, Map.of()).text("provider"))
                .isEqualTo("Example");
    }

    @Test
    void takesACodeOnceAndFromTheBrowserThatAskedOnly() throws Exception {
        var left = leave(server);
        var other = leave(server);
        var back = provider.signedIn(left.where());
        assertThat(comeBack(server, back, other.cookie()).status()).isEqualTo(401);
        assertThat(comeBack(server, back, "tethral_provider=forged").status()).isEqualTo(401);
        assertThat(comeBack(server, back, "x=y").status()).isEqualTo(401);
        assertThat(comeBack(server, back, left.cookie()).status()).isEqualTo(303);
        assertThat(comeBack(server, back, left.cookie()).status()).isEqualTo(401);
    }

    @Test
    void refusesTokensThatAreNotForUsNotNowOrNotFromThere() throws Exception {
        for (var wrong :
                List.<UnaryOperator<JWTClaimsSet.Builder>>of(
                        claims -> claims.claim("nonce", "another"),
                        claims -> claims.claim("nonce", null),
                        claims -> claims.audience("another"),
                        claims -> claims.issuer("https://another.example"),
                        claims -> claims.claim("exp", Instant.now().getEpochSecond() - 600),
                        claims -> claims.claim("email_verified", false),
                        claims -> claims.claim("email_verified", null),
                        claims -> claims.claim("email_verified", "true"),
                        claims -> claims.claim("email", null),
                        claims -> claims.claim("email", "nobody"),
                        claims -> claims.claim("email", "unknown@example.org"))) {
            provider.claims = wrong;
            assertThat(signIn(server).status()).isEqualTo(401);
        }
        provider.claims = UnaryOperator.identity();
        provider.signsWithAnotherKey = true;
        assertThat(signIn(server).status()).isEqualTo(401);
        provider.signsWithAnotherKey = false;
        assertThat(signIn(server).status()).as("the test can succeed").isEqualTo(303);
    }

    @Test
    void refusesWhomTheProviderRefuses() {
        var left = leave(server);
        var state = left.where().getQuery().replaceFirst(".*\\bstate=([^&]*).*", "$1");
        var back =
                URI.create(
                        server.uri("/sign-in/provider/callback")
                                + "?error=access_denied&state="
                                + state);
        assertThat(comeBack(server, back, left.cookie()).status()).isEqualTo(401);
    }

    @Test
    void addsWhoIsInAGroupThatHasARoleAndKeepsTheRoleOfOthers() throws Exception {
        provider.claims =
                claims ->
                        claims.claim("email", "grace@example.org")
                                .claim("groups", List.of("guests", "staff"));
        assertThat(signIn(server).status()).isEqualTo(303);
        var grace = server.users.find(new EmailAddress("grace@example.org")).orElseThrow();
        assertThat(grace.role()).isEqualTo(Role.OPERATOR);
        assertThat(grace.passwordHash()).isNull();
        assertThat(server.get("/api/v1/audit-logs?limit=2").items())
                .extracting(
                        entry -> entry.text("action").orElseThrow(),
                        entry -> entry.text("actor").orElseThrow(),
                        entry -> entry.text("object_id").orElseThrow())
                .containsExactly(
                        tuple("session.open", "user:grace@example.org", "grace@example.org"),
                        tuple("user.add", "system:identity_provider", grace.id().toString()));
        provider.claims = claims -> claims.claim("groups", List.of("staff"));
        assertThat(signIn(server).status()).isEqualTo(303);
        assertThat(server.users.find(new EmailAddress("ada@example.org")).orElseThrow().role())
                .isEqualTo(Role.SUPERADMIN);
    }

    @Test
    void saysSoWhereThereIsNoProviderOrItIsAway() throws Exception {
        try (var without = new ApiServer()) {
            assertThat(without.send("GET", "/sign-in/provider", null, Map.of()).status())
                    .isEqualTo(404);
        }
        var away =
                new OpenIdProvider(
                        new OpenIdProvider.Settings(
                                "Away",
                                URI.create("http://127.0.0.1:9"),
                                "x",
                                new Secret("y"),
                                null),
                        InstantSource.system());
        try (var alone = new ApiServer(new ProviderRig(away, Map.of()))) {
            assertThat(alone.send("GET", "/sign-in/provider", null, Map.of()).status())
                    .isEqualTo(503);
        }
        try (var wrong = new ApiServer(new ProviderRig(openId("another secret"), Map.of()))) {
            wrong.user("ada@example.org", Role.VIEWER, null);
            assertThat(signIn(wrong).status()).isEqualTo(401);
        }
    }

    private record Left(URI where, String cookie) {}

    private static Left leave(ApiServer from) {
        var answer = from.send("GET", "/sign-in/provider", null, Map.of());
        assertThat(answer.status()).isEqualTo(303);
        var cookie = answer.header("Set-Cookie").orElseThrow();
        assertThat(cookie).containsIgnoringCase("HttpOnly").contains("SameSite=Lax");
        return new Left(
                URI.create(answer.header("Location").orElseThrow()), cookie.split(";", 2)[0]);
    }

    private static ApiServer.Answer comeBack(ApiServer to, URI back, String cookie) {
        return to.send(
                "GET",
                back.getRawPath() + "?" + back.getRawQuery(),
                null,
                Map.of("Cookie", cookie));
    }

    private static ApiServer.Answer signIn(ApiServer at) throws Exception {
        var left = leave(at);
        return comeBack(at, provider.signedIn(left.where()), left.cookie());
    }
}
