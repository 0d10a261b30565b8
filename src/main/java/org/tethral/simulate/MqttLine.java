package org.tethral.simulate;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// One MQTT 3.1.1 device: QoS 1, a clean session, its token as user name. It writes and reads the
/// few packets that it needs by itself ("MQTT Version 3.1.1", OASIS 2014, chapter 3): no object per
/// message, all that is due in one write.
final class MqttLine extends Line {

    static final int KEEP_ALIVE_SECONDS = 120;

    private static final int CONNECT = 0x10;
    private static final int CONNACK = 0x20;
    private static final int PUBLISH_QOS_1 = 0x32;
    private static final int PUBLISH_AGAIN = 0x08;
    private static final int PUBACK = 0x40;
    private static final int PINGREQ = 0xC0;
    private static final int DISCONNECT = 0xE0;

    private final Plan.Identity identity;
    private final byte[] reportTopic;
    private final byte[] stateTopic;

    MqttLine(Run run, int index) {
        super(run, index, run.plan.load().inFlight());
        identity = run.plan.devices().get(index);
        reportTopic = ("devices/" + identity.device() + "/report").getBytes(StandardCharsets.UTF_8);
        stateTopic = ("devices/" + identity.device() + "/state").getBytes(StandardCharsets.UTF_8);
    }

    @Override
    void equip(ChannelPipeline pipeline) {
        pipeline.addLast(new Packets());
    }

    @Override
    int device(long number) {
        return index;
    }

    @Override
    void write(ByteBuf out, int slot, long message, boolean again) {
        var payload = run.payload;
        byte[] topic;
        if (Message.isReport(message)) {
            topic = reportTopic;
            payload.report(index, Message.number(message));
        } else {
            topic = stateTopic;
            payload.state(index, again);
        }
        out.writeByte(again ? PUBLISH_QOS_1 | PUBLISH_AGAIN : PUBLISH_QOS_1);
        writeLength(out, 2 + topic.length + 2 + payload.length());
        out.writeShort(topic.length).writeBytes(topic).writeShort(slot + 1);
        payload.writeTo(out);
    }

    /// Seven bits in each byte, the lowest first.
    private static void writeLength(ByteBuf out, int length) {
        var rest = length;
        while (rest >= 128) {
            out.writeByte(rest & 127 | 128);
            rest >>>= 7;
        }
        out.writeByte(rest);
    }

    private void connect(ChannelHandlerContext context) {
        var id = identity.device().getBytes(StandardCharsets.UTF_8);
        var user = identity.token().getBytes(StandardCharsets.UTF_8);
        var out = context.alloc().ioBuffer();
        out.writeByte(CONNECT);
        writeLength(out, 10 + 2 + id.length + 2 + user.length);
        out.writeShort(4).writeBytes(Payload.ascii("MQTT")).writeByte(4);
        out.writeByte(0x82); // user name, clean session
        out.writeShort(KEEP_ALIVE_SECONDS);
        out.writeShort(id.length).writeBytes(id);
        out.writeShort(user.length).writeBytes(user);
        context.writeAndFlush(out, context.voidPromise());
    }

    private void connected(int code) {
        switch (code) {
            case 0 -> becameReady();
            case 2, 4, 5 -> {
                run.turnedAway(
                        this,
                        identity.device()
                                + " was refused: wrong id or token (CONNACK "
                                + code
                                + ")");
                end();
            }
            default -> end();
        }
    }

    @Override
    void keepAlive() {
        if (channel != null && slots.used() == 0) {
            channel.writeAndFlush(
                    channel.alloc().ioBuffer(2).writeByte(PINGREQ).writeByte(0),
                    channel.voidPromise());
        }
    }

    @Override
    void end() {
        if (channel != null) {
            channel.writeAndFlush(
                    channel.alloc().ioBuffer(2).writeByte(DISCONNECT).writeByte(0),
                    channel.voidPromise());
        }
        super.end();
    }

    private final class Packets extends ByteToMessageDecoder {

        @Override
        public void channelActive(ChannelHandlerContext context) {
            connect(context);
        }

        @Override
        protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
            while (in.readableBytes() >= 2) {
                var start = in.readerIndex();
                if (in.getByte(start) == PUBACK && in.readableBytes() >= 4) {
                    in.skipBytes(4);
                    acknowledged(in.getUnsignedShort(start + 2) - 1);
                } else if (!other(in)) {
                    in.readerIndex(start);
                    return;
                }
            }
        }

        /// Reads a packet that comes seldom; false: it is not complete.
        private boolean other(ByteBuf in) {
            var type = in.readByte() & 0xFF;
            var length = 0;
            for (int shift = 0; ; shift += 7) {
                if (!in.isReadable()) {
                    return false;
                }
                var part = in.readByte();
                length |= (part & 127) << shift;
                if (part >= 0) {
                    break;
                }
            }
            if (in.readableBytes() < length) {
                return false;
            }
            var body = in.readerIndex();
            in.skipBytes(length);
            if (type == CONNACK) {
                connected(in.getByte(body + 1));
            }
            return true;
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) throws Exception {
            super.channelReadComplete(context);
            run.roomOn(MqttLine.this);
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            run.roomOn(MqttLine.this);
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            lost();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            run.tally.problem("connection broke: " + cause.getMessage());
            context.close();
        }
    }
}
