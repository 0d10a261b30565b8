package org.tethral.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.kernel.Eventually.eventually;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tethral.sql.TestDatabase;

/// Somebody sees to one device: its credentials, what is said and wanted of it, its life.
final class DevicePageTest extends ConsoleRig {

    private static final int POINTS = 100_000;
    private static final double DRAWN_MILLIS_MAX = 1_500;

    /// Draws that many points on the page's own chart, five times; gives the median in
    /// milliseconds.
    private static final String DRAW_MANY =
            """
            async (points) => {
              const { chart } = await import("/chart.js");
              const element = document.createElement("div");
              document.querySelector("main").append(element);
              const times = Float64Array.from({ length: points }, (_, at) => 1.7e9 + at);
              const values = Float64Array.from(times, (time) => Math.sin(time / 900) * 20 + (time % 7));
              const plot = chart(element, () => {});
              const spent = [];
              for (let turn = 0; turn < 5; turn++) {
                const begin = performance.now();
                plot.show([[...times], [...values]], times[0], times[points - 1] + turn);
                await new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)));
                spent.push(performance.now() - begin);
              }
              plot.close();
              element.remove();
              return spent.sort((a, b) => a - b)[2];
            }\
            """;

    @Test
    void theMainWalk() throws Exception {
        try (var context = visitor(ColorScheme.LIGHT)) {
            walk(signedIn(context), server());
        }
    }

    @Test
    void theMainWalkOnPostgreSql(@TempDir Path home) throws Exception {
        try (var database = TestDatabase.postgresql();
                var server = new Server(home, 0, database.commandLine());
                var context = visitor(ColorScheme.DARK)) {
            var page = context.newPage();
            page.navigate(server.signInLink());
            page.locator("nav a[href='#/devices']").click();
            walk(page, server);
        }
    }

    private void walk(Page page, Server server) throws Exception {
        server.add("w-1", "Pump");
        page.navigate(server.http() + "/#/devices/w-1");
        assertThat(page.locator("h1")).hasText("Pump");
        addsATokenAndUsesWhatIsShown(page, server);
        rotatesAndRevokes(page);
        saysWhatIsWanted(page, server);
        editsWhatSomebodyElseEditsToo(page, server);
        movesItThroughItsLife(page);
        assertThat(lowContrast(page)).isEmpty();
        removesIt(page);
    }

    private static void addsATokenAndUsesWhatIsShown(Page page, Server server) throws Exception {
        var rows = page.locator("tr[data-credential]");
        assertThat(rows).hasCount(1);
        button(page.locator("main"), "Add a credential").click();
        button(dialog(page), "Add it and show it").click();
        assertThat(dialog(page)).containsText("not shown again");
        for (var way : List.of("HTTP", "MQTT")) {
            var command = dialog(page).locator("pre[aria-label='" + way + "']").innerText();
            shell(command.replace("21.5", way.equals("HTTP") ? "31.25" : "32.75"));
        }
        assertThat(lowContrast(page)).isEmpty();
        page.keyboard().press("Escape");
        assertThat(dialog(page)).containsText("Escape once more");
        button(dialog(page), "I have it").click();
        assertThat(dialog(page)).hasCount(0);
        assertThat(rows).hasCount(2);
        assertThat(page.locator("[data-value='temperature']")).containsText("32.75");
        assertThat(server.get("/api/v1/devices/w-1/snapshots")).contains("31.25", "32.75");
    }

    private static void shell(String command) throws Exception {
        var process = new ProcessBuilder("bash", "-c", command).redirectErrorStream(true).start();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).as(command).isTrue();
        assertThat(process.exitValue()).as(command + ": " + output).isZero();
    }

    private static void rotatesAndRevokes(Page page) {
        var rows = page.locator("tr[data-credential]");
        button(rows.first(), "Rotate Token").click();
        dialog(page).locator("select[name=overlap]").selectOption("3600");
        button(dialog(page), "Make a new one").click();
        assertThat(dialog(page)).containsText("The former one stays good for an hour.");
        button(dialog(page), "I have it").click();
        assertThat(rows).hasCount(3);
        var ending = rows.filter(new Locator.FilterOptions().setHasText("ending"));
        assertThat(ending).hasCount(1);
        button(ending, "Revoke Token").click();
        button(dialog(page), "Revoke").click();
        assertThat(dialog(page)).hasCount(0);
        assertThat(rows).hasCount(2);
        button(page.locator("[aria-label=Credentials]"), "Show 1 that is over").click();
        assertThat(rows.filter(new Locator.FilterOptions().setHasText("revoked"))).hasCount(1);
    }

    private static void saysWhatIsWanted(Page page, Server server) throws Exception {
        var wanted = page.locator("[aria-label='Desired and reported'] tbody tr");
        button(page.locator("main"), "Edit what is wanted").click();
        var form = dialog(page);
        form.locator("[name=value-name]").fill("temperature");
        form.locator("[name=value]").fill("warm");
        button(form, "Save").click();
        assertThat(form.locator(".form-problem")).hasText("temperature: “warm” is no number");
        form.locator("[name=value]").fill("32,75");
        button(form, "Add a value").click();
        form.locator("[name=value-name]").nth(1).fill("limits");
        form.locator("[name=value-kind]").nth(1).selectOption("json");
        form.locator("[name=value]").nth(1).fill("{\"low\": 1, \"high\": 9}");
        button(form, "Save").click();
        assertThat(form).hasCount(0);
        assertThat(wanted)
                .hasText(
                        new Pattern[] {
                            Pattern.compile("limits\\.high\\s*9\\s*—\\s*waiting"),
                            Pattern.compile("limits\\.low\\s*1\\s*—\\s*waiting"),
                            Pattern.compile("temperature\\s*32\\.75\\s*32\\.75\\s*in step")
                        });

        button(page.locator("main"), "Edit what is wanted").click();
        server.desire("w-1", "{\"limits\": {\"high\": 10}}");
        button(form, "JSON").click();
        form.locator("textarea").fill("{\"limits\": {\"low\": 2, \"high\": 9}}");
        button(form, "Save").click();
        assertThat(form).containsText("Somebody else changed it");
        button(form, "Take over the newest").click();
        assertThat(form.locator("textarea")).hasValue(Pattern.compile("10"));
        form.locator("textarea").fill("{\"limits\": {\"low\": 2, \"high\": 10}}");
        button(form, "Save").click();
        assertThat(form).hasCount(0);
        assertThat(wanted).hasCount(2);
        assertThat(wanted.last()).hasText(Pattern.compile("limits\\.low\\s*2\\s*—\\s*waiting"));
        assertThat(server.get("/api/v1/devices/w-1/state")).contains("{\"low\":2,\"high\":10}");
    }

    private static void editsWhatSomebodyElseEditsToo(Page page, Server server) throws Exception {
        button(page.locator("main"), "Edit").click();
        var form = dialog(page);
        server.send("PATCH", "/api/v1/devices/w-1", "{\"model\": \"P-300\", \"name\": \"Big\"}");
        form.getByLabel("Name").fill("Pump in the cellar");
        form.getByLabel("Capabilities").fill("pump, valve");
        form.getByLabel("Latitude").fill("47.5");
        form.getByLabel("Attributes").fill("{\"room\": {\"floor\": -1}}");
        button(form, "Save").click();
        assertThat(form).containsText("Somebody else changed this device");
        assertThat(form).containsText("Model is P-300 now.");
        button(form, "Save").click();
        assertThat(form).hasCount(0);
        assertThat(page.locator("h1")).hasText("Pump in the cellar");
        assertThat(page.locator("[aria-label=About]")).containsText("P-300");
        assertThat(server.get("/api/v1/devices/w-1"))
                .contains(
                        "\"model\":\"P-300\"",
                        "[\"pump\",\"valve\"]",
                        "{\"lat\":47.5}",
                        "{\"room\":{\"floor\":-1}}");
    }

    private static void movesItThroughItsLife(Page page) {
        button(page.locator("main"), "Disable…").click();
        button(dialog(page), "Disable").click();
        assertThat(page.locator(".vitals")).containsText("disabled");
        button(page.locator("main"), "Enable…").click();
        button(dialog(page), "Enable").click();
        assertThat(page.locator(".vitals")).not().containsText("disabled");

        button(page.locator("main"), "Move on…").click();
        dialog(page).locator("select").selectOption("maintenance");
        dialog(page).getByLabel("Why").fill("new bearings");
        button(dialog(page), "Move it on").click();
        var life = page.locator("[aria-label=Life]");
        assertThat(life.locator("li").first()).containsText("in maintenance after");
        assertThat(life.locator("li").first()).containsText("new bearings");
        assertThat(page.locator("[aria-label=Events] tbody")).containsText("device.lifecycle");
    }

    private static void removesIt(Page page) {
        button(page.locator("main"), "Remove…").click();
        var form = dialog(page);
        form.getByLabel("goes, too").check();
        form.locator("[name=sure]").fill("w-2");
        button(form, "Remove it with its history").click();
        assertThat(form).isVisible(); // that was another id
        form.locator("[name=sure]").fill("w-1");
        button(form, "Remove it with its history").click();
        assertThat(page.locator("h1")).hasText("Devices");
        assertThat(form).hasCount(0);
        assertThat(page.locator("tr[data-device='w-1']")).hasCount(0);
    }

    @Test
    void withoutAMouseTheFocusComesBackToWhereItWas() throws Exception {
        server().add("k-1", "Keyboard");
        try (var context = visitor(ColorScheme.DARK)) {
            var page = at(context, "/devices/k-1");
            assertThat(page.locator("h1")).hasText("Keyboard");
            page.locator("main").focus();
            AccessibilityTest.tabTo(page, "Edit");
            page.keyboard().press("Enter");
            assertThat(page.locator(":focus")).hasAttribute("name", "name");
            page.keyboard().press("ControlOrMeta+a");
            page.keyboard().type("Typed");
            page.keyboard().press("Escape");
            assertThat(dialog(page)).hasCount(0);
            assertThat(page.locator(":focus")).hasText("Edit");
            assertThat(page.locator("h1")).hasText("Keyboard");
            page.keyboard().press("Enter");
            assertThat(page.locator(":focus")).hasAttribute("name", "name");
            page.keyboard().press("ControlOrMeta+a");
            page.keyboard().type("Typed");
            page.keyboard().press("Enter");
            assertThat(page.locator("h1")).hasText("Typed");
            assertThat(page.locator(":focus")).hasText("Edit");

            AccessibilityTest.tabTo(page, "Move on…");
            page.keyboard().press("Enter");
            AccessibilityTest.tabTo(page, "Why, for its history");
            page.keyboard().type("tried");
            page.keyboard().press("Enter");
            assertThat(page.locator("[aria-label=Life] li").first()).containsText("tried");
            AccessibilityTest.tabTo(page, "Add a credential");
            page.keyboard().press("Enter");
            AccessibilityTest.tabTo(page, "Add it and show it");
            page.keyboard().press("Enter");
            assertThat(dialog(page)).containsText("not shown again");
            page.keyboard().press("Escape");
            page.keyboard().press("Escape");
            assertThat(dialog(page)).hasCount(0);
            assertThat(page.locator(":focus")).hasText("Add a credential");

            AccessibilityTest.tabTo(page, "Edit what is wanted");
            page.keyboard().press("Enter");
            page.keyboard().press("Tab");
            AccessibilityTest.tabTo(page, "Name");
            page.keyboard().type("level");
            AccessibilityTest.tabTo(page, "Value");
            page.keyboard().type("3");
            page.keyboard().press("Enter");
            assertThat(page.locator(".deltas")).containsText("level");
            assertThat(page.locator(":focus")).hasAttribute("aria-label", "Edit what is wanted");
        }
    }

    @Test
    void looksBackOnAChartAndTakesItAlong() throws Exception {
        server().add("c-1", "Chart");
        try (var context = visitor(ColorScheme.LIGHT);
                var device = server().connect("c-1")) {
            device.report("{\"heat\": 20.5}");
            device.report("{\"heat\": 21.5}");
            device.state("warm");
            var page = at(context, "/devices/c-1");
            var chart = page.locator(".chart-area");
            assertThat(chart).hasAttribute("data-points", "2");
            var saved =
                    page.waitForDownload(() -> button(page.locator("main"), "Save as CSV").click());
            assertThat(saved.suggestedFilename()).isEqualTo("c-1 heat.csv");
            assertThat(Files.readAllLines(saved.path()))
                    .hasSize(3)
                    .satisfies(lines -> assertThat(lines.getFirst()).isEqualTo("\"time\",\"heat\""))
                    .satisfies(lines -> assertThat(lines.getLast()).endsWith("Z,21.5"));

            var states = page.locator("[aria-label=State]");
            assertThat(states.locator(".changes")).containsText("warm");
            button(page.locator("main"), "← Earlier").click();
            button(page.locator("main"), "← Earlier").click();
            assertThat(page.locator(".chart-foot")).containsText("until");
            assertThat(page.locator(".chart-empty")).isVisible();
            assertThat(states.locator(".changes")).containsText("had not changed by then");
            button(page.locator("main"), "Live").click();
            assertThat(chart).hasAttribute("data-points", "2");
            device.report("{\"heat\": 22.5}");
            assertThat(chart).hasAttribute("data-points", "3");
            assertThat(states.locator(".changes")).containsText("warm");
            var millis = ((Number) page.evaluate(DRAW_MANY, POINTS)).doubleValue();
            System.out.printf("a chart of %,d points: %.0f ms%n", POINTS, millis);
            assertThat(millis).isLessThan(DRAWN_MILLIS_MAX);
        }
    }

    @Test
    void leadsFromAFailureOfACodecToItsTrial() throws Exception {
        var profile =
                server().send(
                                "POST",
                                "/api/v1/profiles",
                                """
                                {"name": "probe", "codec": {"language": "javascript",
                                  "source": "function decodeUplink(input) { return { data: { first: input.bytes[0] } }; }"}}\
                                """);
        var id = Pattern.compile("\"id\":\"([^\"]+)\"").matcher(profile);
        assertThat(id.find()).isTrue();
        server().add("n-1", "No codec");
        server().send(
                        "POST",
                        "/api/v1/devices",
                        """
                        {"device_id": "d-1", "profile_id": "%s"}\
                        """
                                .formatted(id.group(1)));
        server().send(
                        "POST",
                        "/api/v1/events",
                        """
                        {"type": "codec.failed", "device_id": "d-1",
                         "data": {"reason": "error", "message": "no such channel", "line": 6, "input": "2a01", "f_port": 7}}\
                        """);
        try (var context = visitor(ColorScheme.LIGHT)) {
            var page = at(context, "/devices/n-1");
            assertThat(page.locator("[aria-label=Events] tbody tr").first()).isVisible();
            assertThat(page.locator("[aria-label=Codec]")).hasCount(0);
            page.navigate(server().http() + "/#/devices/d-1");
            var codec = page.locator("[aria-label=Codec]");
            assertThat(codec).containsText("javascript, of the profile probe");
            assertThat(codec).containsText("no such channel");
            assertThat(codec).containsText("line 6");
            codec.getByText("Try it").click();
            assertThat(page.locator("h1")).hasText("Try a codec");
            assertThat(page.locator("[name=bytes]")).hasValue("2a01");
            assertThat(page.locator("[name=f_port]")).hasValue("7");
            button(page.locator("main"), "Try it").click();
            assertThat(page.locator(".result")).containsText("\"first\": 42");
        }
    }

    /// Somebody else's change is seen without a reload, and so is what the device itself tells.
    @Test
    void seesWhatHappensMeanwhileAndFitsANarrowScreen() throws Exception {
        server().add("m-1", "Meanwhile");
        try (var context = visitor(ColorScheme.DARK, 360)) {
            var page = at(context, "/devices/m-1");
            assertThat(page.locator("h1")).hasText("Meanwhile");
            var events = page.locator("[aria-label=Events] tbody");
            assertThat(events).containsText("device.registered");
            server().send("PATCH", "/api/v1/devices/m-1", "{\"name\": \"Renamed\"}");
            assertThat(page.locator("h1")).hasText("Renamed");
            server().desire("m-1", "{\"a_name_that_is_rather_long\": {\"inner\": true}}");
            assertThat(page.locator(".deltas")).containsText("waiting");
            assertThat(events).containsText("device.updated");
            assertThat(besideTheScreen(page)).isEmpty();
            for (var name : List.of("Edit", "Remove…", "Edit what is wanted", "Add a credential")) {
                button(page.locator("main"), name).click();
                assertThat(dialog(page)).isVisible();
                assertThat(besideTheScreen(page)).as(name).isEmpty();
                assertThat(lowContrast(page)).as(name).isEmpty();
                button(dialog(page), "Cancel").click();
            }
            button(page.locator("main"), "Remove…").click();
            page.goBack();
            assertThat(dialog(page)).hasCount(0);
            eventually(() -> !page.url().endsWith("m-1"));
        }
    }

    private static Locator dialog(Page page) {
        return page.locator("dialog");
    }

    private static Locator button(Locator where, String name) {
        return where.getByRole(
                AriaRole.BUTTON, new Locator.GetByRoleOptions().setName(name).setExact(true));
    }
}
