package org.tethral.http;

import io.vertx.core.Handler;
import io.vertx.ext.web.RoutingContext;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/// What is done for each operation of the contract, by its id.
final class Operations {

    @FunctionalInterface
    interface Target {
        void on(String operationId, Api.Action action);
    }

    private final Map<String, Api.Action> actions = new HashMap<>();
    private final Api api;

    Operations(HttpEdge.Parts parts, Api api) {
        this.api = api;
        Target target =
                (id, action) -> {
                    if (actions.put(id, action) != null) {
                        throw new IllegalStateException("two actions for " + id);
                    }
                };
        new DeviceRoutes(parts).on(target);
    }

    /// With the handlers of an event loop's device channels.
    Map<String, Function<Contract.Entry, Handler<RoutingContext>>> handlers(
            DeviceChannel deviceChannel) {
        var handlers = new HashMap<String, Function<Contract.Entry, Handler<RoutingContext>>>();
        actions.forEach((id, action) -> handlers.put(id, entry -> api.serve(entry, action)));
        deviceChannel.handlers().forEach((id, handler) -> handlers.put(id, _ -> handler));
        return handlers;
    }
}
