package org.tethral.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.options.ColorScheme;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tethral.archive.BackupFile;

/// Whoever runs the platform sees how its integrations fare, and how full its parts are.
final class OperationsTest extends ConsoleRig {

    /// Where nobody listens.
    private static final String NOWHERE = "127.0.0.1:9";

    @Override
    Map<String, String> settings() {
        return Map.of(
                "bridge", "mqtt://user:not-for-others@" + NOWHERE,
                "bridge-topics", "plant/#",
                "thingspeak-url", "http://" + NOWHERE);
    }

    @BeforeAll
    void fill() throws Exception {
        server().add("weather-1", "Weather");
        server().knockOnLorawan("0004A30B001C0530");
        server().send(
                        "POST",
                        "/api/v1/subscriptions",
                        """
                        {"subscription_id": "desk", "sink": {"kind": "webhook", "url": "http://%s/"}}\
                        """
                                .formatted(NOWHERE));
    }

    @ParameterizedTest
    @CsvSource({"1280, LIGHT", "360, DARK"})
    void showsHowEachIntegrationFares(int width, ColorScheme colors) {
        try (var context = visitor(colors, width)) {
            var page = at(context, "/integrations");
            var desk = new Desk(page);
            assertThat(page.locator("h1")).hasText("Integrations");
            var bridge = page.locator("[data-way='bridge']");
            assertThat(bridge).containsText("MQTT bridge");
            assertThat(bridge.locator(".status")).hasText("failing");
            assertThat(bridge).containsText("is not connected");
            assertThat(bridge).containsText("plant/#");
            assertThat(bridge).not().containsText("not-for-others");
            var things = page.locator("[data-way='tts-http']");
            assertThat(things.locator(".status")).hasText("connected");
            assertThat(things).containsText("1 received");
            assertThat(things).containsText("1 kept in the inbox");
            assertThat(page.locator("[data-way='chirpstack-http'] .status")).hasText("waiting");
            assertThat(page.locator("tr[data-sink='webhook']")).containsText("1");
            assertThat(page.locator("tr[data-sink='kafka']")).containsText("none");
            assertThat(lowContrast(page)).isEmpty();
            assertThat(besideTheScreen(page)).isEmpty();
            desk.shoot("integrations-" + width + "-" + colors);
        }
    }

    @Test
    void aChannelIsAddedPausedResumedAndRemoved() {
        try (var context = visitor(ColorScheme.LIGHT)) {
            var page = at(context, "/integrations");
            var desk = new Desk(page);
            assertThat(desk.part("ThingSpeak")).containsText("No channel is read");
            desk.button("Add a channel").click();
            desk.field("Device").fill("nobody");
            desk.field("Channel of ThingSpeak").fill("12397");
            desk.button("Read it").click();
            assertThat(page.locator(".notice.bad")).containsText("nobody");
            desk.field("Device").fill("weather-1");
            desk.field("Read key, if it is not public").fill("secret-of-channel");
            desk.button("Read it").click();
            var row = page.locator("tr[data-channel='12397']");
            assertThat(row).containsText("weather-1");
            assertThat(row.locator(".status")).hasText("failing"); // nobody listens there
            assertThat(page.locator("main")).not().containsText("secret-of-channel");
            assertThat(lowContrast(page)).isEmpty();
            desk.shoot("integrations-channel");
            row.getByText("Pause").click();
            assertThat(row.locator(".status")).hasText("paused");
            row.getByText("Resume").click();
            assertThat(row.locator(".status")).not().hasText("paused");
            row.getByText("Remove").click();
            row.getByText("Remove it").click();
            assertThat(row).hasCount(0);
        }
    }

    @ParameterizedTest
    @CsvSource({"1280, DARK", "360, LIGHT"})
    void showsHowFullItsPartsAre(int width, ColorScheme colors) throws Exception {
        try (var context = visitor(colors, width)) {
            var page = at(context, "/system");
            var desk = new Desk(page);
            assertThat(page.locator("h1")).hasText("System");
            assertThat(page.locator("nav [aria-current]")).hasText("System");
            assertThat(desk.part("How full it is").locator("[data-load='ingest lane 0']"))
                    .containsText("of 32,768 messages");
            assertThat(page.locator("[data-load='outside broker'] .meter")).isVisible();
            assertThat(page.locator("[data-load='memory of the heap']"))
                    .containsText(Pattern.compile("[1-9].* MiB of"));
            assertThat(page.locator("[data-part='database'] .status")).hasText("working");
            assertThat(page.locator("[data-part='bridge'] .status")).hasText("failing");
            assertThat(desk.part("Nodes")).containsText("this one");
            assertThat(page.locator("main")).containsText("SQLite 3");
            var stored = desk.part("Since the start").locator("li").first();
            var before = stored.innerText();
            try (var device = server().connect("weather-1")) {
                device.report("{\"heat\": 20}");
                assertThat(stored).not().hasText(before); // it lives
            }
            assertThat(card(desk, "Last commit")).containsText("ago");
            assertThat(lowContrast(page)).isEmpty();
            assertThat(besideTheScreen(page)).isEmpty();
            desk.shoot("system-" + width + "-" + colors);
        }
    }

    @Test
    void makesABackupThatIsSound() throws Exception {
        try (var context = visitor(ColorScheme.LIGHT)) {
            var page = at(context, "/system");
            var desk = new Desk(page);
            desk.button("Make one now").click();
            var files = desk.part("Backups").locator("[data-backup]");
            assertThat(files).hasCount(1);
            assertThat(desk.button("Make one now")).isEnabled();
            var folder = desk.part("Backups").locator("code").first().innerText();
            var file = Path.of(folder, files.getAttribute("data-backup"));
            try (var backup = BackupFile.open(file)) {
                backup.check(_ -> {});
                assertThat(backup.manifest().rows()).isPositive();
            }
            desk.shoot("system-backup");
        }
    }

    private static Locator card(Desk desk, String name) {
        return desk.page()
                .locator(".figures .card")
                .filter(new Locator.FilterOptions().setHasText(name));
    }
}
