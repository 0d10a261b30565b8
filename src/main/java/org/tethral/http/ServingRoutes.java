package org.tethral.http;

import java.time.InstantSource;
import java.util.EnumMap;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;
import org.tethral.device.DevEui;
import org.tethral.device.DeviceId;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;
import org.tethral.space.DisplayCode;
import org.tethral.space.DisplayCodes;
import org.tethral.space.DisplayDevice;
import org.tethral.space.DisplayType;
import org.tethral.space.SensorDevice;
import org.tethral.space.ServingDevices;
import org.tethral.space.SpaceState;

/// `/api/v1/sensors` and `/api/v1/displays`.
final class ServingRoutes {

    private final ServingDevices devices;
    private final Runnable changed;
    private final InstantSource clock;

    ServingRoutes(HttpEdge.Parts parts) {
        this.devices = parts.spaces().devices();
        this.changed = parts.spaces().changed();
        this.clock = parts.clock();
    }

    void on(Operations.Target operations) {
        operations.on(
                "listSensors",
                request ->
                        Reply.ok(
                                Fields.page(
                                        devices.sensors(filter(request), request.page()),
                                        SpaceJson::sensor)));
        operations.on("getSensor", request -> Reply.ok(SpaceJson.sensor(sensor(request))));
        operations.on("putSensor", this::putSensor);
        operations.on("removeSensor", this::removeSensor);
        operations.on(
                "listDisplays",
                request ->
                        Reply.ok(
                                Fields.page(
                                        devices.displays(filter(request), request.page()),
                                        SpaceJson::display)));
        operations.on("getDisplay", request -> Reply.ok(SpaceJson.display(display(request))));
        operations.on("putDisplay", this::putDisplay);
        operations.on("removeDisplay", this::removeDisplay);
    }

    private static ServingDevices.Filter filter(ApiRequest request) {
        return new ServingDevices.Filter(
                request.community(),
                request.query("orphans").map(Boolean::parseBoolean).orElse(false));
    }

    private ServingDevices.Sensor sensor(ApiRequest request) {
        return devices.sensor(request.deviceId())
                .orElseThrow(() -> unknown("sensor", request.deviceId()));
    }

    private ServingDevices.Display display(ApiRequest request) {
        return devices.display(request.deviceId())
                .orElseThrow(() -> unknown("display", request.deviceId()));
    }

    private static Refusal unknown(String what, DeviceId device) {
        return new Refusal(Problem.unknown(what, device));
    }

    private Reply putSensor(ApiRequest request) {
        var before = devices.sensor(request.deviceId()).map(SpaceJson::sensor).orElse(null);
        var asked =
                new SensorDevice(
                        request.deviceId(),
                        request.optionalField("dev_eui", DevEui::parse),
                        request.optionalField("join_eui", DevEui::parse),
                        word(request, "payload_decoder"),
                        word(request, "application"),
                        word(request, "network"),
                        word(request, "occupancy_field"));
        var isNew = done(devices.put(asked, clock.instant()), request);
        var now = sensor(request);
        return put(
                "sensors", isNew, asked.device(), now.community(), before, SpaceJson.sensor(now));
    }

    private Reply putDisplay(ApiRequest request) {
        var before = devices.display(request.deviceId()).map(SpaceJson::display).orElse(null);
        var asked = display(request.deviceId(), request.body());
        var by = request.principal().actor();
        var isNew = done(devices.put(asked, by, clock.instant()), request);
        var now = display(request);
        return put(
                "displays", isNew, asked.device(), now.community(), before, SpaceJson.display(now));
    }

    private static @Nullable String word(ApiRequest request, String name) {
        return request.body().text(name).orElse(null);
    }

    private static DisplayDevice display(DeviceId device, Document body) {
        try {
            var type = DisplayType.parse(body.text("display_type").orElse("generic"));
            return new DisplayDevice(
                    device,
                    body.text("dev_eui").map(DevEui::parse).orElse(null),
                    type,
                    codes(body).or(type.usualCodes()),
                    body.find("fport").orElse(Value.Null.NULL) instanceof Value.Numeric fport
                            ? (int) fport.asDouble()
                            : type.usualFport(),
                    body.find("confirmed_downlinks").filter(Value.Bool.TRUE::equals).isPresent(),
                    body.text("application").orElse(null),
                    body.text("network").orElse(null));
        } catch (IllegalArgumentException e) {
            throw new Refusal(Problem.invalid("display", String.valueOf(e.getMessage())));
        }
    }

    private static DisplayCodes codes(Document body) {
        var codes = new EnumMap<SpaceState, DisplayCode>(SpaceState.class);
        if (body.find("display_codes").orElse(Document.EMPTY) instanceof Document given) {
            given.values()
                    .forEach((state, code) -> {
                        if (code instanceof Value.Text(var hex)) {
                            codes.put(SpaceState.parse(state), DisplayCode.parse(hex));
                        }
                    });
        }
        return new DisplayCodes(codes);
    }

    private Reply put(
            String list,
            boolean isNew,
            DeviceId device,
            @Nullable CommunityId community,
            @Nullable Document before,
            Document after) {
        changed.run();
        var reply =
                isNew
                        ? Reply.created(
                                "/api/v1/" + list + "/" + Paths.encoded(device.value()), after)
                        : Reply.ok(after);
        return reply.audited(
                before == null
                        ? Act.added(device, community, after)
                        : Act.changed(device, community, before, after));
    }

    private static boolean done(ServingDevices.Outcome outcome, ApiRequest request) {
        return switch (outcome) {
            case ServingDevices.Outcome.Done(var isNew) -> isNew;
            case ServingDevices.Outcome.NoSuchDevice _ ->
                    throw unknown("device", request.deviceId());
            case ServingDevices.Outcome.DevEuiTaken(var devEui) ->
                    throw new Refusal(
                            Problem.of(
                                    409,
                                    "deveui-taken",
                                    "another device has the DevEUI " + devEui));
        };
    }

    private Reply removeSensor(ApiRequest request) {
        var before = sensor(request);
        devices.removeSensor(request.deviceId());
        changed.run();
        return Reply.noContent()
                .audited(
                        Act.removed(
                                request.deviceId(), before.community(), SpaceJson.sensor(before)));
    }

    private Reply removeDisplay(ApiRequest request) {
        var before = display(request);
        devices.removeDisplay(request.deviceId());
        changed.run();
        return Reply.noContent()
                .audited(
                        Act.removed(
                                request.deviceId(), before.community(), SpaceJson.display(before)));
    }
}
