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
        var devices = new DeviceRoutes(parts);
        devices.on(target);
        new StateRoutes(parts).on(target);
        new HistoryRoutes(parts).on(target);
        new ConnectionRoutes(parts).on(target);
        new CredentialRoutes(parts).on(target);
        new ProfileRoutes(parts).on(target);
        new InboxRoutes(parts, devices).on(target);
        new EventRoutes(parts).on(target);
        new EventStream(parts).on(target);
        EventSocket.on(target);
        new SubscriptionRoutes(parts).on(target);
        new CommandRoutes(parts.commands()).on(target);
        new CommunicationRoutes(parts).on(target);
        new AlertRoutes(parts).on(target);
        new AccountRoutes(parts).on(target);
        new AuditRoutes(parts).on(target);
        new LiveStream(parts.ingest()).on(target);
    }

    /// @param direct handlers that stay on their event loop
    Map<String, Function<Contract.Entry, Handler<RoutingContext>>> handlers(
            Map<String, Handler<RoutingContext>> direct) {
        var handlers = new HashMap<String, Function<Contract.Entry, Handler<RoutingContext>>>();
        actions.forEach((id, action) -> handlers.put(id, entry -> api.serve(entry, action)));
        direct.forEach((id, handler) -> handlers.put(id, _ -> handler));
        return handlers;
    }
}
