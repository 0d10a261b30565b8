package org.tethral.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tethral.account.Actor;
import org.tethral.account.AuditEntry;
import org.tethral.account.AuditLog;
import org.tethral.account.CommunityId;
import org.tethral.account.Role;
import org.tethral.kernel.Document;
import org.tethral.kernel.Page;
import org.tethral.kernel.Value;

/// Who came and went is in the audit log.
class SignInAuditTest {

    private static final String PASSWORD = "correct horse battery";
    private static final String ADA = "ada@example.org";

    private ApiServer server;

    @BeforeEach
    void start() throws Exception {
        server = new ApiServer();
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    @Test
    void keepsWhoSignsInByPasswordAndOut() {
        server.user(ADA, Role.OPERATOR, PASSWORD);
        var cookie = cookie(signIn(ADA, PASSWORD));
        assertThat(signOut(cookie)).isEqualTo(204);
        assertThat(signOut(cookie)).as("nobody leaves twice").isEqualTo(204);
        var role = Document.of("role", Value.of("operator"));
        assertThat(entries())
                .usingRecursiveFieldByFieldElementComparatorIgnoringFields("id", "at")
                .containsExactly(
                        entry("session.close", ADA, CommunityId.DEFAULT, role, null),
                        entry(
                                "session.open",
                                ADA,
                                CommunityId.DEFAULT,
                                null,
                                role.with("method", Value.of("password"))));
    }

    @Test
    void keepsWhoComesByALink() {
        var link = server.sessions.invite().reveal();
        server.send("GET", "/sign-in?token=" + link, null, Map.of());
        server.send("GET", "/sign-in?token=" + link, null, Map.of());
        assertThat(entries())
                .usingRecursiveFieldByFieldElementComparatorIgnoringFields("id", "at")
                .containsExactly(
                        entry(
                                "session.open",
                                "administrator",
                                null,
                                null,
                                Document.of("role", Value.of("superadmin"))
                                        .with("method", Value.of("link"))));
    }

    @Test
    void keepsOnceThatSomebodyMayBeGuessing() {
        server.user(ADA, Role.VIEWER, PASSWORD);
        for (int i = 0; i < 9; i++) {
            assertThat(signIn("Ada@example.org", "guess " + i).status()).isEqualTo(401);
        }
        assertThat(entries()).as("who mistypes").isEmpty();
        for (int i = 9; i < 15; i++) {
            signIn(ADA, "guess " + i);
        }
        assertThat(entries())
                .usingRecursiveFieldByFieldElementComparatorIgnoringFields("id", "at")
                .containsExactly(
                        new AuditEntry(
                                new UUID(0, 0),
                                Instant.EPOCH,
                                Actor.system("sign_in"),
                                "session.limit",
                                "session",
                                ADA,
                                CommunityId.DEFAULT,
                                null,
                                Document.of("limit", Value.of("account"))
                                        .with("known", Value.of(true)),
                                "127.0.0.1"));
    }

    /// People type their password into the wrong field.
    @Test
    void keepsNothingThatIsNoAddress() {
        for (int i = 0; i < 12; i++) {
            signIn("my secret passphrase", "guess " + i);
        }
        assertThat(entries()).singleElement().extracting(AuditEntry::objectId).isEqualTo("unknown");
        assertThat(entries().toString()).doesNotContain("passphrase");
    }

    @Test
    void showsAnAdministratorOfACommunityItsOwnPeopleOnly() {
        server.user(ADA, Role.COMMUNITY_ADMIN, PASSWORD);
        server.user("root@example.org", Role.SUPERADMIN, PASSWORD);
        signIn("root@example.org", PASSWORD);
        var cookie = cookie(signIn(ADA, PASSWORD));
        var seen =
                server.send(
                        "GET",
                        "/api/v1/audit-logs?object_kind=session",
                        null,
                        Map.of("Cookie", cookie));
        assertThat(seen.items())
                .extracting(one -> one.text("object_id").orElseThrow())
                .containsExactly(ADA);
    }

    private List<AuditEntry> entries() {
        return server.audit.list(AuditLog.Filter.ALL, Page.Request.first(100)).items();
    }

    private static AuditEntry entry(
            String action,
            String who,
            @Nullable CommunityId community,
            @Nullable Document before,
            @Nullable Document after) {
        return new AuditEntry(
                new UUID(0, 0),
                Instant.EPOCH,
                Actor.session(who),
                action,
                "session",
                who,
                community,
                before,
                after,
                "127.0.0.1");
    }

    private ApiServer.Answer signIn(String email, String password) {
        return server.send(
                "POST",
                "/sign-in",
                "{\"email\":\"%s\",\"password\":\"%s\"}".formatted(email, password),
                Map.of());
    }

    private int signOut(String cookie) {
        return server.send(
                        "POST",
                        "/sign-out",
                        null,
                        Map.of("Cookie", cookie, "Sec-Fetch-Site", "same-origin"))
                .status();
    }

    private static String cookie(ApiServer.Answer answer) {
        return answer.header("Set-Cookie").orElseThrow().split(";", 2)[0];
    }
}
