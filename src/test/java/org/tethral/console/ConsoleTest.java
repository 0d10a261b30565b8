package org.tethral.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// A person's way through the console.
final class ConsoleTest extends ConsoleRig {

    @ParameterizedTest
    @EnumSource(
            value = ColorScheme.class,
            names = {"LIGHT", "DARK"})
    void seesADeviceAppearAndItsValuesChangeAndAllThatItDid(ColorScheme colors) throws Exception {
        var id = "lamp-" + colors.name().toLowerCase(Locale.ROOT);
        try (var context = visitor(colors, 1280)) {
            var page = signedIn(context);
            page.evaluate("window.neverReloaded = true");
            assertThat(page.getByRole(AriaRole.HEADING).first()).hasText("Devices");

            server().add(id, "Lamp in the hall");
            var row = page.locator("tr[data-device='" + id + "']");
            try (var lamp = server().connect(id)) {
                lamp.report("{\"power\": 11.5, \"on\": true}");
                assertThat(row.locator(".status")).hasText("online");
                assertThat(row.locator(".values")).containsText(Pattern.compile("power\\s+11\\.5"));
                lamp.report("{\"power\": 23.25}");
                assertThat(row.locator(".values"))
                        .containsText(Pattern.compile("power\\s+23\\.25"));
                assertThat(lowContrast(page)).isEmpty();

                row.locator("a").click();
                assertThat(page.locator("h1")).hasText("Lamp in the hall");
                seesTheDevice(page, lamp, id);
                assertThat(lowContrast(page)).isEmpty();
            }
            assertThat(page.locator(".connections tbody tr").first()).containsText("disconnected");
            assertThat(page.locator(".vitals .status")).hasText("offline");
            assertThat((Boolean) page.evaluate("window.neverReloaded")).isTrue();
            assertThat(isDark(page)).isEqualTo(colors == ColorScheme.DARK);
        }
    }

    private void seesTheDevice(Page page, Server.Device lamp, String id) throws Exception {
        page.locator("[data-value='power']").click();
        var chart = page.locator(".chart-area");
        assertThat(chart).hasAttribute("data-points", "2");
        assertThat(chart.locator("canvas")).isVisible();
        lamp.report("{\"power\": 30}");
        assertThat(chart).hasAttribute("data-points", "3");
        assertThat(page.locator("[data-value='power'] .figure")).hasText("30");
        assertThat(painted(chart)).as("pixels that the line has").isGreaterThan(100);

        lamp.state("dimmed");
        var change = page.locator(".changes tbody tr").first();
        assertThat(change).containsText("online");
        assertThat(change).containsText("dimmed");
        assertThat(page.locator(".vitals")).containsText("dimmed");
        assertThat(page.locator(".shares")).containsText("dimmed");
        assertThat(page.locator(".connections tbody tr").first()).containsText("connected");

        server().desire(id, "{\"level\": 3}");
        var wanted = page.locator("tr", new Page.LocatorOptions().setHasText("level"));
        assertThat(wanted).containsText("waiting");
        lamp.report("{\"level\": 3}");
        assertThat(wanted).containsText("in step");

        page.locator("[aria-label='Chart'] select").selectOption("1m");
        assertThat(chart).hasAttribute("data-points", Pattern.compile("[1-9]\\d*"));
    }

    @ParameterizedTest
    @CsvSource({"360, LIGHT", "360, DARK", "768, LIGHT"})
    void fitsANarrowScreen(int width, ColorScheme colors) throws Exception {
        var id = "narrow-" + width + colors;
        server().add(id, "A device with a name that is rather long, as names happen to be");
        try (var context = visitor(colors, width);
                var device = server().connect(id)) {
            device.report(
                    "{\"a_metric_with_a_long_name\": 123456.789, \"note\": \""
                            + "x".repeat(80)
                            + "\"}");
            var page = signedIn(context);
            assertThat(page.locator("tr[data-device='" + id + "'] .values"))
                    .containsText("123,456.789");
            assertThat(overflow(page)).isZero();
            assertThat(lowContrast(page)).isEmpty();
            page.locator("tr[data-device='" + id + "'] a").click();
            assertThat(page.locator(".chart-area canvas")).isVisible();
            assertThat(overflow(page)).isZero();
            assertThat(lowContrast(page)).isEmpty();
        }
    }

    @Test
    void tellsAStrangerHowToSignIn() {
        try (var context = visitor(ColorScheme.LIGHT, 1280)) {
            var page = watched(context);
            page.navigate(server().http().toString());
            assertThat(page.locator("h1")).hasText("Sign in");
            assertThat(lowContrast(page)).isEmpty();

            page.locator("#link").fill(server().signInLink());
            page.keyboard().press("Enter");
            assertThat(page.locator("h1")).hasText("Overview");

            page.getByText("Sign out").click();
            assertThat(page.locator("h1")).hasText("Sign in");
        }
    }

    @Test
    void findsADeviceByItsNameWithTheKeyboardAlone() throws Exception {
        server().add("keyboard-1", "Found by keyboard");
        server().add("keyboard-2", "Not the one");
        try (var context = visitor(ColorScheme.LIGHT, 1280)) {
            var page = signedIn(context);
            assertThat(page.locator("tr[data-device='keyboard-2']")).isVisible();
            page.keyboard().press("/");
            page.keyboard().type("by keyb");
            assertThat(page.locator("tr[data-device='keyboard-2']")).hasCount(0);
            assertThat(page.locator("tbody tr")).hasCount(1);
            assertThat(page.locator(".status").first()).hasText("never seen");
            for (int i = 0; i < 5 && !isFocused(page, "td.device a"); i++) {
                page.keyboard().press("Tab");
            }
            page.keyboard().press("Enter");
            assertThat(page.locator("h1")).hasText("Found by keyboard");
            page.goBack();
            assertThat(page.locator("#search")).hasValue("by keyb");

            page.locator("#search").fill("nothing like this");
            assertThat(page.locator(".empty h2")).hasText("No device matches");
        }
    }

    /// Of a large fleet a page is asked for, whatever happens in it, and it is counted seldom.
    @Test
    void asksForAPageOfDevicesAndCountsThemSeldom() throws Exception {
        for (int n = 0; n < 60; n++) {
            server().add("zz-%02d".formatted(n), "One of many " + n);
        }
        try (var context = visitor(ColorScheme.LIGHT, 1280);
                var device = server().connect("zz-59")) {
            var page = signedIn(context);
            var asked = new CopyOnWriteArrayList<String>();
            page.onRequest(request -> asked.add(request.url()));
            page.navigate(server().http() + "/#/devices?q=one+of+many");
            var rows = page.locator("tr[data-device]");
            assertThat(rows).hasCount(50);
            var lists = 0L;
            while (lists < 4) { // what happens to others has the list asked for again
                device.report("{\"n\": " + lists + "}");
                page.waitForTimeout(200);
                lists = asked.stream().filter(url -> url.contains("/api/v1/devices?")).count();
            }
            assertThat(asked)
                    .filteredOn(url -> url.contains("/api/v1/devices?"))
                    .allMatch(url -> url.contains("limit=50"));
            assertThat(asked)
                    .filteredOn(url -> url.endsWith("/api/v1/devices/statistics"))
                    .hasSizeLessThan(3);
            assertThat(rows).hasCount(50);
            page.getByText("Show more").click();
            assertThat(rows).hasCount(60);
        }
    }

    @Test
    void showsNamesAsTheyAreWritten() throws Exception {
        var name = "<img src=x onerror=alert(1)> & <b>bold</b>";
        server().add("markup-1", name);
        try (var context = visitor(ColorScheme.LIGHT, 1280)) {
            var page = signedIn(context);
            assertThat(page.locator("tr[data-device='markup-1'] a")).hasText(name);
            page.locator("tr[data-device='markup-1'] a").click();
            assertThat(page.locator("h1")).hasText(name);
        }
    }

    @Test
    void connectsAgainByItselfAfterARestartAndStaysSignedIn(@TempDir Path other) {
        var first = new Server(other, 0);
        var port = first.http().getPort();
        try (var context = visitor(ColorScheme.LIGHT, 1280)) {
            var page = context.newPage();
            page.navigate(first.signInLink());
            page.locator("nav a[href='#/devices']").click();
            assertThat(page.locator(".liveness")).hasText("Live");
            context.setOffline(true);
            first.close();
            assertThat(page.locator(".liveness")).hasText("Reconnecting");

            try (var _ = new Server(other, port)) {
                context.setOffline(false);
                assertThat(page.locator(".liveness")).hasText("Live");
                assertThat(page.locator("h1")).hasText("Devices");
            }
        }
    }

    /// How much of the page is beside the screen, in pixels; a wide table scrolls for itself.
    private static int overflow(Page page) {
        return ((Number)
                        page.evaluate(
                                "document.documentElement.scrollWidth - document.documentElement.clientWidth"))
                .intValue();
    }

    private static boolean isFocused(Page page, String selector) {
        return (Boolean)
                page.evaluate("(selector) => document.activeElement.matches(selector)", selector);
    }

    private static boolean isDark(Page page) {
        return (Boolean)
                page.evaluate(
                        "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).every((part) => part < 60)");
    }

    /// Pixels of the accent's colour.
    private static int painted(Locator chart) {
        return ((Number)
                        chart.evaluate(
                                """
                                (element) => {
                                  const canvas = element.querySelector("canvas");
                                  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
                                  let count = 0;
                                  for (let i = 0; i < data.length; i += 4) {
                                    count += data[i + 3] > 200 && data[i + 2] > data[i] + 60 ? 1 : 0;
                                  }
                                  return count;
                                }\
                                """))
                .intValue();
    }
}
