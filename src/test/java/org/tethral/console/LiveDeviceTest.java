package org.tethral.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.APIResponse;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.ColorScheme;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/// A device's page while it is asked and told at once.
final class LiveDeviceTest extends ConsoleRig {

    private record Held(Route route, APIResponse answer) {}

    @Test
    void keepsWhatItWasToldWhileAnOlderAnswerWasOnItsWay() throws Exception {
        server().add("l-1", "Kiln");
        try (var context = visitor(ColorScheme.LIGHT)) {
            var page = at(context, "/devices/l-1");
            assertThat(page.locator("h1")).hasText("Kiln");
            var held = new AtomicReference<Held>();
            page.route(
                    "**/api/v1/devices/l-1/state",
                    route -> held.set(new Held(route, route.fetch())));
            report("{\"heat\": 31.25}"); // of a device that was offline: the page asks anew
            var heat = page.locator("[data-value='heat']");
            assertThat(heat).containsText("31.25");
            page.waitForCondition(() -> held.get() != null);
            try (var kiln = server().connect("l-1")) {
                kiln.report("{\"heat\": 32.75}");
                assertThat(heat).containsText("32.75");
                page.waitForResponse(
                        response -> response.url().contains("/l-1/series"), () -> release(held));
                kiln.report("{\"flow\": 7}");
                assertThat(page.locator("[data-value='flow']")).containsText("7");
                assertThat(heat).containsText("32.75");
            }
        }
    }

    private static void release(AtomicReference<Held> held) {
        var late = held.get();
        assertThat(late.answer().text()).contains("31.25").doesNotContain("32.75");
        late.route().fulfill(new Route.FulfillOptions().setResponse(late.answer()));
    }

    private void report(String values) throws Exception {
        try (var client = HttpClient.newHttpClient()) {
            var request =
                    HttpRequest.newBuilder(server().http().resolve("/device/v1/report"))
                            .header("Authorization", "Bearer token-of-l-1")
                            .POST(HttpRequest.BodyPublishers.ofString(values))
                            .build();
            var answer = client.send(request, HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        }
    }
}
