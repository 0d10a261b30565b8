package org.tethral.http;

import java.time.Duration;
import java.time.InstantSource;
import org.tethral.device.ConnectingDevice;
import org.tethral.device.Device;
import org.tethral.device.DeviceId;
import org.tethral.device.DeviceStore;
import org.tethral.device.Profile;
import org.tethral.ingest.Inbound;
import org.tethral.kernel.Document;
import org.tethral.kernel.Micros;
import org.tethral.kernel.Value;
import org.tethral.state.DeviceState;
import org.tethral.state.StateName;
import org.tethral.state.StateStore;

/// What devices are now, what is wanted of them, and how their states changed.
final class StateRoutes {

    private static final String CONFIGURATION = "configuration";
    private static final Duration DURATIONS_OF = Duration.ofDays(1);

    private final StateStore states;
    private final DeviceStore devices;
    private final Writes writes;
    private final InstantSource clock;

    StateRoutes(HttpEdge.Parts parts) {
        this.states = parts.stores().states();
        this.devices = parts.stores().devices();
        this.writes = new Writes(parts.ingest());
        this.clock = parts.clock();
    }

    void on(Operations.Target operations) {
        operations.on("getState", request -> reply(find(request.deviceId())));
        operations.on("changeDesired", this::desire);
        operations.on("changeConfiguration", this::configure);
        operations.on("listStates", this::list);
        operations.on("stateStatistics", this::statistics);
        operations.on("stateDurations", this::durations);
        operations.on("stateHistory", this::history);
    }

    private Reply desire(ApiRequest request) {
        var device = connecting(request.deviceId());
        var before = find(device.id());
        writes.store(
                new Inbound.Desire(
                        device,
                        Micros.truncated(clock.instant()),
                        request.body(),
                        request.ifMatch().orElse(null),
                        request.principal().actor()));
        var after = find(device.id());
        return reply(after)
                .audited(
                        Act.changed(
                                device.id(), device.community(), desired(before), desired(after)));
    }

    private static Document desired(DeviceState state) {
        return new Fields()
                .value("desired", state.desired())
                .number("desired_version", state.desiredVersion())
                .document();
    }

    private Reply configure(ApiRequest request) {
        var device = connecting(request.deviceId());
        var before = find(device.id());
        writes.store(
                new Inbound.Configure(
                        device,
                        Micros.truncated(clock.instant()),
                        request.body(),
                        request.principal().actor()));
        var after = find(device.id());
        return reply(after)
                .audited(
                        Act.changed(
                                device.id(),
                                device.community(),
                                Document.of(CONFIGURATION, before.configuration()),
                                Document.of(CONFIGURATION, after.configuration())));
    }

    private Reply list(ApiRequest request) {
        var page =
                states.list(
                        request.query("state", StateName::new),
                        request.community(),
                        request.page());
        return Reply.ok(Fields.page(page, StateJson::document));
    }

    private Reply statistics(ApiRequest request) {
        var counts = states.statistics(request.community());
        return Reply.ok(
                new Fields()
                        .number("total", counts.values().stream().mapToLong(Long::longValue).sum())
                        .counts("by_state", counts, StateName::value)
                        .document());
    }

    private Reply durations(ApiRequest request) {
        var now = clock.instant();
        var interval = request.interval(now.minus(DURATIONS_OF), now);
        var seconds = new Fields();
        states.durations(request.deviceId(), interval, now)
                .forEach((state, duration) ->
                        seconds.value(state.value(), Value.of(duration.toNanos() / 1e9)));
        return Reply.ok(
                new Fields()
                        .word("device_id", request.deviceId())
                        .time("from", interval.from())
                        .time("to", interval.to())
                        .value("seconds", seconds.document())
                        .document());
    }

    private Reply history(ApiRequest request) {
        var interval = request.interval(Inbound.TIMESTAMP_MIN, Inbound.TIMESTAMP_MAX);
        return Reply.ok(
                Fields.page(
                        states.changes(request.deviceId(), interval, request.page()),
                        StateJson::change));
    }

    private DeviceState find(DeviceId id) {
        return states.find(id).orElseThrow(() -> new Refusal(Problem.unknown("device", id)));
    }

    private ConnectingDevice connecting(DeviceId id) {
        Device device =
                devices.find(id).orElseThrow(() -> new Refusal(Problem.unknown("device", id)));
        return new ConnectingDevice(
                id,
                device.about().community(),
                device.enabled(),
                Profile.HEARTBEAT_INTERVAL_DEFAULT,
                Profile.OFFLINE_AFTER_DEFAULT);
    }

    private static Reply.Content reply(DeviceState state) {
        return Reply.ok(StateJson.document(state)).with("ETag", Reply.etag(state.desiredVersion()));
    }
}
