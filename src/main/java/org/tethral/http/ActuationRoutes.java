package org.tethral.http;

import org.tethral.device.DeviceId;
import org.tethral.space.ActuationStore;
import org.tethral.space.Cause;
import org.tethral.space.SpaceId;

/// `/api/v1/actuations`.
final class ActuationRoutes {

    private ActuationRoutes() {}

    static void on(Operations.Target operations, ActuationStore actuations) {
        operations.on(
                "listActuations",
                request ->
                        Reply.ok(
                                Fields.page(
                                        actuations.list(filter(request), request.page()),
                                        SpaceJson::actuation)));
        operations.on(
                "getActuation",
                request ->
                        Reply.ok(
                                SpaceJson.actuation(
                                        actuations
                                                .find(request.id())
                                                .orElseThrow(() ->
                                                        new Refusal(
                                                                Problem.unknown(
                                                                        "actuation",
                                                                        request.id()))))));
    }

    private static ActuationStore.Filter filter(ApiRequest request) {
        return new ActuationStore.Filter(
                request.community(),
                request.query("space_id", SpaceId::parse),
                request.query("trigger", Cause.Trigger::parse),
                request.query("display_device_id", DeviceId::new),
                request.query("failed").map(Boolean::parseBoolean).orElse(false),
                request.query("from", ApiRequest::time),
                request.query("to", ApiRequest::time));
    }
}
