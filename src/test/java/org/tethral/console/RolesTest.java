package org.tethral.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.kernel.Eventually.eventually;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tethral.json.Json;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// People of one community walk through all pages: each shows what is theirs, asks for nothing that
/// it would be refused, and offers what its reader may do.
final class RolesTest extends ConsoleRig {

    private static final String PASSWORD = "correct horse battery";
    private static final List<String> ADMINISTRATION = List.of("/people", "/api-keys", "/audit");

    private static final List<String> OF_ALL = List.of("/inbox", "/system");

    private static final List<String> ACTS_ON_A_DEVICE =
            List.of(
                    "Send",
                    "Edit",
                    "Move on…",
                    "Disable…",
                    "Remove…",
                    "Edit what is wanted",
                    "Edit the configuration",
                    "Add a credential");

    /// What an operator may do there, and a viewer may not.
    private final Map<String, List<String>> acts = new TreeMap<>();

    private final List<String> refused = new CopyOnWriteArrayList<>();

    @BeforeAll
    void fill() throws Exception {
        var community = made("communities", Map.of("name", "North")).text("id").orElseThrow();
        for (var role : List.of("community_admin", "operator", "viewer")) {
            made(
                    "users",
                    Map.of(
                            "email", role + "@example.org",
                            "role", role,
                            "password", PASSWORD,
                            "community_id", community));
        }
        made(
                "devices",
                Map.of("device_id", "n-1", "community_id", community, "token", "token-of-n-1"));
        made("devices", Map.of("device_id", "foreign-1"));
        rule("hot", "device", "n-1", 90);
        rule("foreign", "device", "foreign-1", 90);
        var shared = made("profiles", Map.of("name", "of all")).text("id").orElseThrow();
        rule("shared", "profile", shared, 9_000);
        var command =
                made("devices/n-1/command", Map.of("command_name", "open"))
                        .text("command_id")
                        .orElseThrow();
        subscription("north", ", \"community_id\": \"" + community + "\"");
        subscription("foreign", "");
        try (var device = server().connect("n-1")) {
            device.report("{\"heat\": 95}");
            eventually(() -> server().get("/api/v1/alerts?open=true").contains("n-1"));
        }
        acts.put("/", List.of());
        acts.put("/devices", List.of());
        acts.put("/devices/n-1", ACTS_ON_A_DEVICE);
        acts.put("/alerts", List.of("Acknowledge", "Resolve"));
        acts.put("/alert-rules", List.of("Add a rule", "Disable", "Remove"));
        acts.put("/commands", List.of());
        acts.put("/commands/" + command, List.of("Cancel"));
        acts.put("/subscriptions", List.of());
        acts.put("/subscriptions/north", List.of("Resume", "Send dead letters again"));
        acts.put("/account", List.of());
        acts.put("/integrations", List.of());
        acts.put("/import", List.of("Devices"));
        var space =
                made("spaces", Map.of("code", "N-1", "community_id", community))
                        .text("id")
                        .orElseThrow();
        made("spaces", Map.of("code", "foreign"));
        acts.put("/spaces", List.of("Add a location", "Add a space"));
        acts.put("/spaces/" + space, List.of("Reserve", "Override", "Put in maintenance"));
    }

    private void rule(String name, String scope, String of, int threshold) throws Exception {
        send(
                "alert-rules",
                """
                {"name": "%s", "scope": "%s", "scope_id": "%s", "severity": "critical",
                 "condition": "metric", "metric": "heat", "operator": ">", "threshold": %d}\
                """
                        .formatted(name, scope, of, threshold));
    }

    private void subscription(String name, String more) throws Exception {
        send(
                "subscriptions",
                """
                {"subscription_id": "%s", "active": false, "sink": {"kind": "webhook", "url": "http://127.0.0.1:9/"}%s}\
                """
                        .formatted(name, more));
    }

    private Document made(String path, Map<String, String> fields) throws Exception {
        var body = Document.EMPTY;
        for (var field : fields.entrySet()) {
            body = body.with(field.getKey(), Value.of(field.getValue()));
        }
        return send(path, Json.write(body));
    }

    private Document send(String path, String body) throws Exception {
        return Json.parseObject(server().send("POST", "/api/v1/" + path, body));
    }

    @ParameterizedTest
    @CsvSource({"community_admin, true, true", "operator, true, false", "viewer, false, false"})
    void walksThroughEveryPage(String role, boolean acting, boolean administering) {
        try (var context = visitor(ColorScheme.LIGHT)) {
            var page = entered(context.newPage(), role);
            assertThat(page.locator("nav a[href='#/people']")).hasCount(administering ? 1 : 0);
            acts.forEach((place, names) -> {
                look(page, place);
                for (var name : names) {
                    assertThat(button(page, name)).hasCount(acting ? 1 : 0);
                }
            });
            if (acting) {
                look(page, "/codecs");
            } else {
                go(page, "/codecs");
                assertThat(page.locator(".empty h2")).hasText("For operators");
            }
            for (var place : OF_ALL) {
                go(page, place);
                assertThat(page.locator(".empty h2")).hasText("For people of all communities");
            }
            for (var place : ADMINISTRATION) {
                if (administering) {
                    look(page, place);
                } else {
                    go(page, place);
                    assertThat(page.locator(".empty h2")).hasText("For administrators");
                }
            }
            assertThat(refused).isEmpty();
        }
    }

    @Test
    void offersNoProfileOfAllForARuleAndNoRoleAboveOnesOwn() {
        try (var context = visitor(ColorScheme.DARK)) {
            var page = entered(context.newPage(), "community_admin");
            go(page, "/alert-rules");
            assertThat(page.locator("tr[data-rule='shared']")).isVisible();
            assertThat(page.locator("tr[data-rule='shared'] button")).hasCount(0);
            button(page, "Add a rule").click();
            assertThat(page.locator(".rule-form select").nth(1).locator("option"))
                    .hasText(new String[] {"a device", "all of a community"});
            assertThat(lowContrast(page)).isEmpty();
            for (var form :
                    Map.of("/people", "Add a person", "/api-keys", "Make a key").entrySet()) {
                go(page, form.getKey());
                button(page, form.getValue()).click();
                assertThat(page.locator("select[name='role'] option"))
                        .hasText(new String[] {"administrator", "operator", "viewer"});
            }
            assertThat(refused).isEmpty();
        }
    }

    /// Signs in, and watches from then on what is refused.
    private Page entered(Page page, String role) {
        refused.clear();
        page.navigate(server().http().toString());
        page.locator("#email").fill(role + "@example.org");
        page.locator("#password").fill(PASSWORD);
        page.onResponse(response -> {
            if (response.status() >= 400) {
                refused.add(response.status() + " " + response.url());
            }
        });
        page.keyboard().press("Enter");
        assertThat(page.locator("h1")).hasText("Overview");
        return page;
    }

    private void go(Page page, String place) {
        page.navigate(server().http() + "/#" + place);
        page.evaluate("() => new Promise(done => setTimeout(done))"); // the page hears of it
    }

    private void look(Page page, String place) {
        go(page, place);
        assertThat(page.locator("main h1")).isVisible();
        assertThat(page.locator(".placeholder")).hasCount(0);
        assertThat(page.locator(".notice.bad")).hasCount(0);
        assertThat(page.locator("main")).not().containsText("foreign");
        assertThat(lowContrast(page)).as(place).isEmpty();
    }

    private static Locator button(Page page, String name) {
        return page.locator("main")
                .getByRole(
                        AriaRole.BUTTON,
                        new Locator.GetByRoleOptions().setName(name).setExact(true));
    }
}
