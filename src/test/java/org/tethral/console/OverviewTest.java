package org.tethral.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A person signs in, and sees how the fleet is.
final class OverviewTest extends ConsoleRig {

    @ParameterizedTest
    @CsvSource({"1280, LIGHT", "1280, DARK", "360, LIGHT"})
    void tellsHowTheFleetIs(int width, ColorScheme colors) throws Exception {
        var id = "oven-" + width + colors;
        server().add(id, "Oven " + width + colors);
        server().add(id + "-quiet", "Quiet");
        server().send(
                        "POST",
                        "/api/v1/alert-rules",
                        """
                        {"name": "hot", "scope": "device", "scope_id": "%s", "condition": "metric", "severity": "critical",
                         "metric": "heat", "operator": ">", "threshold": 90, "clear_threshold": 80}\
                        """
                                .formatted(id));
        try (var context = visitor(colors, width);
                var oven = server().connect(id)) {
            var page = watched(context);
            page.navigate(server().signInLink());
            assertThat(page.locator("h1")).hasText("Overview");
            assertThat(page.locator("nav [aria-current]")).hasText("Overview");
            oven.report("{\"heat\": 95}");
            assertThat(card(page, "Online")).containsText(Pattern.compile("[1-9]"));
            assertThat(card(page, "Open alerts")).containsText("critical");
            assertThat(card(page, "Health")).containsText("of 100, on average");
            assertThat(card(page, "Messages")).containsText("in the last hour");
            var alert =
                    page.locator("li[data-alert]")
                            .filter(
                                    new Locator.FilterOptions()
                                            .setHasText("Oven " + width + colors));
            assertThat(alert).containsText("heat 95.0 > 90.0");
            assertThat(page.locator("li[data-event] .strong").first())
                    .hasText(Pattern.compile("[a-z]+\\.[a-z]+"));
            assertThat(page.locator(".chart-area canvas")).isVisible();
            assertThat(page.locator(".panel-head").first()).containsText("messages a second");
            assertThat(lowContrast(page)).isEmpty();
            assertThat(besideTheScreen(page)).isEmpty();
            shoot(page, "overview-" + width + "-" + colors);
            alert.locator("a").click();
            assertThat(page.locator("h1")).hasText("Oven " + width + colors);
            page.goBack();
            card(page, "Offline").click();
            assertThat(page.locator("h1")).hasText("Devices");
            assertThat(page.locator(".choice [aria-pressed='true']").first())
                    .containsText("Offline");
        }
    }

    @Test
    void saysWhatToDoWithNoDeviceAndWhenTheServerIsGone(@TempDir Path home) {
        try (var context = visitor(ColorScheme.LIGHT, 1280)) {
            var page = context.newPage();
            try (var empty = new Server(home, 0)) {
                page.navigate(empty.signInLink());
                assertThat(page.locator(".empty h2")).hasText("No devices yet");
                assertThat(lowContrast(page)).isEmpty();
                context.setOffline(true);
            }
            assertThat(page.locator(".notice strong")).hasText("No connection");
            assertThat(page.locator(".empty h2")).hasText("No devices yet");
            assertThat(lowContrast(page)).isEmpty();
            shoot(page, "overview-away");
        }
    }

    private static Locator card(Page page, String name) {
        return page.locator(".figures .card")
                .filter(
                        new Locator.FilterOptions()
                                .setHas(
                                        page.locator(
                                                ".name",
                                                new Page.LocatorOptions().setHasText(name))));
    }

    private static void shoot(Page page, String name) {
        var folder = System.getProperty("tethral.screenshots");
        if (folder != null) {
            page.screenshot(
                    new Page.ScreenshotOptions()
                            .setPath(Path.of(folder, name + ".png"))
                            .setFullPage(true));
        }
    }
}
