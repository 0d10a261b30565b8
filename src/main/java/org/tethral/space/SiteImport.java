package org.tethral.space;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.tethral.account.Actor;
import org.tethral.account.CommunityId;
import org.tethral.device.DevEui;
import org.tethral.device.Device;
import org.tethral.device.DeviceId;
import org.tethral.device.DeviceStore;
import org.tethral.device.Protocol;
import org.tethral.kernel.Document;
import org.tethral.kernel.Page;
import org.tethral.kernel.Value;

/// A whole site out of one table: its locations, spaces, sensors and displays, and who serves whom.
/// What is there already stays and is brought in line, so a file may be imported again. Each row is
/// taken by itself; a bad one keeps no other from being taken.
public final class SiteImport {

    private static final Set<String> COLUMNS =
            Set.of(
                    "space",
                    "name",
                    "location",
                    "site",
                    "building",
                    "floor",
                    "zone",
                    "sensor_eui",
                    "sensor_id",
                    "display_eui",
                    "display_id",
                    "display_type",
                    "fport",
                    "confirmed",
                    "application");

    /// By their depth in a path.
    private static final List<Location.Kind> KINDS =
            List.of(
                    Location.Kind.SITE,
                    Location.Kind.BUILDING,
                    Location.Kind.FLOOR,
                    Location.Kind.ZONE);

    private final DeviceStore registry;
    private final ServingDevices devices;
    private final LocationStore locations;
    private final SpaceStore spaces;
    private final Supplier<UUID> ids;

    /// @param line of the file
    public record Fault(int line, String reason) {}

    /// @param added spaces that were not there before
    /// @param known spaces that were
    /// @param devices that were registered
    public record Report(int added, int known, int devices, List<Fault> faults) {
        public Report {
            faults = List.copyOf(faults);
        }
    }

    /// @param ids makes new ones
    public SiteImport(
            DeviceStore registry,
            ServingDevices devices,
            LocationStore locations,
            SpaceStore spaces,
            Supplier<UUID> ids) {
        this.registry = registry;
        this.devices = devices;
        this.locations = locations;
        this.spaces = spaces;
        this.ids = ids;
    }

    /// @throws IllegalArgumentException it is no table of spaces
    public Report run(String csv, @Nullable CommunityId community, Actor by, Instant at) {
        var run = new Run(community, by, at);
        for (var row : SiteFile.parse(csv)) {
            try {
                run.take(row);
            } catch (IllegalArgumentException e) {
                run.faults.add(new Fault(row.line(), String.valueOf(e.getMessage())));
            }
        }
        return new Report(run.added, run.known, run.registered, run.faults);
    }

    private final class Run {
        private final @Nullable CommunityId community;
        private final Actor by;
        private final Instant at;
        private final List<Fault> faults = new ArrayList<>();
        private final Map<List<String>, LocationId> places = new HashMap<>();
        private int added;
        private int known;
        private int registered;

        Run(@Nullable CommunityId community, Actor by, Instant at) {
            this.community = community;
            this.by = by;
            this.at = at;
        }

        void take(SiteFile.Row row) {
            var code = row.cell("space");
            if (code.isEmpty()) {
                throw new IllegalArgumentException("the row names no space");
            }
            var sensor = sensor(row);
            var display = display(row);
            var space = space(row, code, place(path(row)));
            assign(space.id(), Part.SENSOR, sensor);
            assign(space.id(), Part.DISPLAY, display);
        }

        private @Nullable DeviceId sensor(SiteFile.Row row) {
            var eui = eui(row, "sensor_eui");
            var id = device(row.cell("sensor_id"), eui);
            if (id == null) {
                return null;
            }
            register(id, "sensor", eui);
            if (devices.sensor(id).isEmpty()) {
                put(
                        devices.put(
                                new SensorDevice(
                                        id,
                                        eui,
                                        null,
                                        null,
                                        blankToNull(row, "application"),
                                        null,
                                        null),
                                at));
            }
            return id;
        }

        private @Nullable DeviceId display(SiteFile.Row row) {
            var eui = eui(row, "display_eui");
            var id = device(row.cell("display_id"), eui);
            if (id == null) {
                return null;
            }
            register(id, "display", eui);
            if (devices.display(id).isEmpty()) {
                var word = row.cell("display_type");
                var type = word.isEmpty() ? DisplayType.KUANDO_BUSYLIGHT : DisplayType.parse(word);
                var fport = row.cell("fport");
                put(
                        devices.put(
                                new DisplayDevice(
                                        id,
                                        eui,
                                        type,
                                        type.usualCodes(),
                                        fport.isEmpty() ? type.usualFport() : fport(fport),
                                        row.cell("confirmed").equalsIgnoreCase("true"),
                                        blankToNull(row, "application"),
                                        null),
                                by,
                                at));
            }
            return id;
        }

        private @Nullable DeviceId device(String id, @Nullable DevEui eui) {
            if (!id.isEmpty()) {
                return new DeviceId(id);
            }
            return eui == null
                    ? null
                    : devices.find(eui)
                            .map(LorawanDevice::device)
                            .orElseGet(() -> new DeviceId(eui.value().toLowerCase(Locale.ROOT)));
        }

        private void register(DeviceId id, String type, @Nullable DevEui eui) {
            if (registry.find(id).isPresent()) {
                return;
            }
            var about =
                    new Device.About(
                            id.value(),
                            type,
                            null,
                            eui == null ? null : Protocol.LORAWAN,
                            null,
                            null,
                            null,
                            List.of(),
                            Document.EMPTY,
                            Document.EMPTY,
                            community,
                            null,
                            null);
            switch (registry.add(Device.register(ids.get(), id, about, at), null, by)) {
                case DeviceStore.Addition.Added _ -> registered++;
                case DeviceStore.Addition.IdTaken _, DeviceStore.Addition.IdentityTaken _ ->
                        throw new IllegalArgumentException("the device id " + id + " is taken");
            }
        }

        private void put(ServingDevices.Outcome outcome) {
            switch (outcome) {
                case ServingDevices.Outcome.Done _ -> {}
                case ServingDevices.Outcome.NoSuchDevice _ ->
                        throw new IllegalArgumentException("the device was removed meanwhile");
                case ServingDevices.Outcome.DevEuiTaken(var taken) ->
                        throw new IllegalArgumentException(
                                "another device has the DevEUI " + taken);
            }
        }

        private @Nullable LocationId place(List<String> path) {
            @Nullable LocationId parent = null;
            for (int depth = 1; depth <= path.size(); depth++) {
                var part = path.subList(0, depth);
                if (part.getLast().isEmpty()) {
                    continue;
                }
                var there = places.get(part);
                parent = there == null ? place(part.getLast(), depth - 1, parent) : there;
                places.put(List.copyOf(part), parent);
            }
            return parent;
        }

        private LocationId place(String name, int depth, @Nullable LocationId parent) {
            var kind = KINDS.get(depth);
            var filter = new LocationStore.Filter(community, parent, kind);
            var page = Page.Request.first(Page.Request.LIMIT_MAX);
            for (var one : locations.list(filter, page).items()) {
                if (one.name().equals(name)
                        && Optional.ofNullable(one.parent()).equals(Optional.ofNullable(parent))) {
                    return one.id();
                }
            }
            var id = new LocationId(ids.get());
            var made = new Location(id, parent, kind, name, null, null, null, community, at, 1);
            if (!(locations.add(made) instanceof LocationStore.Outcome.Done)) {
                throw new IllegalArgumentException("the location '" + name + "' fits nowhere");
            }
            return id;
        }

        private Space space(SiteFile.Row row, String code, @Nullable LocationId location) {
            var filter = new SpaceStore.Filter(community, location, code, null, null, null, null);
            var page = Page.Request.first(Page.Request.LIMIT_MAX);
            for (var one : spaces.list(filter, page).items()) {
                if (Optional.ofNullable(one.about().location())
                        .equals(Optional.ofNullable(location))) {
                    known++;
                    return one;
                }
            }
            var name = row.cell("name");
            var about =
                    new Space.About(
                            name.isEmpty() ? code : name, code, location, community, rest(row));
            var made = done(spaces.add(Space.made(new SpaceId(ids.get()), about, at), by));
            added++;
            return made;
        }

        private void assign(SpaceId space, Part part, @Nullable DeviceId device) {
            if (device != null) {
                done(
                        spaces.assign(
                                space, part, device, "import", new SpaceStore.Act(by, at, null)));
            }
        }
    }

    private static @Nullable DevEui eui(SiteFile.Row row, String column) {
        var text = row.cell(column);
        return text.isEmpty() ? null : DevEui.parse(text);
    }

    private static int fport(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("fport is a number", e);
        }
    }

    private static @Nullable String blankToNull(SiteFile.Row row, String column) {
        var text = row.cell(column);
        return text.isEmpty() ? null : text;
    }

    /// `Site/Building/Floor/Zone` in one column, or a column each; parts may be empty.
    private static List<String> path(SiteFile.Row row) {
        var whole = row.cell("location");
        if (whole.isEmpty()) {
            return List.of(
                    row.cell("site"), row.cell("building"), row.cell("floor"), row.cell("zone"));
        }
        var parts = List.of(whole.split("/")).stream().map(String::strip).toList();
        if (parts.size() > KINDS.size()) {
            throw new IllegalArgumentException(
                    "a location has four parts at most: site, building, floor, zone");
        }
        return parts;
    }

    /// What else an older system knew of the space.
    private static Document rest(SiteFile.Row row) {
        var rest = Document.EMPTY;
        for (var cell : row.cells().entrySet()) {
            if (!COLUMNS.contains(cell.getKey())) {
                rest = rest.with(cell.getKey(), Value.of(cell.getValue()));
            }
        }
        return rest;
    }

    private static Space done(SpaceStore.Outcome outcome) {
        return switch (outcome) {
            case SpaceStore.Outcome.Done(var space) -> space;
            case SpaceStore.Outcome.Unknown _, SpaceStore.Outcome.VersionIsNow _ ->
                    throw new IllegalArgumentException("somebody else changed the space meanwhile");
            case SpaceStore.Outcome.CodeTaken(var code) ->
                    throw new IllegalArgumentException("the code '" + code + "' is taken");
            case SpaceStore.Outcome.NothingThere(var what) ->
                    throw new IllegalArgumentException(
                            "there is no such " + what + " in this community");
            case SpaceStore.Outcome.ServesAnother(var other) ->
                    throw new IllegalArgumentException("the sensor serves space " + other);
        };
    }
}
