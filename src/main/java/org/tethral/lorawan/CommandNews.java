package org.tethral.lorawan;

import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.tethral.command.DispatchStep;
import org.tethral.device.ConnectingDevice;
import org.tethral.ingest.Inbound;

/// What network servers tell of downlinks that carry commands.
final class CommandNews {

    private final Attempts attempts;
    private final QueueItems names;
    private final InstantSource clock;

    CommandNews(Attempts attempts, QueueItems names, InstantSource clock) {
        this.attempts = attempts;
        this.names = names;
        this.clock = clock;
    }

    /// What an event says of commands to its device; to be stored with the event. May ask the
    /// database.
    ///
    /// @throws org.tethral.kernel.StorageException nobody can tell at the moment
    List<Inbound> steps(NetworkEvent event, ConnectingDevice device) {
        return switch (event) {
            case NetworkEvent.Transmitted(_, var item) ->
                    step(item, device, DispatchStep.Delivered::new);
            case NetworkEvent.Acknowledged(_, var item, var acknowledged) ->
                    step(
                            item,
                            device,
                            number ->
                                    acknowledged
                                            ? DispatchStep.Answered.succeeded()
                                            : new DispatchStep.GivenUp(
                                                    number, "the device did not acknowledge it"));
            case NetworkEvent.Logged logged when logged.endsDownlink() ->
                    step(logged.downlink(), device, number -> ended(logged, number));
            case NetworkEvent.Logged _,
                    NetworkEvent.Uplink _,
                    NetworkEvent.Joined _,
                    NetworkEvent.Status _,
                    NetworkEvent.Located _ ->
                    List.of();
        };
    }

    private static DispatchStep ended(NetworkEvent.Logged logged, int attempt) {
        var reason = logged.code() + ": " + logged.description();
        return logged.wouldFailAgain()
                ? new DispatchStep.Refused(attempt, reason)
                : new DispatchStep.GivenUp(attempt, reason);
    }

    @FunctionalInterface
    private interface OfAttempt {
        DispatchStep step(int number);
    }

    private List<Inbound> step(Optional<UUID> item, ConnectingDevice device, OfAttempt what) {
        return item.map(names::ours)
                .flatMap(ours -> attempts.find(device.id(), ours))
                .<List<Inbound>>map(attempt ->
                        List.of(
                                new Inbound.CommandStep(
                                        device,
                                        clock.instant(),
                                        attempt.command(),
                                        what.step(attempt.number()))))
                .orElse(List.of());
    }
}
