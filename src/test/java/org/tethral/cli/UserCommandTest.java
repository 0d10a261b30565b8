package org.tethral.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tethral.account.AuditEntry;
import org.tethral.account.AuditLog;
import org.tethral.account.EmailAddress;
import org.tethral.account.Role;
import org.tethral.kernel.Page;
import org.tethral.kernel.Secret;

class UserCommandTest {

    private static final EmailAddress ADA = new EmailAddress("ada@example.org");

    @TempDir Path directory;
    private Shell shell;

    @BeforeEach
    void open() {
        shell = new Shell(directory);
    }

    @Test
    void printsThePasswordOnceAloneOnTheLastLine() {
        var result = shell.run("user", "add", "Ada@example.org", "--role", "superadmin");

        assertThat(result.code()).isZero();
        assertThat(result.outLines()).hasSize(1);
        var password = result.outLines().getLast();
        try (var stores = shell.open()) {
            var ada = stores.users().find(ADA).orElseThrow();
            assertThat(ada.role()).isEqualTo(Role.SUPERADMIN);
            assertThat(ada.community()).isNull();
            assertThat(
                            stores.passwords(new Random(1))
                                    .matches(new Secret(password), ada.passwordHash()))
                    .isTrue();
        }
        assertThat(shell.run("user", "list").out())
                .contains("ada@example.org", "superadmin")
                .doesNotContain(password);
    }

    @Test
    void keepsTheFirstOfTwoUsersWithOneAddress() {
        shell.run("user", "add", "ada@example.org", "--role", "viewer");
        var second = shell.run("user", "add", "ADA@example.org", "--role", "superadmin");

        assertThat(second.code()).isEqualTo(Failure.FAILED);
        assertThat(second.err()).contains("there is a user ada@example.org already");
        assertThat(shell.run("user", "list", "--json").out()).contains("\"role\":\"viewer\"");
    }

    @Test
    void saysWhatIsWrong() {
        assertThat(shell.run("user", "add", "ada", "--role", "viewer").err())
                .contains("'ada' is no e-mail address");
        assertThat(shell.run("user", "add", "ada@example.org", "--role", "king").err())
                .contains("no role 'king'");
        assertThat(shell.run("user", "add", "ada@example.org").err()).contains("--role");
        assertThat(
                        shell.run(
                                        "user",
                                        "add",
                                        "ada@example.org",
                                        "--role",
                                        "viewer",
                                        "--community",
                                        "00000000-0000-4000-8000-00000000000f")
                                .err())
                .contains("there is no community");
        assertThat(shell.run("user", "deactivate", "nobody@example.org").err())
                .contains("there is no user nobody@example.org");
        assertThat(shell.run("user").err()).contains("user what?");
    }

    @Test
    void deactivatesAndGivesANewPasswordAndKeepsThat() {
        var first = shell.run("user", "add", "ada@example.org", "--role", "operator").outLines();
        var next = shell.run("user", "password", "ada@example.org").outLines();
        assertThat(next).hasSize(1).isNotEqualTo(first);
        assertThat(shell.run("user", "deactivate", "ada@example.org").code()).isZero();
        try (var stores = shell.open()) {
            var ada = stores.users().find(ADA).orElseThrow();
            assertThat(ada.active()).isFalse();
            assertThat(
                            stores.passwords(new Random(1))
                                    .matches(new Secret(next.getLast()), ada.passwordHash()))
                    .isTrue();
            var entries = stores.audit().list(AuditLog.Filter.ALL, Page.Request.first(9)).items();
            assertThat(entries)
                    .extracting(AuditEntry::action)
                    .containsExactlyInAnyOrder("user.add", "user.reset_password", "user.update");
            assertThat(entries.toString()).doesNotContain("argon2");
        }
    }
}
