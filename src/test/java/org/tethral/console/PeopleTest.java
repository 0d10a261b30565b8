package org.tethral.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import java.util.Locale;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The first administrator comes by a link, adds people, signs in with a password, and looks at who
/// did what.
final class PeopleTest extends ConsoleRig {

    @ParameterizedTest
    @EnumSource(
            value = ColorScheme.class,
            names = {"LIGHT", "DARK"})
    void addsAnAdministratorWhoSignsInChangesThePasswordAndSeesWhatWasDone(ColorScheme colors) {
        var email = "ada-" + colors.name().toLowerCase(Locale.ROOT) + "@example.org";
        try (var context = visitor(colors)) {
            var page = signedIn(context);
            page.locator("#bar nav a[href='#/people']").click();
            var password = added(page, email);
            readable(page);
            button(page.locator(".secret"), "I have it").click();
            assertThat(page.locator(".secret")).hasCount(0);

            button(page.locator("#bar"), "Sign out").click();
            signIn(page, email, "not the password");
            assertThat(page.locator(".notice.bad")).containsText("the password is wrong");
            readable(page);
            signIn(page, email, password);
            assertThat(page.locator("#bar nav a[href='#/people']")).isVisible();

            changesThePassword(page, email, password);
            looksAtWhatWasDone(page, email);
        }
    }

    /// The password that was shown.
    private static String added(Page page, String email) {
        button(page.locator(".page-head"), "Add a person").click();
        readable(page);
        page.getByLabel("E-mail address").fill(email);
        page.locator("select[name='role']").selectOption("superadmin");
        button(page.locator("form"), "Add and show the password").click();
        assertThat(page.locator("tr[data-user='" + email + "']")).containsText("all communities");
        return page.locator(".secret code").innerText();
    }

    private static void signIn(Page page, String email, String password) {
        page.locator("#email").fill(email);
        page.locator("#password").fill(password);
        page.keyboard().press("Enter");
    }

    private static void changesThePassword(Page page, String email, String password) {
        page.locator("#bar a[href='#/account']").click();
        assertThat(page.locator("h1")).hasText(email);
        readable(page);
        page.locator("#current").fill(password);
        page.locator("#next").fill("correct horse battery");
        page.locator("#again").fill("correct horse batter");
        page.keyboard().press("Enter");
        assertThat(page.locator(".notice.bad")).containsText("not the same");
        page.locator("#again").fill("correct horse battery");
        page.keyboard().press("Enter");
        assertThat(page.locator("h1")).hasText("Sign in");
        signIn(page, email, "correct horse battery");
    }

    private static void looksAtWhatWasDone(Page page, String email) {
        page.navigate(page.url().replaceFirst("#.*|$", "") + "#/audit");
        var change = page.locator("tr[data-action='user.change_password']").first();
        assertThat(change).containsText(email);
        var add = page.locator("tr[data-action='user.add']").first();
        assertThat(add).containsText("administrator");
        add.locator("summary").focus();
        page.keyboard().press("Enter");
        assertThat(add.locator("ins").first()).isVisible();
        readable(page);
        page.getByLabel("Did what").fill("user.add");
        page.keyboard().press("Enter");
        assertThat(change).hasCount(0);
        page.locator(".links a[href='#/api-keys']").click();
        button(page.locator(".page-head"), "Make a key").click();
        page.getByLabel("What it is for").fill("Grafana of " + email);
        button(page.locator("form"), "Make it and show it").click();
        assertThat(page.locator(".secret code")).containsText("tethral_key_");
        readable(page);
        var key = page.locator("tr[data-key='Grafana of " + email + "']");
        button(key, "Revoke").click();
        assertThat(key.locator(".tag")).hasText("revoked");
    }

    private static void readable(Page page) {
        assertThat(lowContrast(page)).isEmpty();
        page.setViewportSize(360, 800);
        assertThat(besideTheScreen(page)).isEmpty();
        page.setViewportSize(1280, 800);
    }

    private static Locator button(Locator where, String name) {
        return where.getByRole(
                AriaRole.BUTTON, new Locator.GetByRoleOptions().setName(name).setExact(true));
    }
}
