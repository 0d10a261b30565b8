package org.tethral.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.http.DeviceChannelTest.assertProblem;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.tethral.account.Role;
import org.tethral.account.Sessions;
import org.tethral.kernel.Secret;
import org.tethral.sql.SqlUserSessionStore;

/// People over the API: added, signed in, changed, signed out.
class UserApiTest {

    private static final String PASSWORD = "correct horse battery";
    private static final AtomicInteger COUNT = new AtomicInteger();

    private static ApiServer server;

    @BeforeAll
    static void start() throws Exception {
        server = new ApiServer();
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    @Test
    void makesAPasswordAndShowsItOnce() {
        var email = email();
        var added =
                server.post(
                        "/api/v1/users", "{\"email\":\"" + email + "\",\"role\":\"superadmin\"}");
        assertThat(added.status()).isEqualTo(201);
        var password = added.text("password");
        assertThat(server.get("/api/v1/users?limit=1000").raw().body())
                .contains(email)
                .doesNotContain(password);
        assertThat(who(signedIn(email, password)).text("actor")).isEqualTo("user:" + email);
        assertThat(who(signedIn(email, password)).text("role")).isEqualTo("superadmin");
    }

    @Test
    void givesASuperadminNoCommunityAndEverybodyElseOne() {
        assertThat(
                        server.post(
                                        "/api/v1/users",
                                        """
                                        {"email": "x@example.org", "role": "superadmin",
                                         "community_id": "00000000-0000-4000-8000-000000000001"}
                                        """)
                                .status())
                .isEqualTo(400);
        assertThat(
                        server.post(
                                        "/api/v1/users",
                                        """
                                        {"email": "x@example.org", "role": "viewer",
                                         "community_id": "00000000-0000-4000-8000-00000000000f"}
                                        """)
                                .status())
                .isEqualTo(400);
        assertThat(added(email(), Role.VIEWER, PASSWORD).text("community_id"))
                .isEqualTo("00000000-0000-4000-8000-000000000001");
    }

    @Test
    void refusesWhatIsNoAddressAnAddressTwiceAndAWeakPassword() {
        var email = email();
        assertThat(added(email, Role.VIEWER, PASSWORD).status()).isEqualTo(201);
        assertProblem(added(email, Role.VIEWER, PASSWORD).raw(), 409, "email-taken", email);
        assertThat(added("nobody", Role.VIEWER, PASSWORD).status()).isEqualTo(400);
        assertThat(added(email(), Role.VIEWER, "short").status()).isEqualTo(400);
        var own = "x" + email();
        assertThat(added(own, Role.VIEWER, own).status()).isEqualTo(400);
    }

    @Test
    void setsACookieThatOnlyBrowsersOfOurOwnPagesSend() {
        var email = email();
        added(email, Role.VIEWER, PASSWORD);
        var answer = signIn(email, PASSWORD, Map.of());
        assertThat(answer.status()).isEqualTo(204);
        assertThat(answer.header("Set-Cookie").orElseThrow())
                .startsWith("tethral_session=")
                .containsIgnoringCase("HttpOnly")
                .containsIgnoringCase("SameSite=Strict")
                .containsIgnoringCase("Path=/")
                .containsIgnoringCase("Max-Age=604800")
                .doesNotContain("Secure");
        assertProblem(
                signIn(email, PASSWORD, Map.of("Origin", "https://evil.example")).raw(),
                403,
                "cross-site",
                "");
        assertThat(signIn(email, PASSWORD, Map.of("Sec-Fetch-Site", "cross-site")).status())
                .isEqualTo(403);
        assertThat(signIn(email, PASSWORD, Map.of("Sec-Fetch-Site", "same-origin")).status())
                .isEqualTo(204);
    }

    @Test
    void takesAFormAndGoesOnToTheConsole() {
        var email = email();
        added(email, Role.VIEWER, "p & q = 100 % + ü");
        var form =
                "email=" + email.replace("@", "%40") + "&password=p+%26+q+%3D+100+%25+%2B+%C3%BC";
        var type = Map.of("Content-Type", "application/x-www-form-urlencoded");
        var answer = server.send("POST", "/sign-in", form, type);
        assertThat(answer.status()).isEqualTo(303);
        assertThat(answer.header("Location")).contains("/");
        assertThat(answer.header("Set-Cookie")).isPresent();
        assertThat(server.send("POST", "/sign-in", "email=%zz", type).status()).isEqualTo(400);
        assertThat(server.send("POST", "/sign-in", "", type).status()).isEqualTo(400);
    }

    @Test
    void saysTheSameToWhoIsUnknownWrongOrDeactivated() {
        var email = email();
        var id = added(email, Role.VIEWER, PASSWORD).text("id");
        var without = email();
        server.post(
                "/api/v1/users",
                "{\"email\":\"" + without + "\",\"role\":\"viewer\",\"password\":null}");
        var wrong = signIn(email, "wrong horse battery", Map.of());
        var unknown = signIn("nobody" + email, PASSWORD, Map.of());
        var noAddress = signIn("nobody", PASSWORD, Map.of());
        var noPassword = signIn(without, PASSWORD, Map.of());
        server.call("PATCH", "/api/v1/users/" + id, "{\"active\":false}");
        var deactivated = signIn(email, PASSWORD, Map.of());
        for (var answer :
                new ApiServer.Answer[] {wrong, unknown, noAddress, noPassword, deactivated}) {
            assertThat(answer.status()).isEqualTo(401);
            assertThat(answer.raw().body()).isEqualTo(wrong.raw().body());
            assertThat(answer.header("Set-Cookie")).isEmpty();
        }
    }

    @Test
    void refusesABodyThatIsNone() {
        for (var body :
                new String[] {"", "{", "[]", "{}", "{\"email\":\"a@b\"}", "{\"email\":1}"}) {
            assertThat(server.send("POST", "/sign-in", body, Map.of()).status())
                    .as(body)
                    .isEqualTo(400);
        }
        assertThat(server.send("POST", "/sign-in", " ".repeat(5_000), Map.of()).status())
                .isEqualTo(413);
    }

    @Test
    void slowsDownWhoGuesses() throws Exception {
        try (var own = new ApiServer()) {
            own.user("ada@example.org", Role.VIEWER, PASSWORD);
            var statuses = new HashMap<Integer, Integer>();
            ApiServer.Answer last = null;
            for (int i = 0; i < 12; i++) {
                last =
                        own.send(
                                "POST",
                                "/sign-in",
                                "{\"email\":\"Ada@example.org\",\"password\":\"guess " + i + "\"}",
                                Map.of());
                statuses.merge(last.status(), 1, Integer::sum);
            }
            assertThat(statuses).isEqualTo(Map.of(401, 10, 429, 2));
            assertProblem(last.raw(), 429, "too-many-attempts", "try again");
            assertThat(last.header("Retry-After").map(Integer::parseInt).orElseThrow())
                    .isBetween(1, 31);
            assertThat(
                            own.send(
                                            "POST",
                                            "/sign-in",
                                            "{\"email\":\"ada@example.org\",\"password\":\""
                                                    + PASSWORD
                                                    + "\"}",
                                            Map.of())
                                    .status())
                    .as("also with the right one")
                    .isEqualTo(429);
            for (int i = 0; i < 40; i++) {
                last =
                        own.send(
                                "POST",
                                "/sign-in",
                                "{\"email\":\"user-" + i + "@example.org\",\"password\":\"guess\"}",
                                Map.of());
            }
            assertThat(last.status()).as("many accounts from one address").isEqualTo(429);
        }
    }

    @Test
    void doesNotSlowDownWhoSignsInOften() {
        var email = email();
        added(email, Role.VIEWER, PASSWORD);
        for (int i = 0; i < 15; i++) {
            assertThat(signIn(email, PASSWORD, Map.of()).status()).isEqualTo(204);
        }
    }

    @Test
    void staysSignedInAcrossARestartAndKeepsNoSecret() throws Exception {
        var email = email();
        added(email, Role.OPERATOR, PASSWORD);
        var session = new Secret(signedIn(email, PASSWORD).split("=", 2)[1]);
        var afterwards =
                new Sessions(
                        new SqlUserSessionStore(server.database),
                        InstantSource.system(),
                        new Random(1));
        assertThat(afterwards.find(session).orElseThrow().role()).isEqualTo(Role.OPERATOR);
        try (var store = Files.walk(server.folder())) {
            assertThat(store.filter(Files::isRegularFile))
                    .isNotEmpty()
                    .noneMatch(file -> contains(file, session.reveal()));
        }
    }

    @Test
    void givesTheNewRoleAfterSigningInAgainOnly() {
        var email = email();
        var user = added(email, Role.OPERATOR, PASSWORD);
        var cookie = signedIn(email, PASSWORD);
        var path = "/api/v1/users/" + user.text("id");
        var changed = server.call("PATCH", path, "{\"role\":\"viewer\"}", "If-Match", "1");
        assertThat(changed.header("ETag")).contains("\"2\"");
        assertThat(who(cookie).status()).isEqualTo(401);
        var again = new Secret(signedIn(email, PASSWORD).split("=", 2)[1]);
        assertThat(server.sessions.find(again).orElseThrow().role()).isEqualTo(Role.VIEWER);
        assertProblem(
                server.call("PATCH", path, "{\"role\":\"operator\"}", "If-Match", "1").raw(),
                412,
                "version-conflict",
                "2");
    }

    @Test
    void changesOnesOwnPasswordByTheOldOneAndSignsOutEverywhere() {
        var email = email();
        added(email, Role.SUPERADMIN, PASSWORD);
        var here = signedIn(email, PASSWORD);
        var there = signedIn(email, PASSWORD);
        var path = "/api/v1/whoami/password";
        assertThat(
                        as(
                                        here,
                                        "POST",
                                        path,
                                        passwords("wrong horse battery", "another password 1"))
                                .status())
                .isEqualTo(400);
        assertThat(as(here, "POST", path, passwords(PASSWORD, email)).status()).isEqualTo(400);
        assertThat(who(there).status()).isEqualTo(200);
        assertThat(as(here, "POST", path, passwords(PASSWORD, "another password 1")).status())
                .isEqualTo(200);
        assertThat(who(here).status()).isEqualTo(401);
        assertThat(who(there).status()).isEqualTo(401);
        assertThat(signIn(email, PASSWORD, Map.of()).status()).isEqualTo(401);
        assertThat(signIn(email, "another password 1", Map.of()).status()).isEqualTo(204);
        assertProblem(
                server.post(path, passwords(PASSWORD, "another password 1")).raw(),
                409,
                "no-user",
                "");
    }

    @Test
    void letsAnAdministratorGiveANewPassword() {
        var email = email();
        var id = added(email, Role.SUPERADMIN, PASSWORD).text("id");
        var cookie = signedIn(email, PASSWORD);
        var reset = server.call("POST", "/api/v1/users/" + id + "/password", null);
        assertThat(reset.status()).isEqualTo(200);
        assertThat(who(cookie).status()).isEqualTo(401);
        assertThat(signIn(email, reset.text("password"), Map.of()).status()).isEqualTo(204);
    }

    @Test
    void signsOutWhoIsRemovedAndKeepsTheirName() {
        var email = email();
        var id = added(email, Role.VIEWER, PASSWORD).text("id");
        var cookie = signedIn(email, PASSWORD);
        assertThat(server.call("DELETE", "/api/v1/users/" + id, null).status()).isEqualTo(204);
        assertThat(who(cookie).status()).isEqualTo(401);
        assertThat(server.get("/api/v1/users/" + id).status()).isEqualTo(404);
        assertThat(server.get("/api/v1/audit-logs?object_id=" + id).items())
                .extracting(entry -> entry.text("action").orElseThrow())
                .containsExactly("user.remove", "user.add");
    }

    @Test
    void letsNobodyTakeTheirOwnRightsAway() {
        var email = email();
        var id = added(email, Role.SUPERADMIN, PASSWORD).text("id");
        var cookie = signedIn(email, PASSWORD);
        var path = "/api/v1/users/" + id;
        for (var answer :
                new ApiServer.Answer[] {
                    as(cookie, "PATCH", path, "{\"active\":false}"),
                    as(cookie, "PATCH", path, "{\"role\":\"viewer\"}"),
                    as(cookie, "DELETE", path, null),
                    as(cookie, "POST", path + "/password", "{}")
                }) {
            assertProblem(answer.raw(), 409, "yourself", "");
        }
    }

    @Test
    void endsTheKeysOfWhoIsDeactivated() {
        var email = email();
        var id = added(email, Role.SUPERADMIN, PASSWORD).text("id");
        var cookie = signedIn(email, PASSWORD);
        var key =
                as(cookie, "POST", "/api/v1/api-keys", "{\"name\":\"k\",\"role\":\"viewer\"}")
                        .text("secret");
        var asKey = Map.of("Authorization", "Bearer " + key);
        assertThat(server.send("GET", "/api/v1/whoami", null, asKey).status()).isEqualTo(200);
        server.call("PATCH", "/api/v1/users/" + id, "{\"active\":false}");
        assertThat(server.send("GET", "/api/v1/whoami", null, asKey).status()).isEqualTo(401);
        assertThat(who(cookie).status()).isEqualTo(401);
    }

    private static boolean contains(Path file, String text) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1).contains(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String email() {
        return "user-" + COUNT.incrementAndGet() + "@example.org";
    }

    private static ApiServer.Answer added(String email, Role role, String password) {
        return server.post(
                "/api/v1/users",
                "{\"email\":\"%s\",\"role\":\"%s\",\"password\":\"%s\"}"
                        .formatted(email, role.word(), password));
    }

    private static String passwords(String current, String next) {
        return "{\"current_password\":\"%s\",\"new_password\":\"%s\"}".formatted(current, next);
    }

    private static ApiServer.Answer signIn(
            String email, String password, Map<String, String> headers) {
        return server.send(
                "POST",
                "/sign-in",
                "{\"email\":\"%s\",\"password\":\"%s\"}".formatted(email, password),
                headers);
    }

    /// The cookie.
    private static String signedIn(String email, String password) {
        return signIn(email, password, Map.of())
                .header("Set-Cookie")
                .orElseThrow()
                .split(";", 2)[0];
    }

    private static ApiServer.Answer who(String cookie) {
        return server.send("GET", "/api/v1/whoami", null, Map.of("Cookie", cookie));
    }

    private static ApiServer.Answer as(
            String cookie, String method, String path, @Nullable String body) {
        return server.send(
                method, path, body, Map.of("Cookie", cookie, "Sec-Fetch-Site", "same-origin"));
    }
}
