package org.tethral.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tethral.account.CommunityId;
import org.tethral.json.Json;
import org.tethral.kernel.Value;

/// The board of spaces, the page of one, and the page to try a codec.
final class SpacesTest extends ConsoleRig {

    private String floor = "";

    @BeforeAll
    void fill() throws Exception {
        var site = made("locations", "{\"name\": \"Harbour\", \"kind\": \"site\"}");
        floor =
                made(
                        "locations",
                        "{\"name\": \"Level 1\", \"kind\": \"floor\", \"parent_id\": \"%s\"}"
                                .formatted(site));
    }

    /// In the community in which devices are by themselves.
    private String made(String path, String body) throws Exception {
        var owned =
                Json.parseObject(body)
                        .with("community_id", Value.of(CommunityId.DEFAULT.toString()));
        return Json.parseObject(server().send("POST", "/api/v1/" + path, Json.write(owned)))
                .text("id")
                .orElseThrow();
    }

    /// A space on that floor with a sensor of its own; gives its id.
    private String space(String code) throws Exception {
        sensor("sensor-" + code);
        return made(
                "spaces",
                "{\"code\": \"%s\", \"location_id\": \"%s\", \"sensor_device_id\": \"sensor-%s\"}"
                        .formatted(code, floor, code));
    }

    private void sensor(String id) throws Exception {
        server().add(id, id);
        server().send("PUT", "/api/v1/sensors/" + id, "{\"occupancy_field\": \"taken\"}");
    }

    @ParameterizedTest
    @CsvSource({"1280, LIGHT", "1280, DARK", "360, LIGHT"})
    void showsWhatEachSpaceIsAsItChanges(int width, ColorScheme colors) throws Exception {
        var code = "B-" + width + colors;
        space(code);
        made("spaces", "{\"code\": \"Nowhere %s\"}".formatted(code));
        try (var context = visitor(colors, width);
                var sensor = server().connect("sensor-" + code)) {
            var page = at(context, "/spaces");
            assertThat(tile(page, code)).containsText("unknown");
            sensor.report("{\"taken\": true}");
            assertThat(tile(page, code)).containsText("occupied");
            sensor.report("{\"taken\": false}");
            assertThat(tile(page, code)).containsText("free");
            assertThat(lowContrast(page)).isEmpty();
            assertThat(besideTheScreen(page)).isEmpty();
            page.locator(".places a").filter(named("Level 1")).click();
            assertThat(tile(page, code)).isVisible();
            assertThat(tile(page, "Nowhere " + code)).hasCount(0);
            button(page, "Occupied").first().click();
            assertThat(tile(page, code)).hasCount(0);
            sensor.report("{\"taken\": true}");
            assertThat(tile(page, code)).isVisible();
            tile(page, code).click();
            assertThat(page.locator("h1")).hasText(code);
        }
    }

    @Test
    void reservesCancelsOverridesAndMaintains() throws Exception {
        var id = space("R-1");
        try (var context = visitor(ColorScheme.LIGHT);
                var sensor = server().connect("sensor-R-1")) {
            sensor.report("{\"taken\": false}");
            var page = at(context, "/spaces/" + id);
            var is = page.locator(".vitals dd").first();
            assertThat(is).containsText("free");
            button(page, "Reserve").click();
            assertThat(lowContrast(page)).isEmpty();
            page.locator("[name='ends_at']").fill("2099-01-01T10:00");
            page.locator("[name='holder']").fill("Grace");
            button(page, "Book it").click();
            assertThat(page.locator(".notice.bad")).containsText("366 days");
            page.locator("[name='starts_at']").fill("2099-01-01T09:00");
            button(page, "Book it").click();
            var booked = page.locator("tr[data-reservation]");
            assertThat(booked).containsText("Grace");
            assertThat(booked).containsText("confirmed");
            button(page, "Cancel").click();
            assertThat(booked).containsText("cancelled");

            page.locator("[name='state']").selectOption("occupied");
            button(page, "Override").click();
            assertThat(is).containsText("occupied");
            assertThat(page.locator("tr[data-actuation]").first()).containsText("by hand");
            button(page, "Take it back").click();
            assertThat(is).containsText("free");
            button(page, "Put in maintenance").click();
            assertThat(is).containsText("maintenance");
            button(page, "Back in service").click();
            assertThat(is).containsText("free");
            sensor.report("{\"taken\": true}");
            assertThat(is).containsText("occupied");
            assertThat(lowContrast(page)).isEmpty();
            page.setViewportSize(360, 800);
            assertThat(besideTheScreen(page)).isEmpty();
        }
    }

    @Test
    void addsASpaceAndSwapsItsSensor() throws Exception {
        sensor("old-sensor");
        sensor("new-sensor");
        try (var context = visitor(ColorScheme.DARK)) {
            var page = at(context, "/spaces");
            button(page, "Add a space").click();
            page.locator("[name='code']").fill("S-1");
            page.locator("[name='location_id']").selectOption(floor);
            page.locator("[name='sensor_device_id']").selectOption("old-sensor");
            assertThat(lowContrast(page)).isEmpty();
            button(page, "Add the space").click();
            tile(page, "S-1").click();
            var devices = page.locator("section[aria-label='Devices']");
            assertThat(devices).containsText("old-sensor");
            button(page, "Swap").first().click();
            page.locator(".swap select").selectOption("new-sensor");
            page.locator(".swap [name='reason']").fill("battery is empty");
            button(page, "Assign").first().click();
            assertThat(devices.locator(".servant").first()).containsText("new-sensor");
            assertThat(devices.locator("li")).hasCount(2);
            assertThat(devices).containsText("battery is empty");
        }
    }

    @Test
    void triesACodecAndSaysWhereItFails() {
        try (var context = visitor(ColorScheme.LIGHT)) {
            var page = at(context, "/codecs");
            page.locator("[name='bytes']").fill("01 5f");
            button(page, "Try it").click();
            assertThat(page.locator(".result")).containsText("\"battery\": 95");
            page.locator("textarea")
                    .fill("function decodeUplink(input) {\n  throw new Error('odd');\n}");
            button(page, "Try it").click();
            assertThat(page.locator(".notice.bad")).containsText("line 2");
            assertThat(lowContrast(page)).isEmpty();
            page.setViewportSize(360, 800);
            assertThat(besideTheScreen(page)).isEmpty();
        }
    }

    private static Locator tile(Page page, String code) {
        return page.locator("[data-space='" + code + "']");
    }

    private static Locator.FilterOptions named(String text) {
        return new Locator.FilterOptions().setHasText(text);
    }

    private static Locator button(Page page, String name) {
        return page.locator("main")
                .getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName(name));
    }
}
