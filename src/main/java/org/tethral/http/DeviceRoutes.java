package org.tethral.http;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;
import org.tethral.account.Ownership;
import org.tethral.account.Role;
import org.tethral.device.Credential;
import org.tethral.device.Device;
import org.tethral.device.DeviceFilter;
import org.tethral.device.DeviceId;
import org.tethral.device.DeviceStore;
import org.tethral.device.Evictions;
import org.tethral.device.Lifecycle;
import org.tethral.device.ProfileId;
import org.tethral.device.Protocol;
import org.tethral.device.Status;
import org.tethral.ingest.Ingest;
import org.tethral.kernel.Document;
import org.tethral.kernel.Secret;
import org.tethral.kernel.Value;
import org.tethral.state.StateStore;

/// `/api/v1/devices`: the registry.
final class DeviceRoutes {

    private final DeviceStore devices;
    private final Ownership ownership;
    private final StateStore states;
    private final Evictions evictions;
    private final Ingest ingest;
    private final InstantSource clock;
    private final RandomGenerator random;

    DeviceRoutes(HttpEdge.Parts parts) {
        this.devices = parts.stores().devices();
        this.ownership = parts.stores().ownership();
        this.states = parts.stores().states();
        this.evictions = parts.evictions();
        this.ingest = parts.ingest();
        this.clock = parts.clock();
        this.random = parts.random();
    }

    void on(Operations.Target operations) {
        operations.on("listDevices", this::list);
        operations.on("addDevice", this::add);
        operations.on("deviceStatistics", this::statistics);
        operations.on("getDevice", request -> reply(200, find(request.deviceId())));
        operations.on("changeDevice", this::change);
        operations.on("removeDevice", this::remove);
        operations.on("listLifecycle", this::lifecycle);
        operations.on("moveLifecycle", this::move);
    }

    private Reply list(ApiRequest request) {
        var filter =
                new DeviceFilter(
                        request.community(),
                        request.query("status", Status::parse),
                        request.query("protocol", Protocol::parse),
                        request.query("lifecycle", Lifecycle::parse),
                        request.query("manufacturer").orElse(null),
                        request.query("model").orElse(null),
                        request.query("device_type").orElse(null),
                        request.query("capability").orElse(null),
                        request.query("profile_id", ProfileId::parse),
                        request.query("metadata_key").orElse(null),
                        request.query("metadata_value").orElse(null),
                        request.query("q").orElse(null));
        var page = devices.list(filter, request.page());
        return Reply.ok(
                request.query("include").isPresent()
                        ? Fields.page(page, this::withState)
                        : Fields.page(page, DeviceJson::document));
    }

    private Document withState(Device device) {
        return states.find(device.deviceId())
                .map(state -> DeviceJson.fields(device).value("state", StateJson.document(state)))
                .orElseGet(() -> DeviceJson.fields(device))
                .document();
    }

    Reply add(ApiRequest request) {
        var now = clock.instant();
        var id = request.field("device_id", DeviceId::new);
        var given = request.body();
        var about = DeviceJson.about(id.value(), given);
        if (given.find("community_id").isEmpty()) {
            about =
                    DeviceJson.about(
                            id.value(),
                            given.with("community_id", Value.of(CommunityId.DEFAULT.toString())));
        }
        checkReferences(about);
        var device = Device.register(Ids.next(random), id, about, now);
        var token = token(request);
        var credential = token == null ? null : Credential.token(Ids.next(random), id, token, now);
        return switch (devices.add(device, credential, request.principal().actor())) {
            case DeviceStore.Addition.Added(var added) ->
                    Reply.created(
                                    path(id),
                                    DeviceJson.fields(added)
                                            .text("token", token == null ? null : token.reveal())
                                            .document())
                            .with("ETag", Reply.etag(added.version()))
                            .audited(
                                    Act.added(
                                            id,
                                            added.about().community(),
                                            DeviceJson.document(added)));
            case DeviceStore.Addition.IdTaken _ ->
                    Reply.of(
                            Problem.of(
                                    409,
                                    "device-id-taken",
                                    "there is a device '" + id + "' already"));
            case DeviceStore.Addition.IdentityTaken _ ->
                    Reply.of(
                            Problem.of(
                                    409, "token-taken", "the token serves another device already"));
        };
    }

    private @Nullable Secret token(ApiRequest request) {
        return switch (request.body().find("token").orElse(Value.of(""))) {
            case Value.Text(var text) when text.isEmpty() ->
                    Secret.generate(Credential.TOKEN_PREFIX, random);
            case Value.Text(var text) -> new Secret(text);
            default -> null;
        };
    }

    private Reply statistics(ApiRequest request) {
        var counted = devices.statistics(request.community());
        return Reply.ok(
                new Fields()
                        .number("total", counted.total())
                        .counts("by_status", counted.byStatus(), Status::word)
                        .counts("by_lifecycle", counted.byLifecycle(), Lifecycle::word)
                        .counts("by_protocol", counted.byProtocol(), word -> word)
                        .counts("by_type", counted.byType(), word -> word)
                        .document());
    }

    private Reply change(ApiRequest request) {
        var id = request.deviceId();
        var device = find(id);
        var patch = request.body();
        var about = DeviceJson.patched(device.about(), patch);
        checkMove(request, device.about(), about);
        checkReferences(about);
        var enabled =
                patch.find("enabled")
                        .map(value -> value == Value.Bool.TRUE)
                        .orElse(device.enabled());
        if (request.header("If-Match").isEmpty()) {
            return Reply.of(
                    Problem.of(
                            428,
                            "version-missing",
                            "say which version you change: If-Match: "
                                    + Reply.etag(device.version())));
        }
        var changed =
                changed(
                        request,
                        device,
                        devices.change(
                                at(device, request).changed(about, enabled, clock.instant()),
                                request.principal().actor()));
        if (!enabled) {
            evictions.evict(id, "disabled");
        } else if (!Objects.equals(device.about().community(), about.community())) {
            evictions.evict(id, "of another community now");
        }
        return changed;
    }

    private Reply move(ApiRequest request) {
        var device = find(request.deviceId());
        var next =
                at(device, request)
                        .moved(request.field("lifecycle", Lifecycle::parse), clock.instant());
        var reason = request.field("reason", text -> text);
        if (next.lifecycle() == device.lifecycle()) {
            return Reply.of(
                    Problem.invalid(
                            "lifecycle",
                            "the device is " + device.lifecycle().word() + " already"));
        }
        return changed(request, device, devices.move(next, reason, request.principal().actor()));
    }

    /// The device as the client knows it: of another version, its change will be refused.
    private static Device at(Device device, ApiRequest request) {
        var version = request.ifMatch().orElse(device.version());
        return new Device(
                device.id(),
                device.deviceId(),
                device.about(),
                device.lifecycle(),
                device.enabled(),
                device.presence(),
                device.createdAt(),
                device.updatedAt(),
                version);
    }

    private Reply changed(ApiRequest request, Device before, DeviceStore.Change change) {
        return switch (change) {
            case DeviceStore.Change.Changed(var device) -> {
                ingest.forget(before.deviceId());
                yield reply(200, device)
                        .audited(
                                Act.changed(
                                        device.deviceId(),
                                        device.about().community(),
                                        DeviceJson.document(before),
                                        DeviceJson.document(device)));
            }
            case DeviceStore.Change.VersionIsNow(var version) ->
                    Reply.of(
                            Problem.of(
                                    412,
                                    "version-conflict",
                                    "version "
                                            + version
                                            + " is the newest; yours is "
                                            + request.ifMatch().orElse(before.version())));
            case DeviceStore.Change.Unknown(var id) -> Reply.of(Problem.unknown("device", id));
        };
    }

    private Reply remove(ApiRequest request) {
        var id = request.deviceId();
        var history =
                request.query(
                        "history",
                        word -> DeviceStore.History.valueOf(word.toUpperCase(Locale.ROOT)));
        if (history == null) {
            return Reply.of(
                    Problem.invalid("history", "say what becomes of the history: keep or purge"));
        }
        var before = find(id);
        if (!devices.remove(id, history, request.principal().actor(), clock.instant())) {
            return Reply.of(Problem.unknown("device", id));
        }
        evictions.evict(id, "removed");
        return Reply.noContent()
                .audited(Act.removed(id, before.about().community(), DeviceJson.document(before)));
    }

    private Reply lifecycle(ApiRequest request) {
        var id = request.deviceId();
        find(id);
        return Reply.ok(
                Fields.whole(
                        devices.lifecycle(id),
                        move ->
                                new Fields()
                                        .text("from", move.from().word())
                                        .text("to", move.to().word())
                                        .text("reason", move.reason())
                                        .word("actor", move.actor())
                                        .time("at", move.at())
                                        .document()));
    }

    private Device find(DeviceId id) {
        return devices.find(id).orElseThrow(() -> new Refusal(Problem.unknown("device", id)));
    }

    /// What a device is given must be there, and be of its community or of none.
    private void checkReferences(Device.About about) {
        var community = about.community();
        check("community_id", Ownership.Kind.COMMUNITY, community, community);
        check("profile_id", Ownership.Kind.PROFILE, about.profile(), community);
        check("distributor_id", Ownership.Kind.DISTRIBUTOR, about.distributor(), community);
        check("customer_id", Ownership.Kind.CUSTOMER, about.customer(), community);
    }

    private void check(
            String field,
            Ownership.Kind kind,
            @Nullable Object id,
            @Nullable CommunityId community) {
        if (id == null) {
            return;
        }
        var fits =
                ownership
                        .find(kind, id.toString())
                        .filter(owner ->
                                owner.community() == null || owner.community().equals(community));
        if (fits.isEmpty()) {
            throw new Refusal(
                    Problem.invalid(
                            field, "there is no " + kind.words() + " " + id + " in its community"));
        }
    }

    /// To move a device to another tenant is for those who are above them.
    private static void checkMove(ApiRequest request, Device.About before, Device.About after) {
        if (!Objects.equals(before.community(), after.community())
                && !request.principal().role().covers(Role.SUPERADMIN)) {
            throw new Refusal(
                    Problem.of(
                            403,
                            "forbidden",
                            "to move a device to another community needs the role superadmin"));
        }
    }

    private static Reply.Content reply(int status, Device device) {
        return Reply.json(status, DeviceJson.document(device))
                .with("ETag", Reply.etag(device.version()));
    }

    static String path(DeviceId id) {
        return "/api/v1/devices/"
                + URLEncoder.encode(id.value(), StandardCharsets.UTF_8).replace("+", "%20");
    }
}
