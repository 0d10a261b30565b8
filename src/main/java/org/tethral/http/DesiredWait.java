package org.tethral.http;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.function.Consumer;
import org.tethral.device.DeviceId;
import org.tethral.kernel.Document;

/// A request that waits for a change of its device's desired values. It takes no thread: only an
/// entry with the watch, and a timer.
final class DesiredWait {

    private DesiredWait() {}

    /// On the event loop of the request, before and after.
    ///
    /// @param told gets what the device does not have, when that changes
    /// @param nothing done instead when the time is over
    static void begin(
            DesiredWatch watch,
            DeviceId device,
            HttpServerResponse response,
            Vertx vertx,
            Duration patience,
            Consumer<Document> told,
            Runnable nothing) {
        var context = vertx.getOrCreateContext();
        var waiter =
                new DesiredWatch.Waiter(
                        delta -> context.runOnContext(_ -> told.accept(delta)),
                        reason ->
                                context.runOnContext(_ ->
                                        Send.problem(response, Problem.unauthenticated(reason))));
        if (!watch.await(device, waiter)) {
            Send.problem(response, Problem.busy("too-busy", "too many devices wait", 5));
            return;
        }
        var timer =
                vertx.setTimer(
                        Math.max(patience.toMillis(), 1),
                        _ -> {
                            watch.forget(device, waiter);
                            nothing.run();
                        });
        Runnable over =
                () -> {
                    vertx.cancelTimer(timer);
                    watch.forget(device, waiter);
                };
        response.endHandler(_ -> over.run());
        response.closeHandler(_ -> over.run());
    }
}
