package org.tethral.simulate;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import java.util.concurrent.TimeUnit;

/// One CoAP device on a port of its own. It begins with a ping, as UDP does not tell whether
/// anybody listens, and repeats what is not answered, ever more slowly (RFC 7252, 4.2).
final class CoapLine extends Line {

    private static final long CHECK_EVERY_MILLIS = 500;
    private static final long REPEAT_FIRST_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final int REPEATS_MAX = 4;

    /// After an acknowledgement without an answer: the server gives up after 30 s.
    private static final long ANSWER_WITHIN_NANOS = TimeUnit.SECONDS.toNanos(35);

    private static final int AGAIN_AFTER_SECONDS = 1;

    private final Plan.Identity identity;
    private final byte[] reportOptions;
    private final byte[] stateOptions;
    private final int[] messageIds;
    private final long[] dueNanos;
    private final int[] repeats;
    private int nextMessageId;
    private int pingId = -1;

    CoapLine(Run run, int index) {
        super(run, index, run.plan.load().inFlight());
        identity = run.plan.devices().get(index);
        reportOptions = CoapWire.options("report", identity);
        stateOptions = CoapWire.options("state", identity);
        messageIds = new int[slots.size()];
        dueNanos = new long[slots.size()];
        repeats = new int[slots.size()];
        nextMessageId = index * 7_919 & 0xFFFF;
    }

    @Override
    void equip(ChannelPipeline pipeline) {
        pipeline.addLast(new Datagrams());
    }

    @Override
    int device(long number) {
        return index;
    }

    /// On a new connection the server may be a new one: what it is sent again has a new id.
    @Override
    void write(ByteBuf out, int slot, long message, boolean again) {
        nextMessageId = nextMessageId + 1 & 0xFFFF;
        messageIds[slot] = nextMessageId;
        repeats[slot] = 0;
        dueNanos[slot] = System.nanoTime() + REPEAT_FIRST_NANOS;
        datagram(out, slot, message, again);
    }

    private void datagram(ByteBuf out, int slot, long message, boolean again) {
        var payload = run.payload;
        byte[] options;
        if (Message.isReport(message)) {
            options = reportOptions;
            payload.report(index, Message.number(message));
        } else {
            options = stateOptions;
            payload.state(index, again);
        }
        out.writeShort(8 + options.length + payload.length());
        CoapWire.post(out, messageIds[slot], token(slot));
        out.writeBytes(options);
        payload.writeTo(out);
    }

    /// Which slot it is, and which message of that slot.
    private int token(int slot) {
        return slot + 1 << 16 | messageIds[slot];
    }

    /// Parts what was written into datagrams.
    @Override
    void send(ByteBuf out) {
        var open = channel;
        while (open != null && out.isReadable()) {
            var length = out.readUnsignedShort();
            open.write(out.readRetainedSlice(length), open.voidPromise());
        }
        out.release();
        if (open != null) {
            open.flush();
        }
    }

    private void ping(ChannelHandlerContext context) {
        pingId = nextMessageId = nextMessageId + 1 & 0xFFFF;
        var out = context.alloc().ioBuffer(4);
        CoapWire.ping(out, pingId);
        context.writeAndFlush(out, context.voidPromise());
    }

    /// Repeats what is due.
    private void check(ChannelHandlerContext context) {
        if (!context.channel().isActive() || !run.running()) {
            return;
        }
        if (pingId >= 0) {
            ping(context);
        }
        var now = System.nanoTime();
        for (int slot = 0; slot < slots.size(); slot++) {
            var message = slots.message(slot);
            if (message != 0 && dueNanos[slot] - now <= 0) {
                if (++repeats[slot] > REPEATS_MAX) {
                    run.tally.problem("no answer");
                    context.close();
                    return;
                }
                dueNanos[slot] = now + (REPEAT_FIRST_NANOS << repeats[slot]);
                var out = context.alloc().ioBuffer();
                datagram(out, slot, message, true);
                run.tally.resent();
                send(out);
            }
        }
        run.after(CHECK_EVERY_MILLIS, TimeUnit.MILLISECONDS, () -> check(context));
    }

    private void received(ChannelHandlerContext context, CoapWire.Received answer) {
        if (answer.type() == CoapWire.CON) {
            var out = context.alloc().ioBuffer(4);
            CoapWire.acknowledgement(out, answer.messageId());
            context.write(out, context.voidPromise());
        }
        if (answer.messageId() == pingId && answer.type() == CoapWire.RESET) {
            pingId = -1;
            becameReady();
        } else if (answer.code() == 0) {
            acknowledgedOnly(answer);
        } else {
            var slot = (answer.token() >> 16) - 1;
            if (slots.message(slot) != 0 && token(slot) == answer.token()) {
                answered(slot, answer);
            }
        }
    }

    private void acknowledgedOnly(CoapWire.Received answer) {
        for (int slot = 0; slot < slots.size(); slot++) {
            if (slots.message(slot) != 0 && messageIds[slot] == answer.messageId()) {
                dueNanos[slot] = System.nanoTime() + ANSWER_WITHIN_NANOS;
            }
        }
    }

    private void answered(int slot, CoapWire.Received answer) {
        switch (answer.code() / 100) {
            case 2 -> acknowledged(slot);
            case 5 -> {
                dueNanos[slot] = System.nanoTime() + ANSWER_WITHIN_NANOS;
                run.after(AGAIN_AFTER_SECONDS, TimeUnit.SECONDS, () -> again(slot, answer.token()));
            }
            default -> {
                var reason = "code " + answer.code() + " " + answer.text();
                run.turnedAway(this, identity.device() + " was refused: " + reason);
                refused(slot, reason);
            }
        }
    }

    private void again(int slot, int token) {
        var message = slots.message(slot);
        if (message != 0 && channel != null && token(slot) == token) {
            var out = channel.alloc().ioBuffer();
            write(out, slot, message, true);
            run.tally.resent();
            send(out);
        }
    }

    private final class Datagrams extends SimpleChannelInboundHandler<DatagramPacket> {

        @Override
        public void channelActive(ChannelHandlerContext context) {
            ping(context);
            run.after(CHECK_EVERY_MILLIS, TimeUnit.MILLISECONDS, () -> check(context));
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, DatagramPacket packet) {
            received(context, CoapWire.read(packet.content()));
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            context.flush();
            run.roomOn(CoapLine.this);
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            lost();
        }

        /// Nobody listens there at the moment.
        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            run.tally.problem("no answer: " + cause.getMessage());
            context.close();
        }
    }
}
