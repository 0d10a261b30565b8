package org.tethral.dispatch;

import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tethral.command.Command;
import org.tethral.command.CommandId;
import org.tethral.command.Dispatch;
import org.tethral.command.DispatchQueue;
import org.tethral.command.DispatchStep;
import org.tethral.command.Downlink;
import org.tethral.command.Handover;
import org.tethral.command.Stage;
import org.tethral.command.Switchboard;
import org.tethral.device.ConnectingDevice;
import org.tethral.device.DeviceId;
import org.tethral.ingest.Answer;
import org.tethral.ingest.Fact;
import org.tethral.ingest.Inbound;
import org.tethral.ingest.Ingest;
import org.tethral.kernel.StorageException;

/// Sends commands to the devices that this node reaches: when they are issued, when the device
/// returns, when they are to be tried again. First a dispatch is claimed, through the device's
/// lane; when that is durable it is sent; what becomes of it goes through the lane again. In memory
/// there is only what is in flight; the database is the truth.
public final class Dispatcher implements Switchboard, AutoCloseable {

    static final int DEVICES_PER_LOOK_MAX = 256;

    /// Different commands whose payloads are read at a time.
    static final int PAYLOADS_PER_READ_MAX = 16;

    /// Payloads that wait for the claim of their dispatch.
    static final int CLAIMING_BYTES_MAX = 16 * 1024 * 1024;

    private static final int CLAIM_OVERHEAD_BYTES = 512;
    private static final Duration AGAIN_AFTER = Duration.ofMillis(250);
    private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);

    private final Ingest ingest;
    private final DispatchQueue queue;
    private final String node;
    private final InstantSource clock;
    private final Tally tally;
    private final Routes routes = new Routes();
    private final Receipts receipts = new Receipts(this::received);
    private final Semaphore claimingBytes = new Semaphore(CLAIMING_BYTES_MAX);
    private final Thread looker;

    public Dispatcher(
            Ingest ingest, DispatchQueue queue, String node, InstantSource clock, Tally tally) {
        this.ingest = ingest;
        this.queue = queue;
        this.node = node;
        this.clock = clock;
        this.tally = tally;
        this.looker = Thread.ofVirtual().name("commands").unstarted(this::run);
        tally.inFlight(routes::inFlight);
        ingest.listen(this::committed);
    }

    public void start() {
        receipts.start();
        looker.start();
    }

    @Override
    public void reachable(DeviceId device, Downlink downlink) {
        routes.add(device, downlink);
    }

    @Override
    public void unreachable(DeviceId device, Downlink downlink) {
        for (var ticket : routes.remove(device, downlink)) {
            step(ticket.key(), new DispatchStep.Lost(ticket.attempt(), "connection lost"));
        }
    }

    /// From this node, now.
    public boolean reaches(DeviceId device) {
        return routes.reaches(device);
    }

    /// Nobody is to be looked at now.
    boolean idle() {
        return routes.nobodyToLookAt();
    }

    /// Something waits for the device; false: it is not reached from here.
    boolean look(DeviceId device) {
        return routes.look(device);
    }

    /// The dispatch of a new command, claimed already where its device is free to take it: then
    /// [#issued] sends it, and [#notIssued] gives its place back.
    Dispatch reserve(Command command, DeviceId device) {
        var dispatch = Dispatch.issued(command, device);
        return routes.reserve(new Ticket(dispatch, command.payload()))
                ? dispatch.after(new DispatchStep.Claimed(node), command.terms().createdAt())
                : dispatch;
    }

    /// They are durable.
    void issued(List<Dispatch> dispatches) {
        for (var dispatch : dispatches) {
            switch (dispatch.stage()) {
                case Stage.Sent sent -> send(dispatch.key(), sent.attempts());
                case Stage.Pending _ -> look(dispatch.device());
                case Stage.Delivered _,
                        Stage.Acknowledged _,
                        Stage.TimedOut _,
                        Stage.Expired _,
                        Stage.Cancelled _ ->
                        throw new IllegalStateException("issued as " + dispatch.stage().status());
            }
        }
    }

    void notIssued(List<Dispatch> dispatches) {
        dispatches.forEach(routes::giveBack);
    }

    /// On a lane's thread.
    private void committed(List<Fact> facts) {
        var moves =
                facts.stream()
                        .filter(Fact.DispatchMoved.class::isInstance)
                        .map(Fact.DispatchMoved.class::cast)
                        .toList();
        if (moves.isEmpty()) {
            return; // as with almost every commit
        }
        var lasts = new HashMap<Dispatch.Key, Integer>();
        for (int i = 0; i < moves.size(); i++) {
            lasts.put(moves.get(i).after().key(), i);
        }
        for (int i = 0; i < moves.size(); i++) {
            moved(moves.get(i), lasts.getOrDefault(moves.get(i).after().key(), i) == i);
        }
    }

    /// @param last nothing more became of it in the same commit: a device that was answered already
    ///   gets no command that it has answered
    private void moved(Fact.DispatchMoved moved, boolean last) {
        var dispatch = moved.after();
        if (moved.ended()) {
            tally.ended(dispatch, routes.sentBy(dispatch.key()));
        }
        switch (dispatch.stage()) {
            case Stage.Sent sent when isQueued(moved.before(), sent) -> routes.giveBack(dispatch);
            case Stage.Sent sent when last && node.equals(sent.node()) ->
                    send(dispatch.key(), sent.attempts());
            case Stage.Pending _,
                    Stage.Acknowledged _,
                    Stage.TimedOut _,
                    Stage.Expired _,
                    Stage.Cancelled _ -> {
                routes.giveBack(dispatch);
                receipts.drop(dispatch.key());
            }
            case Stage.Delivered _ -> {} // as it was told
            case Stage.Sent _ -> {} // by another node, or not any more
        }
    }

    /// A network keeps it now: its place is free for another one.
    private static boolean isQueued(Dispatch before, Stage.Sent after) {
        return before.stage() instanceof Stage.Sent was && was.attempts() == after.attempts();
    }

    private void send(Dispatch.Key key, int attempt) {
        var shipment = routes.ship(key, attempt);
        if (shipment == null) {
            step(key, new DispatchStep.NotHandedOver(attempt, "the device is gone"));
            return;
        }
        tally.sent(shipment.by().protocol(), attempt);
        var oneWay = shipment.instruction().oneWay();
        shipment.by()
                .send(
                        shipment.instruction(),
                        new Handover() {
                            @Override
                            public void delivered() {
                                if (oneWay) {
                                    received(new Receipts.Receipt(key, attempt)); // that is all
                                } else if (routes.delivered(key, attempt)) {
                                    receipts.hold(key, attempt);
                                }
                            }

                            @Override
                            public void failed(String reason) {
                                step(key, new DispatchStep.NotHandedOver(attempt, reason));
                            }
                        });
    }

    private void received(Receipts.Receipt receipt) {
        step(receipt.key(), new DispatchStep.Delivered(receipt.attempt()));
    }

    /// What does not fit the queue is lost news: the deadline of the attempt makes up for it.
    private void step(Dispatch.Key key, DispatchStep step) {
        if (!ingest.offer(message(key, step), 0, _ -> {})) {
            LOG.atDebug()
                    .addKeyValue("device_id", key.device())
                    .addKeyValue("command_id", key.command())
                    .log("no room for what became of a command");
        }
    }

    Inbound message(Dispatch.Key key, DispatchStep step) {
        return new Inbound.CommandStep(
                ConnectingDevice.named(key.device()), clock.instant(), key.command(), step);
    }

    private void run() {
        try {
            while (true) {
                look(routes.awaitLooks(DEVICES_PER_LOOK_MAX));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            LOG.atError().setCause(e).log("commands are not sent any more: a fault");
        }
    }

    private void look(List<Routes.Look> looks) throws InterruptedException {
        try {
            for (var returned : new boolean[] {true, false}) {
                var some = looks.stream().filter(look -> look.returned() == returned).toList();
                if (!some.isEmpty()) {
                    claim(some, returned);
                }
            }
        } catch (StorageException e) {
            LOG.atDebug()
                    .addKeyValue("reason", e.getMessage())
                    .log("cannot look for commands that wait now");
            Thread.sleep(AGAIN_AFTER);
            looks.forEach(look -> routes.moreWaits(look, true));
        }
    }

    private void claim(List<Routes.Look> looks, boolean returned) throws InterruptedException {
        var limit = Downlink.IN_FLIGHT_MAX;
        var found =
                queue.waiting(
                        looks.stream().map(Routes.Look::device).toList(),
                        clock.instant(),
                        returned,
                        limit);
        var count = new HashMap<DeviceId, Integer>();
        found.forEach(dispatch -> count.merge(dispatch.device(), 1, Integer::sum));
        for (var look : looks) {
            if (count.getOrDefault(look.device(), 0) == limit) {
                routes.moreWaits(look, false);
            }
        }
        for (int from = 0; from < found.size(); ) {
            var commands = new LinkedHashSet<CommandId>();
            var to = from;
            while (to < found.size()
                    && (commands.size() < PAYLOADS_PER_READ_MAX
                            || commands.contains(found.get(to).command()))) {
                commands.add(found.get(to++).command());
            }
            claim(found.subList(from, to), queue.payloads(commands));
            from = to;
        }
    }

    private void claim(List<Dispatch> dispatches, Map<CommandId, DispatchQueue.Payload> payloads)
            throws InterruptedException {
        for (var dispatch : dispatches) {
            var payload = payloads.get(dispatch.command());
            if (payload != null) {
                var ticket = new Ticket(dispatch, payload.value());
                if (routes.take(ticket)) {
                    claim(ticket, Math.min(payload.bytes(), CLAIMING_BYTES_MAX / 2));
                }
            }
        }
    }

    private void claim(Ticket ticket, int payloadBytes) throws InterruptedException {
        var bytes = payloadBytes + CLAIM_OVERHEAD_BYTES;
        claimingBytes.acquire(bytes);
        var claim = message(ticket.key(), new DispatchStep.Claimed(node));
        while (!ingest.offer(
                claim,
                0,
                answer -> {
                    claimingBytes.release(bytes);
                    if (!led(answer)) {
                        routes.drop(ticket);
                    }
                })) {
            Thread.sleep(AGAIN_AFTER);
        }
    }

    /// To anything.
    static boolean led(Answer answer) {
        return answer instanceof Answer.Stored(var attempts) && !attempts.isEmpty();
    }

    @Override
    public void close() {
        looker.interrupt();
        receipts.close();
    }
}
