package org.tethral.http;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.tethral.command.Downlink;
import org.tethral.command.Handover;
import org.tethral.command.Instruction;
import org.tethral.command.Switchboard;
import org.tethral.device.DeviceId;
import org.tethral.device.Protocol;

/// A request that waits for one command. It takes no thread: only an entry on the switchboard, and
/// a timer. On its event loop, except where it says otherwise.
final class CommandWait implements Downlink {

    /// Of all devices together; of those that come at the same moment, a few more.
    static final int WAITING_MAX = 10_000;

    private final DeviceId device;
    private final HttpServerResponse response;
    private final Switchboard switchboard;
    private final Set<CommandWait> waiting;
    private final Context context;
    private final Vertx vertx;
    private final Function<@Nullable Instruction, Reply.Content> told;
    private long timer;
    private boolean over;

    private CommandWait(
            DeviceId device,
            HttpServerResponse response,
            Switchboard switchboard,
            Set<CommandWait> waiting,
            Vertx vertx,
            Function<@Nullable Instruction, Reply.Content> told) {
        this.device = device;
        this.response = response;
        this.switchboard = switchboard;
        this.waiting = waiting;
        this.vertx = vertx;
        this.context = vertx.getOrCreateContext();
        this.told = told;
    }

    /// @param waiting those that wait, this one among them until it is answered
    /// @param told the answer: to a command, or null when none came in time
    static void begin(
            DeviceId device,
            HttpServerResponse response,
            Switchboard switchboard,
            Set<CommandWait> waiting,
            Vertx vertx,
            Duration patience,
            Function<@Nullable Instruction, Reply.Content> told) {
        if (waiting.size() >= WAITING_MAX) {
            Send.problem(response, Problem.busy("too-busy", "too many devices wait", 5));
            return;
        }
        var wait = new CommandWait(device, response, switchboard, waiting, vertx, told);
        waiting.add(wait);
        response.closeHandler(_ -> wait.end());
        wait.timer = vertx.setTimer(Math.max(patience.toMillis(), 1), _ -> wait.nothingCame());
        switchboard.reachable(device, wait);
    }

    @Override
    public Protocol protocol() {
        return Protocol.HTTP;
    }

    @Override
    public int capacity() {
        return 1;
    }

    /// On any thread.
    @Override
    public void send(Instruction instruction, Handover handover) {
        context.runOnContext(_ -> answer(instruction, handover));
    }

    private void answer(Instruction instruction, Handover handover) {
        if (over || response.closed()) {
            handover.failed("the request had ended");
            return;
        }
        over = true;
        vertx.cancelTimer(timer);
        // what the device does not take is sent again: only then is it told that it is gone
        Send.whole(response, told.apply(instruction))
                .onSuccess(_ -> handover.delivered())
                .onComplete(_ -> leave());
    }

    /// On any thread.
    void stop() {
        context.runOnContext(_ -> nothingCame());
    }

    private void nothingCame() {
        if (!over) {
            end();
            Send.reply(response, told.apply(null));
        }
    }

    /// On any thread.
    void evict(DeviceId evicted, String reason) {
        if (evicted.equals(device)) {
            context.runOnContext(_ -> {
                if (!over) {
                    end();
                    Send.problem(response, Problem.unauthenticated(reason));
                }
            });
        }
    }

    private void end() {
        if (!over) {
            over = true;
            vertx.cancelTimer(timer);
            leave();
        }
    }

    private void leave() {
        waiting.remove(this);
        switchboard.unreachable(device, this);
    }
}
