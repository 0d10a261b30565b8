package org.tethral.lorawan;

import java.time.InstantSource;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tethral.command.DispatchStep;
import org.tethral.command.Handover;
import org.tethral.command.Instruction;
import org.tethral.device.Protocol;
import org.tethral.ingest.Inbound;
import org.tethral.ingest.Ingest;
import org.tethral.kernel.StorageException;
import org.tethral.lorawan.Attempts.Attempt;
import org.tethral.space.DownlinkRefused;
import org.tethral.space.LorawanDevice;

/// Commands as downlinks: encoded, handed to the device's network, and followed. The network keeps
/// one until the device listens, so it is `sent` until a gateway has it and `delivered` then; a
/// device acknowledges what is not one-way. What can never be sent is answered with an error.
final class CommandDownlinks implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(CommandDownlinks.class);

    private final KnownDevices devices;
    private final Downlinks downlinks;
    private final Attempts attempts;
    private final Ingest ingest;
    private final InstantSource clock;
    private final Stripes stripes = new Stripes("lorawan-commands");

    CommandDownlinks(
            KnownDevices devices,
            Downlinks downlinks,
            Attempts attempts,
            Ingest ingest,
            InstantSource clock) {
        this.devices = devices;
        this.downlinks = downlinks;
        this.attempts = attempts;
        this.ingest = ingest;
        this.clock = clock;
    }

    /// As the dispatcher knows the way to one device.
    private record Way(CommandDownlinks owner, LorawanDevice device)
            implements org.tethral.command.Downlink {

        /// What waits is bounded by the dispatcher, for all devices together.
        @Override
        public void send(Instruction instruction, Handover handover) {
            try {
                owner.stripes.run(
                        device.devEui(), () -> owner.deliver(device, instruction, handover));
            } catch (RejectedExecutionException e) {
                handover.failed("the server is closing");
            }
        }

        @Override
        public Protocol protocol() {
            return Protocol.LORAWAN;
        }
    }

    org.tethral.command.Downlink to(LorawanDevice device) {
        return new Way(this, device);
    }

    private void deliver(LorawanDevice device, Instruction instruction, Handover handover) {
        try {
            var known = devices.find(device.devEui());
            if (known.isEmpty() || !known.get().device().id().equals(device.device())) {
                handover.failed("the device is not registered any more");
                return;
            }
            deliver(known.get(), instruction, handover);
        } catch (StorageException e) {
            handover.failed("the database does not answer");
        } catch (RuntimeException e) {
            LOG.atError()
                    .addKeyValue("device_id", device.device())
                    .addKeyValue("command_id", instruction.command())
                    .setCause(e)
                    .log("a command cannot be made a downlink: a fault");
            handover.failed("a fault of the server");
        }
    }

    private void deliver(KnownDevices.Known known, Instruction instruction, Handover handover) {
        var attempt = new Attempt(instruction.command(), instruction.attempt());
        switch (CommandPayload.of(instruction.payload(), known.codec(), known.variables())) {
            case CommandPayload.NotNow(var reason) -> handover.failed(reason);
            case CommandPayload.Unfit(var reason) ->
                    step(known, attempt, new DispatchStep.Refused(attempt.number(), reason));
            case CommandPayload.Ready(var port, var bytes) -> {
                var downlink =
                        new Downlink(
                                attempts.sent(known.device().id(), attempt),
                                known.lorawan().devEui(),
                                port,
                                bytes,
                                !instruction.oneWay());
                downlinks
                        .send(known.lorawan(), downlink)
                        .whenComplete((_, failure) -> sent(known, attempt, handover, failure));
            }
        }
    }

    private void sent(
            KnownDevices.Known known,
            Attempt attempt,
            Handover handover,
            @Nullable Throwable failure) {
        switch (failure) {
            case null -> {
                var forGood = downlinks.keepsNames(known.lorawan());
                step(known, attempt, new DispatchStep.Queued(attempt.number(), forGood));
            }
            case CompletionException e when e.getCause() != null ->
                    sent(known, attempt, handover, e.getCause());
            case DownlinkRefused refusal when refusal.permanent() ->
                    step(
                            known,
                            attempt,
                            new DispatchStep.Refused(attempt.number(), refusal.reason()));
            default -> handover.failed(String.valueOf(failure.getMessage()));
        }
    }

    /// What does not fit the queue is lost news: the deadline of the attempt makes up for it.
    private void step(KnownDevices.Known known, Attempt attempt, DispatchStep step) {
        var message =
                new Inbound.CommandStep(known.device(), clock.instant(), attempt.command(), step);
        if (!ingest.offer(message, 0, _ -> {})) {
            LOG.atDebug()
                    .addKeyValue("device_id", known.device().id())
                    .addKeyValue("command_id", attempt.command())
                    .log("no room for what became of a command");
        }
    }

    @Override
    public void close() {
        stripes.close();
    }
}
