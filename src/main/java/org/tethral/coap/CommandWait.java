package org.tethral.coap;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.eclipse.californium.core.coap.CoAP;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.MessageObserverAdapter;
import org.eclipse.californium.core.coap.Response;
import org.jspecify.annotations.Nullable;
import org.tethral.command.Downlink;
import org.tethral.command.Handover;
import org.tethral.command.Instruction;
import org.tethral.command.Switchboard;
import org.tethral.device.DeviceId;
import org.tethral.device.Protocol;

/// A request that waits for one command.
final class CommandWait implements Downlink {

    private final Call call;
    private final DeviceId device;
    private final Switchboard switchboard;
    private final Set<CommandWait> waiting;
    private final Function<@Nullable Instruction, Response> told;
    private volatile @Nullable ScheduledFuture<?> timer;

    /// @param waiting those that wait, this one among them until it is answered
    CommandWait(
            Call call,
            DeviceId device,
            Switchboard switchboard,
            Set<CommandWait> waiting,
            Function<@Nullable Instruction, Response> told) {
        this.call = call;
        this.device = device;
        this.switchboard = switchboard;
        this.waiting = waiting;
        this.told = told;
    }

    void begin(ScheduledExecutorService stage, Duration patience) {
        waiting.add(this);
        stage.schedule(
                call::acknowledge, Answers.ACKNOWLEDGE_AFTER.toMillis(), TimeUnit.MILLISECONDS);
        timer = stage.schedule(this::nothingCame, patience.toMillis(), TimeUnit.MILLISECONDS);
        switchboard.reachable(device, this);
    }

    private void nothingCame() {
        if (call.answer(told.apply(null))) {
            leave(); // else a command is on its way, and leaves when it has arrived
        }
    }

    void evict(DeviceId evicted, String reason) {
        if (evicted.equals(device)) {
            leave();
            call.refuse(ResponseCode.UNAUTHORIZED, reason);
        }
    }

    void stop() {
        leave();
        call.busy("the platform stops; try again shortly", 5);
    }

    private void leave() {
        var known = timer;
        if (known != null) {
            known.cancel(false);
        }
        if (waiting.remove(this)) {
            switchboard.unreachable(device, this);
        }
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
    public void send(Instruction instruction, Handover handover) {
        try {
            var response = told.apply(instruction);
            response.addMessageObserver(new Becoming(handover));
            if (!call.answer(response)) {
                handover.failed("the request had ended");
            }
        } catch (RejectedExecutionException e) {
            handover.failed("the edge is closed");
        }
    }

    /// What becomes of the answer. One that asks for an acknowledgement is delivered with it; one
    /// that is itself part of an acknowledgement is sent again for as long as the device repeats
    /// its request.
    private final class Becoming extends MessageObserverAdapter {

        private final Handover handover;

        Becoming(Handover handover) {
            this.handover = handover;
        }

        @Override
        public void onSent(boolean retransmission) {
            if (call.exchange().getCurrentResponse().getType() != CoAP.Type.CON) {
                handover.delivered();
                leave();
            }
        }

        @Override
        public void onAcknowledgement() {
            handover.delivered();
            leave();
        }

        @Override
        protected void failed() {
            leave();
        }
    }
}
