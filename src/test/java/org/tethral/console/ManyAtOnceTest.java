package org.tethral.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.kernel.Eventually.eventually;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.FilePayload;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// A person does the same to many devices: out of the inbox, out of a file, in the list.
final class ManyAtOnceTest extends PostgresConsoleRig {

    @Test
    void letsInWhoKnockedAndForgetsTheRest() throws Exception {
        for (var devEui : List.of("00000000000000A1", "00000000000000A2", "00000000000000A3")) {
            server().knockOnLorawan(devEui);
        }
        try (var context = visitor(ColorScheme.DARK, 360)) {
            var page = at(context, "/inbox");
            var desk = new Desk(page);
            assertThat(page.locator("tr[data-identity]")).hasCount(3);
            assertThat(knocker(page, "A1")).containsText("lorawan");
            knocker(page, "A1").locator("input").check();
            assertThat(page.locator(".selection")).containsText("1 selected");
            desk.button("Register").click();
            desk.field("Device id").fill("bay-1");
            desk.field("Type").fill("parking");
            desk.field("Codec of a sensor").selectOption("cayenne-lpp");
            assertThat(lowContrast(page)).isEmpty();
            assertThat(besideTheScreen(page)).isEmpty();
            desk.shoot("inbox-register");
            desk.button("Register 1").click();
            assertThat(page.locator(".job")).containsText("1 registered");
            assertThat(knocker(page, "A1")).hasCount(0);
            assertThat(server().get("/api/v1/devices/bay-1")).contains("parking");
            eventually(() -> server().get("/api/v1/devices/bay-1/state").contains("27.2"));

            desk.button("Select all that are shown").click();
            desk.button("Forget").click();
            desk.button("Forget 2").click();
            assertThat(page.locator(".empty h2")).hasText("Nobody waits");
        }
    }

    @Test
    void takesDevicesOutOfAFileLineByLine() throws Exception {
        server().add("i-old", "Old");
        server().add("i-same", "Same");
        var csv =
                """
                \uFEFFdevice_id,name,capabilities,metadata,enabled,token
                i-new,"New, with ""quotes""\","[""pump""]","{""room"": ""cellar""}",,
                i-old,'-5 degrees,,,false,
                i-same,Same,,,,

                i-broken,Broken,,{room,,
                i-new,Twice,,,,
                ,Nameless,,,,
                i-short,Short
                i/refused,Refused,,,,
                """;
        try (var context = visitor(ColorScheme.LIGHT)) {
            var page = at(context, "/import");
            var desk = new Desk(page);
            give(page, "devices.csv", csv);
            assertThat(page.locator("tr[data-line='2'] td").nth(1)).hasText("new");
            assertThat(page.locator("tr[data-line='3'] td").nth(1))
                    .containsText("changes name, enabled");
            assertThat(page.locator("tr[data-line='4'] td").nth(1)).hasText("as it is");
            var faults = page.locator(".faults li");
            assertThat(faults)
                    .hasText(
                            new Pattern[] {
                                Pattern.compile("line 6 metadata is no JSON: .*"),
                                Pattern.compile("line 7 i-new was there before, in this file"),
                                Pattern.compile("line 8 it has no device_id"),
                                Pattern.compile("line 9 it has 2 cells, the first line has 6")
                            });
            assertThat(lowContrast(page)).isEmpty();
            desk.shoot("import-preview");
            desk.field("Devices that are there already").selectOption("change");
            desk.button("Import 4 rows").click();
            var job = page.locator(".job[data-phase='done']");
            assertThat(job).containsText("8 of 8 rows");
            for (var part : List.of("1 new", "1 changed", "1 are so already", "5 failed")) {
                assertThat(job).containsText(part);
            }
            assertThat(server().get("/api/v1/devices/i-new"))
                    .contains("New, with \\\"quotes\\\"", "\"pump\"", "cellar");
            assertThat(server().get("/api/v1/devices/i-old"))
                    .contains("\"-5 degrees\"", "\"enabled\":false");
            var report = page.waitForDownload(() -> desk.button("Download what failed").click());
            assertThat(Files.readAllLines(report.path()))
                    .hasSize(6)
                    .contains("line,id,reason", "9,\"\",\"it has 2 cells, the first line has 6\"")
                    .anyMatch(line -> line.startsWith("10,i/refused,"));
            desk.shoot("import-done");
        }
    }

    @Test
    void whatItExportsItImports() throws Exception {
        server().add("x-1", "=1+1");
        server().add("x-2", "Two; with, \\\"all\\\"");
        try (var context = visitor(ColorScheme.LIGHT)) {
            var page = at(context, "/devices?q=x-");
            assertThat(page.locator("tr[data-device]")).hasCount(2);
            page.getByText("Import, export").click();
            var desk = new Desk(page);
            assertThat(desk.part("Export")).containsText("q x-");
            var download = page.waitForDownload(() -> desk.button("Export CSV").click());
            var text = Files.readString(download.path());
            assertThat(text.lines()).hasSize(3);
            assertThat(text).contains("x-1,'=1+1,ESP32").doesNotContain("token-of");
            give(page, "devices.csv", text);
            assertThat(page.locator("tr[data-line='3'] td").nth(1)).hasText("as it is");
            desk.field("Devices that are there already").selectOption("change");
            desk.button("Import 2 rows").click();
            assertThat(page.locator(".job")).containsText("2 are so already");
        }
    }

    @Test
    void takesASiteOutOfAFile() throws Exception {
        var csv =
                """
                space;name;location;sensor_eui
                P-1;First;Harbour/Garage;00000000000000B1
                P-2;Second;Harbour/Garage;not an EUI
                ;Nameless;;
                P-3;Third;Harbour/Garage;
                """;
        try (var context = visitor(ColorScheme.DARK)) {
            var page = at(context, "/import?what=site");
            var desk = new Desk(page);
            give(page, "site.csv", csv);
            assertThat(page.locator(".faults li")).hasText("line 4 it names no space");
            assertThat(lowContrast(page)).isEmpty();
            desk.shoot("import-site");
            desk.button("Import 3 rows").click();
            var job = page.locator(".job[data-phase='done']");
            assertThat(job).containsText("2 taken");
            assertThat(job).containsText("2 failed");
            assertThat(
                            job.locator(".failures li")
                                    .filter(new Locator.FilterOptions().setHasText("P-2")))
                    .containsText("line 3");
            assertThat(server().get("/api/v1/spaces?limit=10")).contains("P-1", "P-3");
        }
    }

    @Test
    void saysWhatIsWrongWithAFileThatIsNone() {
        try (var context = visitor(ColorScheme.LIGHT)) {
            var page = at(context, "/import");
            give(page, "x.csv", "id,colour\n1,red\n");
            assertThat(page.locator(".notice.bad")).containsText("device_id");
            give(page, "x.csv", "device_id,colour\n1,red\n");
            assertThat(page.locator(".notice.bad")).containsText("no column colour");
            give(page, "x.csv", "device_id,name\n1,\"red\n");
            assertThat(page.locator(".notice.bad")).containsText("line 2 does not end");
            give(page, "x.csv", "");
            assertThat(page.locator(".notice.bad")).containsText("nothing in it");
        }
    }

    @Test
    void doesTheSameToAllThatTheListShows() throws Exception {
        for (int n = 0; n < 60; n++) {
            server().add("b-%02d".formatted(n), "Bulb " + n);
        }
        try (var context = visitor(ColorScheme.LIGHT)) {
            var page = at(context, "/devices?q=bulb");
            var desk = new Desk(page);
            assertThat(page.locator("tr[data-device]")).hasCount(50);
            page.locator("tr[data-device='b-00'] input").check();
            page.locator("tr[data-device='b-01'] input").check();
            assertThat(desk.part("Selection")).containsText("2 selected");
            desk.button("Label").click();
            desk.field("Label").fill("room");
            desk.field("Value; empty takes it away").fill("attic");
            assertThat(lowContrast(page)).isEmpty();
            desk.shoot("bulk-label");
            desk.button("Label 2 devices").click();
            assertThat(page.locator(".job")).containsText("2 labelled");
            assertThat(server().get("/api/v1/devices?metadata_key=room&metadata_value=attic"))
                    .contains("b-00", "b-01");
            desk.button("Done").click();

            page.getByLabel("Select all that are shown").check();
            assertThat(desk.part("Selection")).containsText("50 selected");
            desk.button("Select all that the list shows").click();
            assertThat(desk.part("Selection")).containsText("60 selected");
            desk.button("Command").click();
            desk.field("Command").fill("dim");
            desk.button("Send to 60 devices").click();
            page.getByText("the command", new Page.GetByTextOptions().setExact(true)).click();
            assertThat(page.locator("h1")).containsText("dim");
            assertThat(page.locator("main")).containsText("60");
            page.goBack();

            assertThat(page.locator("tr[data-device]")).hasCount(50);
            page.getByLabel("Select all that are shown").check();
            desk.button("Select all that the list shows").click();
            assertThat(desk.part("Selection")).containsText("60 selected");
            server().send("DELETE", "/api/v1/devices/b-07?history=purge", ""); // meanwhile
            desk.button("Remove").click();
            desk.field("What they reported").selectOption("purge");
            desk.shoot("bulk-remove");
            desk.button("Remove 60 devices").click();
            assertThat(page.locator(".job")).containsText("59 removed");
            assertThat(page.locator(".failures li")).containsText("b-07");
            assertThat(page.locator(".empty h2")).hasText("No device matches");
        }
    }

    private static Locator knocker(Page page, String end) {
        return page.locator("tr[data-identity='00000000000000" + end + "']");
    }

    private static void give(Page page, String name, String text) {
        page.locator("input[type=file]")
                .setInputFiles(
                        new FilePayload(name, "text/csv", text.getBytes(StandardCharsets.UTF_8)));
    }
}
