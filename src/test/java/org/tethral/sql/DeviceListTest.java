package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.tethral.sql.Devices.ACTOR;
import static org.tethral.sql.Devices.NOW;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.tethral.account.CommunityId;
import org.tethral.device.Device;
import org.tethral.device.DeviceFilter;
import org.tethral.device.DeviceStore;
import org.tethral.device.Lifecycle;
import org.tethral.device.Protocol;
import org.tethral.device.Status;
import org.tethral.kernel.Document;
import org.tethral.kernel.Page;
import org.tethral.kernel.Value;

@EachEngine
class DeviceListTest {

    private final Database database;
    private final DeviceStore store;

    DeviceListTest(TestDatabase test) {
        this.database = test.database();
        this.store = new SqlDeviceStore(database);
    }

    @Test
    void listsAllInTheOrderOfTheirIdsWhileOthersAreAdded() {
        var prefix = filter(null, null, null, null, "page-");
        var ids = IntStream.range(0, 25).mapToObj(i -> "page-%02d".formatted(i * 2)).toList();
        store.addAll(ids.stream().map(Devices::plain).toList(), ACTOR);
        var seen = new ArrayList<String>();
        var request = Page.Request.first(10);
        for (int added = 0; ; added++) {
            var page = store.list(prefix, request);
            page.items().forEach(device -> seen.add(device.deviceId().value()));
            // one before what was read, one after
            Devices.add(database, "page-%02d-before".formatted(added));
            Devices.add(database, "page-99-%d".formatted(added));
            if (page.next().isEmpty()) {
                break;
            }
            request = new Page.Request(10, page.next().get());
        }
        assertThat(seen).isSorted().doesNotHaveDuplicates().containsAll(ids).contains("page-99-0");
    }

    @Test
    void refusesACursorThatItDidNotGive() {
        for (var cursor : List.of("", "x", "!!", "ZGV2aWNlcw", Cursor.of("1").encode("events"))) {
            assertThatThrownBy(() -> store.list(DeviceFilter.ALL, new Page.Request(10, cursor)))
                    .isInstanceOf(Page.BadCursor.class);
        }
    }

    @Test
    void findsDevicesByEachFilter() {
        var community = CommunityId.DEFAULT;
        var full = Devices.full("filtered ☂ süd", null);
        store.add(full, null, ACTOR);
        store.add(Devices.plain("filtered not"), null, ACTOR);
        var wanted =
                List.of(
                        filter(Status.UNKNOWN, Protocol.MQTT, null, null, "filtered"),
                        filter(null, null, "pressure", null, "filtered"),
                        filter(null, null, "flow \"x\"", null, "filtered"),
                        filter(null, null, null, List.of("site", "north"), "filtered"),
                        filter(null, null, null, List.of("floor"), "filtered"),
                        filter(null, null, null, null, "ILTERED ☂ SÜ"),
                        new DeviceFilter(
                                community,
                                null,
                                null,
                                Lifecycle.ACTIVE,
                                "Acme",
                                "P-7",
                                "pump",
                                null,
                                null,
                                null,
                                null,
                                "filtered"));
        for (var filter : wanted) {
            assertThat(store.list(filter, Page.Request.first(10)).items())
                    .as("%s", filter)
                    .containsExactly(full);
        }
        var unwanted =
                List.of(
                        filter(Status.ONLINE, null, null, null, "filtered"),
                        filter(null, Protocol.HTTP, null, null, "filtered"),
                        filter(null, null, "press", null, "filtered"),
                        filter(null, null, null, List.of("site", "south"), "filtered"),
                        filter(null, null, null, List.of("floor", "3"), "filtered"),
                        filter(null, null, null, List.of("pages"), "filtered"),
                        filter(null, null, null, null, "filtered%"),
                        filter(null, null, null, null, "filt_red"));
        for (var filter : unwanted) {
            assertThat(store.list(filter, Page.Request.first(10)).items())
                    .as("%s", filter)
                    .isEmpty();
        }
    }

    @Test
    void findsDevicesByWhatIsSaidOfThemNow() {
        var lamp = Devices.full("said-of-a-lamp", null);
        store.add(lamp, null, ACTOR);
        var byText = filter(null, null, null, null, "said-of-a");
        assertThat(store.list(byText, Page.Request.first(10)).items()).containsExactly(lamp);
        var about = Device.About.named("Leselampe \"zwei\" 100%");
        var renamed = lamp.changed(about, true, NOW);
        store.change(renamed, ACTOR);
        for (var search : List.of("leseLAMPE", "\"zwei\"", "0%", "said-of", "i", "lamp")) {
            assertThat(
                            store.list(
                                            filter(null, null, null, null, search),
                                            Page.Request.first(500))
                                    .items())
                    .as(search)
                    .contains(renamed);
        }
        for (var filter :
                List.of(
                        filter(null, null, "pressure", null, "said-of"),
                        filter(null, null, null, List.of("site", "north"), "said-of"),
                        filter(null, null, null, null, "Pumpe Süd ☂ said"))) {
            assertThat(store.list(filter, Page.Request.first(10)).items()).isEmpty();
        }
        store.remove(lamp.deviceId(), DeviceStore.History.KEEP, ACTOR, NOW);
        assertThat(store.list(byText, Page.Request.first(10)).items()).isEmpty();
        var text = "x".repeat(5_000);
        var long1 = Devices.with("long-1", described(text + "1"));
        store.addAll(List.of(long1, Devices.with("long-2", described(text + "2"))), ACTOR);
        var byLongText = filter(null, null, null, List.of("text", text + "1"), "");
        assertThat(store.list(byLongText, Page.Request.first(10)).items()).containsExactly(long1);
    }

    private static Device.About described(String text) {
        return new Device.About(
                "n",
                null,
                null,
                null,
                null,
                null,
                null,
                List.of(text, text + "3"),
                Document.of("text", Value.of(text)),
                Document.EMPTY,
                CommunityId.DEFAULT,
                null,
                null);
    }

    private static DeviceFilter filter(
            @Nullable Status status,
            @Nullable Protocol protocol,
            @Nullable String capability,
            @Nullable List<String> metadata,
            String search) {
        return new DeviceFilter(
                null,
                status,
                protocol,
                null,
                null,
                null,
                null,
                capability,
                null,
                metadata == null ? null : metadata.getFirst(),
                metadata == null || metadata.size() < 2 ? null : metadata.get(1),
                search);
    }

    @Test
    void countsThemByStatusLifecycleProtocolAndType() {
        var other = new CommunityId(java.util.UUID.randomUUID());
        database.write(
                "add",
                session ->
                        session.sql(
                                        "INSERT INTO communities (id, name, created_at) VALUES (?, 'counted', ?)")
                                .set(other)
                                .set(NOW)
                                .update());
        for (int i = 0; i < 3; i++) {
            var about =
                    new Device.About(
                            "n",
                            i == 0 ? null : "lamp",
                            null,
                            i == 2 ? Protocol.HTTP : Protocol.MQTT,
                            null,
                            null,
                            null,
                            List.of(),
                            Document.EMPTY,
                            Document.of("lat", Value.of(1.5)),
                            other,
                            null,
                            null);
            store.add(Devices.with("counted-" + i, about), null, ACTOR);
        }
        var statistics = store.statistics(other);
        assertThat(statistics.total()).isEqualTo(3);
        assertThat(statistics.byStatus()).containsExactly(java.util.Map.entry(Status.UNKNOWN, 3L));
        assertThat(statistics.byLifecycle())
                .containsExactly(java.util.Map.entry(Lifecycle.ACTIVE, 3L));
        assertThat(statistics.byProtocol())
                .containsExactly(java.util.Map.entry("http", 1L), java.util.Map.entry("mqtt", 2L));
        assertThat(statistics.byType()).containsExactly(java.util.Map.entry("lamp", 2L));
        assertThat(store.statistics(null).total()).isEqualTo(count("SELECT count(*) FROM devices"));
    }

    private long count(String statement) {
        return database.read("count", session -> session.sql(statement).number());
    }
}
