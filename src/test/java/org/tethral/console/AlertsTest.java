package org.tethral.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import java.util.Locale;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A person makes a rule, and sees to the alert that comes of it.
final class AlertsTest extends ConsoleRig {

    @ParameterizedTest
    @EnumSource(
            value = ColorScheme.class,
            names = {"LIGHT", "DARK"})
    void makesARuleTriesItAndSeesToWhatComesOfIt(ColorScheme colors) throws Exception {
        var device = "oven-" + colors.name().toLowerCase(Locale.ROOT);
        server().add(device, "Oven");
        try (var context = visitor(colors);
                var oven = server().connect(device)) {
            var page = signedIn(context);
            page.locator("nav a[href='#/alerts']").click();
            assertThat(page.locator(".empty h2")).hasText("Nothing needs you");
            page.locator(".head-end").click();
            oven.report("{\"heat\": 95}");
            fillIn(page, device);
            tryIt(page, oven);
            page.getByText("Add the rule").click();
            var rule = page.locator("tr[data-rule='Too hot " + device + "']");
            assertThat(rule).containsText("heat > 90, until 80");
            assertThat(lowContrast(page)).isEmpty();

            page.locator(".crumbs a").click();
            var alert =
                    page.locator("tr[data-alert]")
                            .filter(new Locator.FilterOptions().setHasText(device));
            assertThat(alert).containsText("heat 99.0 > 90.0");
            assertThat(alert.locator(".status")).hasText("critical");
            assertThat(lowContrast(page)).isEmpty();
            button(alert, "Acknowledge").click();
            assertThat(alert.locator(".by")).containsText("user:administrator");
            page.setViewportSize(360, 800);
            assertThat(besideTheScreen(page)).isEmpty();
            page.setViewportSize(1280, 800);

            button(alert, "Resolve").click();
            alert.locator("input").fill("door was open");
            button(alert, "Resolve").click();
            assertThat(page.locator(".empty h2")).hasText("Nothing needs you");
            button(page.locator(".tools"), "Resolved").click();
            assertThat(alert).containsText("door was open");

            page.locator(".head-end").click();
            button(rule, "Disable").click();
            assertThat(rule.locator(".tag")).hasText("disabled");
            page.setViewportSize(360, 800);
            assertThat(besideTheScreen(page)).isEmpty();
            button(rule, "Remove").click();
            assertThat(rule).hasCount(0);
        }
    }

    private static void fillIn(Page page, String device) {
        page.getByText("Add a rule").click();
        page.getByLabel("Name").fill("Too hot " + device);
        page.getByLabel("Severity").selectOption("critical");
        page.getByLabel("Device id").fill(device);
        page.getByLabel("Metric").fill("heat");
        page.getByLabel("Threshold").fill("90");
        page.getByLabel("Until it passes").fill("80");
    }

    private static void tryIt(Page page, Server.Device oven) throws Exception {
        var preview = page.locator(".previewed h2");
        page.getByText("Try it on the last day").click();
        assertThat(preview)
                .containsText(
                        Pattern.compile("It would have told once\\s+in the last day, of 1 device"));
        assertThat(lowContrast(page)).isEmpty();
        page.setViewportSize(360, 800);
        assertThat(besideTheScreen(page)).isEmpty();
        page.setViewportSize(1280, 800);
        oven.report("{\"heat\": 20}");
        oven.report("{\"heat\": 99}");
        page.getByText("Try it on the last day").click();
        assertThat(preview).containsText("It would have told 2 times");
    }

    private static Locator button(Locator where, String name) {
        return where.getByRole(
                AriaRole.BUTTON, new Locator.GetByRoleOptions().setName(name).setExact(true));
    }
}
