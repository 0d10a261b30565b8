package org.tethral.http;

import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.Map;
import java.util.function.IntSupplier;
import org.tethral.device.Protocol;
import org.tethral.device.Provisioning;
import org.tethral.device.Provisioning.Outcome;
import org.tethral.device.Rejections;
import org.tethral.payload.Malformed;
import org.tethral.payload.ProvisioningPayload;

/// Devices that register themselves with the provisioning key and secret of a profile: in our own
/// words `POST /device/v1/register`, in those of ThingsBoard `POST /api/v1/provision`.
final class ProvisioningChannel {

    private final Provisioning provisioning;
    private final Rejections rejections;
    private final Api api;
    private final IntSupplier messageLimit;

    ProvisioningChannel(HttpEdge.Parts parts, Api api, IntSupplier messageLimit) {
        this.provisioning = parts.provisioning();
        this.rejections = parts.rejections();
        this.api = api;
        this.messageLimit = messageLimit;
    }

    @FunctionalInterface
    private interface Answerer {
        Reply answer(HttpServerRequest request, byte[] body);
    }

    Map<String, Handler<RoutingContext>> handlers() {
        return Map.of(
                "deviceRegister",
                routing -> take(routing.request(), "deviceRegister", this::ours),
                "thingsBoardProvision",
                routing -> take(routing.request(), "thingsBoardProvision", this::thingsBoard));
    }

    private void take(HttpServerRequest request, String operation, Answerer answerer) {
        var messageBytesMax = messageLimit.getAsInt();
        new BodyReader(
                        request,
                        messageBytesMax,
                        body ->
                                api.answer(
                                        request,
                                        operation,
                                        () -> answerer.answer(request, body.getBytes())),
                        close -> Send.tooLong(request, messageBytesMax, close))
                .read();
    }

    private Reply ours(HttpServerRequest request, byte[] body) {
        try {
            var asked = ProvisioningPayload.ours(body);
            var outcome = ask(request, asked);
            return switch (outcome) {
                case Outcome.Admitted admitted ->
                        Reply.json(201, ProvisioningPayload.answer(admitted));
                case Outcome.WrongKey _ -> problem(403, "not-admitted", outcome);
                case Outcome.DeviceTaken _ -> problem(409, "device-exists", outcome);
                case Outcome.IdentityTaken _ -> problem(409, "credential-taken", outcome);
            };
        } catch (Malformed e) {
            return Reply.of(Problem.of(400, "malformed-message", String.valueOf(e.getMessage())));
        }
    }

    private static Reply problem(int status, String kind, Outcome outcome) {
        return Reply.of(
                Problem.of(status, kind, Provisioning.reason(outcome).orElse("not admitted")));
    }

    /// ThingsBoard says in the body how it went; the status is 200 unless it cannot be read.
    private Reply thingsBoard(HttpServerRequest request, byte[] body) {
        try {
            var asked = ProvisioningPayload.thingsBoard(body);
            return Reply.ok(asked.thingsBoardAnswer(ask(request, asked)));
        } catch (Malformed e) {
            return Reply.json(400, ProvisioningPayload.thingsBoardFailure(e));
        }
    }

    private Outcome ask(HttpServerRequest request, ProvisioningPayload asked) {
        var outcome = provisioning.ask(asked.request());
        var address = request.remoteAddress().hostAddress();
        Provisioning.reason(outcome)
                .ifPresent(reason ->
                        rejections.rejected(
                                asked.name().orElse("device from " + address),
                                Protocol.HTTP,
                                address,
                                reason));
        return outcome;
    }
}
