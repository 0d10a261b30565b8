package org.tethral.coap;

import java.nio.ByteBuffer;
import java.util.function.Function;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.Response;
import org.jspecify.annotations.Nullable;
import org.tethral.device.ConnectingDevice;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;
import org.tethral.payload.ThingsBoardPayload;
import org.tethral.state.DeviceState;
import org.tethral.state.StateStore;

/// What is wanted of a device: its desired values, or, as ThingsBoard calls them, shared
/// attributes.
///
/// Answers are fresh for as long as a device may be silent, so that an observer that asks again
/// when its copy is too old (RFC 7641, 3.3.1) is heard of often enough to count as online.
final class Wanted {

    private final StateStore states;
    private final Door door;
    private final Intake intake;
    private final Observations observations;

    Wanted(StateStore states, Door door, Intake intake, Observations observations) {
        this.states = states;
        this.door = door;
        this.intake = intake;
        this.observations = observations;
    }

    /// `{"desired": {…}, "version": 4, "delta": {…}}`, with an ETag, and observable.
    void desired(Call call, ConnectingDevice device) {
        intake.heartbeat(device);
        observations.consider(
                call,
                device,
                change ->
                        desired(call, device, change.desired(), change.version(), change.delta()));
        read(
                call,
                device,
                state -> {
                    var response =
                            desired(
                                    call,
                                    device,
                                    state.desired(),
                                    state.desiredVersion(),
                                    state.delta());
                    return known(call, response) ? valid(response) : response;
                });
    }

    private static Response desired(
            Call call, ConnectingDevice device, Document desired, long version, Document delta) {
        var response =
                call.content(
                        ResponseCode.CONTENT,
                        Document.of("desired", desired)
                                .with("version", Value.of(version))
                                .with("delta", delta));
        // the delta also changes by what the device reports
        var tag = ByteBuffer.allocate(8).putInt((int) version).putInt(delta.hashCode()).array();
        response.getOptions().addETag(tag);
        return fresh(response, device);
    }

    private static boolean known(Call call, Response response) {
        return call.request()
                .getOptions()
                .containsETag(response.getOptions().getETags().getFirst());
    }

    private static Response valid(Response response) {
        var valid = new Response(ResponseCode.VALID);
        valid.getOptions().addETag(response.getOptions().getETags().getFirst());
        valid.getOptions().setMaxAge(response.getOptions().getMaxAge());
        return valid;
    }

    /// `{"client": {…}, "shared": {…}}` to a question; to an observer the shared attributes alone,
    /// and then those that it has yet to take over.
    void attributes(Call call, ConnectingDevice device) {
        intake.heartbeat(device);
        var observes = call.request().isObserve();
        observations.consider(
                call,
                device,
                change -> fresh(call.content(ResponseCode.CONTENT, change.delta()), device));
        read(
                call,
                device,
                state -> {
                    var question =
                            ThingsBoardPayload.attributesQuestion(
                                    call.query("clientKeys").orElse(""),
                                    call.query("sharedKeys").orElse(""));
                    return fresh(
                            call.content(
                                    ResponseCode.CONTENT,
                                    observes
                                            ? state.desired()
                                            : question.answer(state.reported(), state.desired())),
                            device);
                });
    }

    private static Response fresh(Response response, ConnectingDevice device) {
        response.getOptions().setMaxAge(device.heartbeatInterval().toSeconds());
        return response;
    }

    private void read(Call call, ConnectingDevice device, Function<DeviceState, Response> answer) {
        door.look(
                call,
                () -> {
                    @Nullable Response response = states.find(device.id()).map(answer).orElse(null);
                    if (response == null) {
                        call.refuse(ResponseCode.UNAUTHORIZED, "the device is not registered");
                    } else {
                        call.answer(response);
                    }
                });
    }
}
