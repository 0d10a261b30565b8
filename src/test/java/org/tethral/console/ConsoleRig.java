package org.tethral.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static com.microsoft.playwright.assertions.PlaywrightAssertions.setDefaultAssertionTimeout;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// A server, a browser, and a person at it. What goes wrong in the browser fails the test.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ConsoleRig {

    /// What a page was refused, as it may be, and tells the person in its own words.
    private static final String REFUSED =
            "Failed to load resource: the server responded with a status of 4";

    private static final double ASSERTION_MILLIS_MAX = 20_000;
    private static final String BESIDE_THE_SCREEN =
            """
            [...document.querySelectorAll("body *")]
              .filter((one) => one.getBoundingClientRect().right > document.documentElement.clientWidth && !one.closest(".unseen, thead, nav"))
              .map((one) => one.outerHTML.slice(0, 100))\
            """;

    private @Nullable Chromium chromium;
    private @Nullable Server server;
    private final List<String> complaints = new CopyOnWriteArrayList<>();

    @BeforeAll
    void start(@TempDir Path home) {
        var executable = Chromium.installed();
        assumeTrue(executable.isPresent(), "no Chromium on the PATH: the console is not tested");
        setDefaultAssertionTimeout(ASSERTION_MILLIS_MAX);
        chromium = new Chromium(executable.get());
        prepare(home);
        server = new Server(home, 0, settings());
    }

    /// What is set beside what all servers of these tests have.
    Map<String, String> settings() {
        return Map.of();
    }

    /// Before the server starts on this directory.
    void prepare(Path home) {}

    @AfterAll
    void stop() {
        if (server != null) {
            server.close();
        }
        if (chromium != null) {
            chromium.close();
        }
    }

    @AfterEach
    void nothingWentWrongInTheBrowser() {
        var all = List.copyOf(complaints);
        complaints.clear();
        assertThat(all).isEmpty();
    }

    final Server server() {
        return requireNonNull(server);
    }

    final BrowserContext visitor(ColorScheme colors) {
        return visitor(colors, 1280);
    }

    final BrowserContext visitor(ColorScheme colors, int width) {
        return requireNonNull(chromium).visitor(colors, width, 800);
    }

    /// A page whose errors, and whose requests to anybody else, are complaints.
    final Page watched(BrowserContext context) {
        var page = context.newPage();
        page.onConsoleMessage(message -> {
            if (message.type().equals("error") && !message.text().startsWith(REFUSED)) {
                complaints.add(message.text());
            }
        });
        page.onPageError(complaints::add);
        page.onRequest(request -> {
            if (!request.url().startsWith(server().http().toString())
                    && !request.url().startsWith("data:")) {
                complaints.add("asked " + request.url());
            }
        });
        return page;
    }

    final Page signedIn(BrowserContext context) {
        var page = watched(context);
        page.navigate(server().signInLink());
        page.locator("nav a[href='#/devices']").click();
        assertThat(page.locator(".liveness")).hasText("Live");
        return page;
    }

    /// @param place such as `/commands`
    final Page at(BrowserContext context, String place) {
        var page = signedIn(context);
        page.navigate(server().http() + "/#" + place);
        return page;
    }

    /// What is too pale to be read, as WCAG 2.2 AA measures it.
    static List<?> lowContrast(Page page) {
        try (var file = ConsoleRig.class.getResourceAsStream("contrast.js")) {
            return (List<?>)
                    page.evaluate(
                            new String(
                                    requireNonNull(file).readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// What reaches beyond the screen's right edge.
    static List<?> besideTheScreen(Page page) {
        return (List<?>) page.evaluate(BESIDE_THE_SCREEN);
    }
}
