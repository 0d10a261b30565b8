package org.tethral.simulate;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import org.jspecify.annotations.Nullable;

/// One connection to the server, which is opened again when it breaks; what was not acknowledged is
/// then sent again. Lives on the run's only thread.
abstract class Line {

    private static final long BACK_OFF_FIRST_MILLIS = 100;
    private static final int BACK_OFF_DOUBLINGS_MAX = 6;

    final Run run;
    final int index;
    final Slots slots;
    @Nullable Channel channel;

    /// The report whose change of state is still to be sent, -1 for none.
    private long stateDue = -1;

    private boolean ready;
    private boolean everReady;
    private int attempts;

    /// How long the device stays away when its connection ends; 0: as short as it can.
    private long awayMillis;

    /// Made when it is first needed.
    private @Nullable Servant servant;

    Line(Run run, int index, int inFlight) {
        this.run = run;
        this.index = index;
        this.slots = new Slots(inFlight);
    }

    /// Adds what understands the wire to a new connection.
    abstract void equip(ChannelPipeline pipeline);

    /// Writes the message; the server will acknowledge it under its slot.
    abstract void write(ByteBuf out, int slot, long message, boolean again);

    /// Which device a report is of.
    abstract int device(long number);

    /// Sends what was written.
    void send(ByteBuf out) {
        var open = channel;
        if (open == null) {
            out.release();
        } else {
            open.writeAndFlush(out, open.voidPromise());
        }
    }

    boolean everReady() {
        return everReady;
    }

    /// The server takes messages on this connection: first those that it did not acknowledge on the
    /// one before.
    void becameReady() {
        var again = everReady;
        ready = true;
        everReady = true;
        attempts = 0;
        if (slots.used() > 0 && channel != null) {
            var out = channel.alloc().ioBuffer();
            for (int slot = 0; slot < slots.size(); slot++) {
                if (slots.message(slot) != 0) {
                    write(out, slot, slots.message(slot), true);
                    run.tally.resent();
                }
            }
            send(out);
        }
        run.lineReady(this, again);
    }

    /// The connection broke, or was never made.
    void lost() {
        ready = false;
        channel = null;
        var doublings = Math.min(attempts++, BACK_OFF_DOUBLINGS_MAX);
        run.connectLater(this, Math.max(awayMillis, BACK_OFF_FIRST_MILLIS << doublings));
        awayMillis = 0;
    }

    /// Sends what is due, as far as there is room: `most` reports at most. Returns how many it
    /// started.
    int fill(int most) {
        var open = channel;
        if (!ready || open == null || !open.isWritable()) {
            return 0;
        }
        ByteBuf out = null;
        var now = System.nanoTime();
        var started = 0;
        while (slots.hasFree()) {
            long message;
            long since = now;
            if (stateDue >= 0) {
                message = Message.stateChange(stateDue);
                stateDue = -1;
            } else {
                var number = started < most ? run.next(now) : -1;
                if (number < 0) {
                    break;
                }
                message = Message.report(number);
                since = run.dueAt(number, now);
                stateDue = run.payload.changesState(number) ? number : -1;
                started++;
            }
            if (out == null) {
                out = open.alloc().ioBuffer();
            }
            write(out, slots.take(message, since), message, false);
        }
        if (out != null) {
            send(out);
        }
        return started;
    }

    void acknowledged(int slot) {
        var message = slots.message(slot);
        if (message == 0) {
            run.tally.problem("the server acknowledged what was not sent");
            return;
        }
        var since = slots.since(slot);
        slots.release(slot);
        run.acknowledged(device(Message.number(message)), message, since);
    }

    void refused(int slot, String reason) {
        if (slots.message(slot) != 0) {
            slots.release(slot);
            run.tally.refused(reason);
        }
    }

    /// Loses its connection without a word.
    void vanish(long millis) {
        awayMillis = millis;
        if (channel != null) {
            channel.close();
        }
    }

    void flush() {
        if (channel != null) {
            channel.flush();
        }
    }

    Servant servant(Plan.Obedience obedience) {
        if (servant == null) {
            servant = new Servant(run, this, obedience);
        }
        return servant;
    }

    boolean idle() {
        return slots.used() == 0 && stateDue < 0;
    }

    /// Ends the connection as a device does that is switched off in good order.
    void end() {
        ready = false;
        if (channel != null) {
            channel.close();
        }
    }

    /// Something to be heard by, from time to time.
    void keepAlive() {}
}
