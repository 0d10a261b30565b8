package org.tethral.coap;

import java.util.concurrent.Executor;
import java.util.function.Function;
import org.eclipse.californium.core.coap.MessageObserverAdapter;
import org.eclipse.californium.core.coap.Response;
import org.jspecify.annotations.Nullable;
import org.tethral.command.Downlink;
import org.tethral.command.Handover;
import org.tethral.command.Instruction;
import org.tethral.command.Switchboard;
import org.tethral.device.DeviceId;
import org.tethral.device.Protocol;
import org.tethral.ingest.Fact;

/// Commands to a device that observes them. Each is a notification of its own, which the device
/// acknowledges; one after the other, as a newer notification takes the place of one that is under
/// way.
final class CommandFeed implements Observations.Subject, Downlink {

    private final DeviceId device;
    private final Switchboard switchboard;
    private final Executor stage;
    private final Function<@Nullable Instruction, Response> told;
    private volatile Observations.@Nullable Observation observation;

    CommandFeed(
            DeviceId device,
            Switchboard switchboard,
            Executor stage,
            Function<@Nullable Instruction, Response> told) {
        this.device = device;
        this.switchboard = switchboard;
        this.stage = stage;
        this.told = told;
    }

    @Override
    public Protocol protocol() {
        return Protocol.COAP;
    }

    @Override
    public int capacity() {
        return 1;
    }

    @Override
    public @Nullable Response changed(Fact.DesiredChanged change) {
        return null;
    }

    /// Announced after the first answer, which is being sent.
    @Override
    public void begun(Observations.Observation begun) {
        observation = begun;
        stage.execute(() -> {
            switchboard.reachable(device, this);
            if (!begun.isAlive()) {
                switchboard.unreachable(device, this); // it ended in between
            }
        });
    }

    @Override
    public void ended() {
        switchboard.unreachable(device, this);
    }

    @Override
    public void send(Instruction instruction, Handover handover) {
        var known = observation;
        if (known == null) {
            handover.failed("it is not observed");
            return;
        }
        known.tell(
                told.apply(instruction),
                new MessageObserverAdapter() {
                    @Override
                    public void onAcknowledgement() {
                        handover.delivered();
                    }
                },
                () -> handover.failed("it is not observed any more"));
    }
}
