package org.tethral.http;

import org.jspecify.annotations.Nullable;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;
import org.tethral.space.Actuation;
import org.tethral.space.Assignment;
import org.tethral.space.DisplayCodes;
import org.tethral.space.Location;
import org.tethral.space.ManualState;
import org.tethral.space.Reservation;
import org.tethral.space.ServingDevices;
import org.tethral.space.SiteImport;
import org.tethral.space.Space;
import org.tethral.space.SpaceState;

/// Spaces and what belongs to them, as the API shows them.
final class SpaceJson {

    private SpaceJson() {}

    static Document space(Space space) {
        var about = space.about();
        var serving = space.serving();
        var sensor = space.sensorState();
        return new Fields()
                .word("id", space.id())
                .word("community_id", about.community())
                .word("location_id", about.location())
                .text("name", about.name())
                .text("code", about.code())
                .word("sensor_device_id", serving.sensor())
                .word("sensor_dev_eui", serving.sensorDevEui())
                .word("display_device_id", serving.display())
                .word("display_dev_eui", serving.displayDevEui())
                .text("state", space.state().word())
                .time("state_since", space.stateSince())
                .text("sensor_state", sensor == null ? null : sensor.word())
                .text("display_state", word(space.displayState()))
                .value("override", manual(space.manual()))
                .truth("maintenance", space.maintenance())
                .value("metadata", about.metadata())
                .time("created_at", space.createdAt())
                .number("version", space.version())
                .document();
    }

    private static @Nullable String word(@Nullable SpaceState state) {
        return state == null ? null : state.word();
    }

    private static Value manual(@Nullable ManualState manual) {
        return manual == null
                ? Value.Null.NULL
                : new Fields()
                        .text("state", manual.state().word())
                        .time("until", manual.until())
                        .word("by", manual.by())
                        .document();
    }

    static Document report(SiteImport.Report report) {
        return new Fields()
                .number("added", report.added())
                .number("known", report.known())
                .number("devices", report.devices())
                .list(
                        "faults",
                        report.faults(),
                        fault ->
                                new Fields()
                                        .number("line", fault.line())
                                        .text("reason", fault.reason())
                                        .document())
                .document();
    }

    static Document assignment(Assignment assignment) {
        return new Fields()
                .word("id", assignment.id())
                .word("space_id", assignment.space())
                .word("device_id", assignment.device())
                .text("part", assignment.part().word())
                .time("assigned_at", assignment.since())
                .text("reason", assignment.reason())
                .word("actor", assignment.by())
                .time("unassigned_at", assignment.until())
                .text("unassign_reason", assignment.endReason())
                .word("unassigned_by", assignment.endedBy())
                .document();
    }

    static Document location(Location location) {
        return new Fields()
                .word("id", location.id())
                .word("community_id", location.community())
                .text("name", location.name())
                .text("kind", location.kind().word())
                .word("parent_id", location.parent())
                .text("code", location.code())
                .value("lat", number(location.latitude()))
                .value("lon", number(location.longitude()))
                .time("created_at", location.createdAt())
                .number("version", location.version())
                .document();
    }

    private static Value number(@Nullable Double value) {
        return value == null ? Value.Null.NULL : Value.of(value);
    }

    static Document sensor(ServingDevices.Sensor sensor) {
        var about = sensor.about();
        return new Fields()
                .word("device_id", about.device())
                .word("dev_eui", about.devEui())
                .word("join_eui", about.joinEui())
                .text("payload_decoder", about.payloadDecoder())
                .text("application", about.application())
                .text("network", about.network())
                .text("occupancy_field", about.occupancyField())
                .word("community_id", sensor.community())
                .word("space_id", sensor.space())
                .document();
    }

    static Document display(ServingDevices.Display display) {
        var about = display.about();
        return new Fields()
                .word("device_id", about.device())
                .word("dev_eui", about.devEui())
                .text("display_type", about.displayType().word())
                .value("display_codes", codes(about.codes()))
                .number("fport", about.fport())
                .truth("confirmed_downlinks", about.confirmedDownlinks())
                .text("application", about.application())
                .text("network", about.network())
                .word("community_id", display.community())
                .number("spaces", display.spaces())
                .document();
    }

    private static Document codes(DisplayCodes codes) {
        var fields = new Fields();
        for (var state : SpaceState.values()) {
            codes.of(state).ifPresent(code -> fields.text(state.word(), code.hex()));
        }
        return fields.document();
    }

    static Document reservation(Reservation reservation) {
        return new Fields()
                .word("id", reservation.id())
                .word("space_id", reservation.space())
                .word("community_id", reservation.community())
                .time("starts_at", reservation.startsAt())
                .time("ends_at", reservation.endsAt())
                .text("holder", reservation.holder())
                .text("status", reservation.status().word())
                .text("request_id", reservation.requestId())
                .value("metadata", reservation.metadata())
                .word("created_by", reservation.createdBy())
                .time("created_at", reservation.createdAt())
                .time("updated_at", reservation.updatedAt())
                .document();
    }

    static Document actuation(Actuation actuation) {
        var order = actuation.order();
        var response = actuation.responseTime();
        return new Fields()
                .word("id", actuation.id())
                .word("space_id", actuation.space())
                .word("community_id", actuation.community())
                .text("trigger_type", actuation.cause().trigger().word())
                .text("trigger_source", actuation.cause().source())
                .text("previous_state", actuation.previous().word())
                .text("new_state", actuation.next().word())
                .text("status", actuation.course().word())
                .word("display_device_id", order == null ? null : order.display())
                .word("display_dev_eui", order == null ? null : order.devEui())
                .text("shown_state", order == null ? null : order.state().word())
                .text("display_code", order == null ? null : order.code().hex())
                .value("fport", order == null ? Value.Null.NULL : Value.of(order.fport()))
                .truth("confirmed", order != null && order.confirmed())
                .text("error", actuation.trouble())
                .word("queue_item_id", actuation.course().item())
                .number("attempts", actuation.course().attempts())
                .value(
                        "response_time_ms",
                        response == null ? Value.Null.NULL : Value.of(response.toMillis()))
                .time("created_at", actuation.createdAt())
                .time("sent_at", actuation.sentAt())
                .time("expires_at", actuation.expiresAt())
                .document();
    }
}
