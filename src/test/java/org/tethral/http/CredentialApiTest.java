package org.tethral.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.http.DeviceChannelTest.assertProblem;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class CredentialApiTest {

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
    void changesATokenWithoutAGap() {
        var first = server.device("pump");
        var made =
                server.post("/api/v1/credentials", "{\"device_id\":\"pump\",\"type\":\"token\"}");
        assertThat(made.status()).as(made.raw().body()).isEqualTo(201);
        var second = made.text("secret");
        assertThat(server.report(first, "{\"a\":1}").status()).isEqualTo(200);
        assertThat(server.report(second, "{\"a\":1}").status()).isEqualTo(200);
        var old =
                server.get("/api/v1/credentials?device_id=pump").items().stream()
                        .map(item -> item.text("id").orElseThrow())
                        .filter(id -> !id.equals(made.text("id")))
                        .findFirst()
                        .orElseThrow();
        assertThat(server.call("POST", "/api/v1/credentials/" + old + "/end", null).status())
                .isEqualTo(200);
        assertThat(server.report(first, "{\"a\":1}").status()).isEqualTo(401);
        assertThat(server.report(second, "{\"a\":1}").status()).isEqualTo(200);
    }

    @Test
    void refusesARevokedTokenAtOnce() {
        var token = server.device("revoked");
        assertThat(server.report(token, "{\"a\":1}").status()).isEqualTo(200);
        var id =
                server.get("/api/v1/credentials?device_id=revoked")
                        .items()
                        .getFirst()
                        .text("id")
                        .orElseThrow();
        assertThat(server.call("DELETE", "/api/v1/credentials/" + id, null).status())
                .isEqualTo(204);
        assertThat(server.report(token, "{\"a\":1}").status()).isEqualTo(401);
        assertThat(server.call("DELETE", "/api/v1/credentials/" + id, null).status())
                .isEqualTo(409);
    }

    @Test
    void keepsASharedKeySealedAndShowsItOnce() {
        server.device("meter");
        var made = server.post("/api/v1/credentials", "{\"device_id\":\"meter\",\"type\":\"psk\"}");
        assertThat(made.status()).as(made.raw().body()).isEqualTo(201);
        assertThat(made.text("identity")).isEqualTo("meter");
        assertThat(key("meter")).isEqualTo(made.text("secret").getBytes(StandardCharsets.UTF_8));

        var ofBytes =
                server.post(
                        "/api/v1/credentials",
                        "{\"device_id\":\"meter\",\"type\":\"psk\",\"identity\":\"second\",\"key\":\"00112233445566778899AABBCCDDEEFF\"}");
        assertThat(ofBytes.status()).as(ofBytes.raw().body()).isEqualTo(201);
        assertThat(ofBytes.raw().body()).contains("\"secret\":null").doesNotContain("0011");
        assertThat(key("second"))
                .isEqualTo(HexFormat.of().parseHex("00112233445566778899aabbccddeeff"));

        assertThat(server.get("/api/v1/credentials?device_id=meter").raw().body())
                .contains("second")
                .doesNotContain(made.text("secret"))
                .doesNotContain("v1.");
        assertThat(server.sealed("second")).startsWith("v1.").doesNotContain("0011");
        assertProblem(
                server.post(
                                "/api/v1/credentials",
                                "{\"device_id\":\"meter\",\"type\":\"psk\",\"identity\":\"third\",\"secret\":\"%s\"}"
                                        .formatted("x".repeat(65)))
                        .raw(),
                400,
                "invalid-request",
                "8 to 64 bytes");
    }

    private static byte[] key(String identity) {
        return server.sharedKeys().find(identity).orElseThrow().bytes();
    }

    @Test
    void neverShowsASecretOrItsHashAgain() {
        var token = server.device("shy");
        server.post(
                "/api/v1/credentials",
                "{\"device_id\":\"shy\",\"type\":\"password\",\"secret\":\"correct horse\"}");
        var list = server.get("/api/v1/credentials?device_id=shy").raw().body();
        assertThat(list)
                .doesNotContain(token)
                .doesNotContain(new org.tethral.kernel.Secret(token).sha256())
                .doesNotContain("correct horse")
                .doesNotContain("plain:")
                .contains("\"identity\":\"shy\"");
    }

    @Test
    void knowsACertificateByItsFingerprintOrSubject() {
        server.device("certified");
        var fingerprint = "AB:".repeat(31) + "CD";
        var made =
                server.post(
                        "/api/v1/credentials",
                        "{\"device_id\":\"certified\",\"type\":\"x509\",\"fingerprint\":\""
                                + fingerprint
                                + "\"}");
        assertThat(made.text("identity")).isEqualTo("ab".repeat(31) + "cd");
        var named =
                server.post(
                        "/api/v1/credentials",
                        "{\"device_id\":\"certified\",\"type\":\"x509\",\"subject\":\"cn=certified, o=Water\"}");
        assertThat(named.text("identity")).isEqualTo("CN=certified,O=Water");
        assertProblem(
                server.post(
                                "/api/v1/credentials",
                                "{\"device_id\":\"certified\",\"type\":\"x509\",\"certificate\":\"no PEM\"}")
                        .raw(),
                400,
                "invalid-request",
                "certificate");
    }

    @Test
    void givesOneTokenToOneDeviceOnly() {
        var token = server.device("owner");
        server.device("thief");
        assertProblem(
                server.post(
                                "/api/v1/credentials",
                                "{\"device_id\":\"thief\",\"type\":\"token\",\"secret\":\""
                                        + token
                                        + "\"}")
                        .raw(),
                409,
                "credential-taken",
                "");
        assertThat(
                        server.post(
                                        "/api/v1/credentials",
                                        "{\"device_id\":\"nobody\",\"type\":\"token\"}")
                                .status())
                .isEqualTo(404);
    }
}
