package org.tethral.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.http.DeviceChannelTest.assertProblem;

import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tethral.account.Role;

class AuthorizationTest {

    /// Open to everybody; `metrics` to this machine, on which the tests run. Who registers itself
    /// shows the provisioning key and secret of a profile, in the body.
    private static final Set<String> OPEN =
            Set.of(
                    "health",
                    "healthLive",
                    "healthReady",
                    "metrics",
                    "signIn",
                    "signInMethods",
                    "signInAtProvider",
                    "signedInAtProvider",
                    "signInWithPassword",
                    "signOut",
                    "deviceRegister",
                    "thingsBoardProvision");

    private static ApiServer server;

    @BeforeAll
    static void start() throws Exception {
        server = new ApiServer();
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    static Stream<Conformance.Described> operations() {
        return new Conformance().operations().stream().filter(one -> !OPEN.contains(one.id()));
    }

    @ParameterizedTest
    @MethodSource("operations")
    void refusesWhoShowsNoCredential(Conformance.Described operation) {
        assertThat(send(operation, Map.of()).status()).isEqualTo(401);
    }

    @ParameterizedTest
    @MethodSource("operations")
    void refusesAWrongCredential(Conformance.Described operation) {
        assertThat(send(operation, Map.of("Authorization", "Bearer tethral_key_wrong")).status())
                .isEqualTo(401);
        assertThat(send(operation, Map.of("X-API-Key", "tethral_key_wrong")).status())
                .isEqualTo(401);
        assertThat(send(operation, Map.of("Cookie", "tethral_session=wrong")).status())
                .isEqualTo(401);
    }

    static Stream<Conformance.Described> forMoreThanViewers() {
        return operations()
                .filter(one -> !"viewer".equals(one.model().getString("x-minimum-role", "viewer")));
    }

    @ParameterizedTest
    @MethodSource("forMoreThanViewers")
    void refusesTooLowARole(Conformance.Described operation) {
        var viewer = server.apiKey("viewer of " + operation.id(), Role.VIEWER, null);
        assertThat(send(operation, Map.of("Authorization", "Bearer " + viewer)).status())
                .isEqualTo(403);
    }

    @Test
    void asksForARoleWhereverSomethingChanges() {
        assertThat(operations())
                .filteredOn(
                        one -> !one.method().equals("GET") && !one.isForDevices() && !one.isOpen())
                .filteredOn(one -> !"self".equals(one.model().getString("x-tenancy")))
                .allSatisfy(one ->
                        assertThat(one.model().getString("x-minimum-role"))
                                .isIn("operator", "community_admin", "superadmin"));
    }

    @Test
    void takesAKeyFromEitherHeader() {
        assertThat(
                        server.send("GET", "/api/v1/whoami", null, Map.of("X-API-Key", server.key))
                                .text("actor"))
                .isEqualTo("api_key:test");
        assertThat(server.get("/api/v1/whoami").text("role")).isEqualTo("superadmin");
    }

    @Test
    void refusesAnExpiredAndARevokedKey() {
        var expired = server.apiKey("expired", Role.SUPERADMIN, Instant.now().minusSeconds(1));
        assertThat(who(expired).status()).isEqualTo(401);
        var made = server.post("/api/v1/api-keys", "{\"name\":\"short\",\"role\":\"operator\"}");
        assertThat(who(made.text("secret")).text("role")).isEqualTo("operator");
        assertThat(server.call("DELETE", "/api/v1/api-keys/" + made.text("id"), null).status())
                .isEqualTo(204);
        assertThat(who(made.text("secret")).status()).isEqualTo(401);
        assertThat(server.get("/api/v1/api-keys").raw().body()).doesNotContain(made.text("secret"));
    }

    @Test
    void signsInOnceByALinkAndServesItsCookie() {
        var link = server.sessions.invite();
        var signedIn = server.send("GET", "/sign-in?token=" + link.reveal(), null, Map.of());
        assertThat(signedIn.status()).isEqualTo(303);
        assertThat(signedIn.header("Location")).contains("/");
        var cookie = signedIn.header("Set-Cookie").orElseThrow();
        assertThat(cookie)
                .containsIgnoringCase("HttpOnly")
                .contains("SameSite=Strict")
                .doesNotContain("Secure");
        var session = Map.of("Cookie", cookie.split(";", 2)[0]);
        assertThat(server.send("GET", "/api/v1/whoami", null, session).text("actor"))
                .isEqualTo("user:administrator");
        assertThat(server.send("GET", "/sign-in?token=" + link.reveal(), null, Map.of()).status())
                .isEqualTo(401);
        assertThat(
                        server.send(
                                        "POST",
                                        "/sign-out",
                                        null,
                                        Map.of(
                                                "Cookie",
                                                session.get("Cookie"),
                                                "Sec-Fetch-Site",
                                                "same-origin"))
                                .status())
                .isEqualTo(204);
        assertThat(server.send("GET", "/api/v1/whoami", null, session).status()).isEqualTo(401);
    }

    @Test
    void takesChangesByCookieFromItsOwnPagesOnly() {
        var link = server.sessions.invite();
        var cookie =
                server.send("GET", "/sign-in?token=" + link.reveal(), null, Map.of())
                        .header("Set-Cookie")
                        .orElseThrow()
                        .split(";", 2)[0];
        var body = "{\"device_id\":\"csrf\"}";
        assertProblem(
                server.send(
                                "POST",
                                "/api/v1/devices",
                                body,
                                Map.of("Cookie", cookie, "Origin", "https://evil.example"))
                        .raw(),
                403,
                "cross-site",
                "");
        assertThat(
                        server.send(
                                        "POST",
                                        "/api/v1/devices",
                                        body,
                                        Map.of("Cookie", cookie, "Sec-Fetch-Site", "cross-site"))
                                .status())
                .isEqualTo(403);
        assertThat(server.send("POST", "/api/v1/devices", body, Map.of("Cookie", cookie)).status())
                .isEqualTo(403);
        var own = "http://127.0.0.1:" + server.edge.port();
        assertThat(
                        server.send(
                                        "POST",
                                        "/api/v1/devices",
                                        body,
                                        Map.of("Cookie", cookie, "Origin", own))
                                .status())
                .isEqualTo(201);
    }

    @Test
    void showsMetricsToThisMachineAndToOthersWithAKey() {
        assertThat(server.send("GET", "/metrics", null, Map.of()).raw().body())
                .contains("tethral_up 1");
        var forwarded = Map.of("X-Forwarded-For", "203.0.113.9");
        assertThat(server.send("GET", "/metrics", null, forwarded).status()).isEqualTo(401);
        assertThat(server.call("GET", "/metrics", null, "X-Forwarded-For", "203.0.113.9").status())
                .isEqualTo(200);
    }

    private static ApiServer.Answer who(String key) {
        return server.send("GET", "/api/v1/whoami", null, Map.of("Authorization", "Bearer " + key));
    }

    private static ApiServer.Answer send(
            Conformance.Described operation, Map<String, String> headers) {
        var path =
                operation
                        .path()
                        .replace("{id}", "00000000-0000-4000-8000-00000000000a")
                        .replaceAll("\\{[a-z_]+}", "something");
        var body =
                operation.method().equals("GET") || operation.method().equals("DELETE")
                        ? null
                        : "{}";
        return server.send(operation.method(), path, body, headers);
    }
}
