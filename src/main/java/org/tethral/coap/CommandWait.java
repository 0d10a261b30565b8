package org.tethral.coap;

import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.eclipse.californium.core.coap.CoAP;
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
    private final AtomicInteger waiting;
    private final Function<@Nullable Instruction, Response> told;
    private final AtomicBoolean left = new AtomicBoolean();
    private volatile @Nullable ScheduledFuture<?> timer;

    CommandWait(
            Call call,
            DeviceId device,
            Switchboard switchboard,
            AtomicInteger waiting,
            Function<@Nullable Instruction, Response> told) {
        this.call = call;
        this.device = device;
        this.switchboard = switchboard;
        this.waiting = waiting;
        this.told = told;
    }

    void begin(ScheduledExecutorService stage, Duration patience) {
        timer = stage.schedule(this::end, patience.toMillis(), TimeUnit.MILLISECONDS);
        switchboard.reachable(device, this);
    }

    private void end() {
        leave();
        call.answer(told.apply(null));
    }

    private void leave() {
        if (left.compareAndSet(false, true)) {
            waiting.decrementAndGet();
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
        var known = timer;
        if (known != null) {
            known.cancel(false);
        }
        var sent = call.answer(told.apply(instruction), new Becoming(handover));
        if (!sent) {
            handover.failed("the request had ended");
        }
    }

    /// What becomes of the answer. One that asks for an acknowledgement is delivered with it; one
    /// that is itself part of an acknowledgement is sent again for as long as the device repeats its
    /// request.
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
