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

    private static final Map<String, Access> CHECK_THEMSELVES =
            Map.of("metrics", ServiceRoutes.METRICS);

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
        new ChannelRoutes(parts).on(target);
        new NetworkRoutes(parts).on(target);
        new CodecRoutes(parts).on(target);
        EndpointRoutes.on(target, parts.endpoints());
        new CommandRoutes(parts.commands()).on(target);
        new CommunicationRoutes(parts).on(target);
        new AlertRoutes(parts).on(target);
        new SpaceRoutes(parts).on(target);
        new LocationRoutes(parts).on(target);
        new ServingRoutes(parts).on(target);
        new ReservationRoutes(parts).on(target);
        ActuationRoutes.on(target, parts.spaces().actuations());
        new DashboardRoutes(parts.dashboard()).on(target);
        new AccountRoutes(parts).on(target);
        new UserRoutes(parts).on(target);
        new OrganizationRoutes(parts).on(target);
        new AuditRoutes(parts).on(target);
        new SettingRoutes(parts).on(target);
        new SystemRoutes(parts).on(target);
        new LiveStream(parts.ingest()).on(target);
    }

    /// @param direct handlers that stay on their event loop
    Map<String, Function<Contract.Entry, Handler<RoutingContext>>> handlers(
            Map<String, Handler<RoutingContext>> direct) {
        var handlers = new HashMap<String, Function<Contract.Entry, Handler<RoutingContext>>>();
        actions.forEach((id, action) -> handlers.put(id, entry -> api.serve(entry, action)));
        handlers.computeIfPresent(
                EventSocket.OPERATION,
                (_, serve) ->
                        entry -> {
                            EventSocket.checkAccess(entry);
                            return serve.apply(entry);
                        });
        direct.forEach((id, handler) ->
                handlers.put(
                        id,
                        entry -> {
                            checkUnguarded(entry);
                            return handler;
                        }));
        return handlers;
    }

    /// Nobody checks principals for these handlers but they themselves.
    private static void checkUnguarded(Contract.Entry entry) {
        var checked = CHECK_THEMSELVES.get(entry.id());
        switch (entry.access()) {
            case Access.Open _, Access.ByDevice _ -> {}
            case Access.ByPrincipal access -> {
                if (!access.equals(checked)) {
                    throw new IllegalStateException(
                            "the handler of " + entry.id() + " does not check " + access);
                }
            }
        }
    }
}
