package org.tethral.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tethral.account.Actor;
import org.tethral.account.CommunityId;
import org.tethral.device.Device;
import org.tethral.device.DeviceId;
import org.tethral.kernel.Document;
import org.tethral.sql.Database;
import org.tethral.sql.DatabaseUrl;
import org.tethral.sql.SqlDeviceStore;

/// The list of a fleet of 100,000: it shows, scrolls and filters without loading them all. Prints
/// its figures, which `docs/benchmarks.md` tells.
@Tag("soak")
final class LargeFleetTest extends ConsoleRig {

    private static final int DEVICES = 100_000;
    private static final int TOGETHER = 5_000;
    private static final int PARTS_SCROLLED = 40;

    @Override
    void prepare(Path home) {
        var url = new DatabaseUrl.Sqlite(home.resolve("tethral.db"));
        try (var database = Database.open(url, InstantSource.system())) {
            var store = new SqlDeviceStore(database);
            for (int from = 0; from < DEVICES; from += TOGETHER) {
                var some = new ArrayList<Device>();
                for (int n = from; n < from + TOGETHER; n++) {
                    some.add(device(n));
                }
                store.addAll(some, Actor.system("test"));
            }
        }
    }

    private static Device device(int n) {
        var about =
                new Device.About(
                        "Meter %06d".formatted(n),
                        n % 2 == 0 ? "even" : "odd",
                        null,
                        null,
                        null,
                        null,
                        null,
                        List.of(),
                        Document.EMPTY,
                        Document.EMPTY,
                        CommunityId.DEFAULT,
                        null,
                        null);
        return Device.register(
                new UUID(1, n),
                new DeviceId("meter-%06d".formatted(n)),
                about,
                Instant.parse("2026-01-01T00:00:00Z"));
    }

    @Test
    void showsScrollsAndFiltersWithoutLoadingThemAll() {
        try (var context = visitor(ColorScheme.LIGHT)) {
            var page = watched(context);
            page.navigate(server().signInLink());
            assertThat(page.locator("h1")).hasText("Overview");
            var asked = new CopyOnWriteArrayList<String>();
            page.onRequest(request -> asked.add(request.url()));
            var rows = page.locator("tr[data-device]");

            var begin = System.nanoTime();
            page.locator("nav a[href='#/devices']").click();
            assertThat(rows).hasCount(50);
            figure("first rows", begin);

            begin = System.nanoTime();
            page.getByText("Show more").click();
            assertThat(rows).hasCount(100);
            figure("the next rows", begin);

            begin = System.nanoTime();
            var last = "";
            for (int part = 2; part < PARTS_SCROLLED; part++) {
                page.evaluate("scrollTo(0, document.documentElement.scrollHeight)");
                var before = last;
                page.waitForFunction(
                        "before => [...document.querySelectorAll('tr[data-device]')].at(-1).dataset.device !== before",
                        before);
                last =
                        (String)
                                page.evaluate(
                                        "[...document.querySelectorAll('tr[data-device]')].at(-1).dataset.device");
                assertThat(rows.count()).isLessThanOrEqualTo(400);
            }
            figure(PARTS_SCROLLED + " parts scrolled", begin);
            assertThat(last).isGreaterThan("meter-001500");
            assertThat(page.locator("main")).containsText("come before these");
            while (!first(page).equals("meter-000000")) { // and all the way back
                var before = first(page);
                page.evaluate("scrollTo(0, 0)");
                page.waitForFunction(
                        "before => document.querySelector('tr[data-device]').dataset.device !== before",
                        before);
                assertThat(rows.count()).isLessThanOrEqualTo(400);
            }

            filter(page);
            assertThat(asked)
                    .filteredOn(url -> url.contains("/api/v1/devices?"))
                    .allMatch(url -> url.matches(".*limit=([1-4]?\\d\\d?|[1-3]\\d\\d|400)(&.*)?"));
        }
    }

    private static void filter(Page page) {
        var rows = page.locator("tr[data-device]");
        var begin = System.nanoTime();
        page.locator("#search").fill("meter 099999");
        assertThat(rows).hasCount(1);
        figure("one of them found", begin);
        begin = System.nanoTime();
        page.locator("#search").fill("");
        page.getByLabel("Type").selectOption("odd");
        assertThat(rows.first()).hasAttribute("data-device", "meter-000001");
        figure("filtered by type", begin);
    }

    @Test
    void looksThroughAFileOfAHundredThousandLinesAndTakesSomeOfThem(@TempDir Path folder)
            throws Exception {
        var file = folder.resolve("fleet.csv");
        try (var out = Files.newBufferedWriter(file, StandardCharsets.UTF_8)) {
            out.write("device_id,name,device_type,metadata\n");
            for (int n = 0; n < DEVICES; n++) {
                out.write("new-%06d,New %d,meter,\"{\"\"row\"\": %d}\"\n".formatted(n, n, n));
            }
        }
        try (var context = visitor(ColorScheme.LIGHT)) {
            var page = at(context, "/import");
            var desk = new Desk(page);
            var begin = System.nanoTime();
            page.locator("input[type=file]").setInputFiles(file);
            assertThat(desk.button("Import 100,000 rows")).isVisible();
            figure("a file of 100,000 lines looked through", begin);
            begin = System.nanoTime();
            desk.button("Import 100,000 rows").click();
            page.waitForFunction("() => document.querySelector('.job progress').value >= 2000");
            figure("2,000 lines taken", begin);
            desk.button("Stop").click();
            assertThat(page.locator(".job[data-phase='stopped']"))
                    .containsText("what was done stays");
        }
    }

    private static String first(Page page) {
        return (String) page.evaluate("document.querySelector('tr[data-device]').dataset.device");
    }

    private static void figure(String what, long begin) {
        System.out.printf("large fleet: %s: %,.0f ms%n", what, (System.nanoTime() - begin) / 1e6);
    }
}
