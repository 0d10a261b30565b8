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
    private static final int PUBLISH = 3;
    private static final int PUBLISH_QOS_1 = 0x32;
    private static final int PUBLISH_AGAIN = 0x08;
    private static final int PUBACK = 0x40;
    private static final int SUBSCRIBE = 0x82;
    private static final int SUBACK = 0x90;
    private static final int PINGREQ = 0xC0;
    private static final int DISCONNECT = 0xE0;

    /// Packet ids of what is no report: above those of all slots.
    private static final int OTHER_IDS_FROM = Plan.Load.IN_FLIGHT_MAX + 1;

    private static final int OTHER_IDS = 50_000;

    private static final byte[] DONE =
            Payload.ascii("{\"status\":\"success\",\"result\":{\"simulated\":true}}");
    private static final byte[] FAILED =
            Payload.ascii("{\"status\":\"error\",\"message\":\"simulated failure\"}");

    private final Plan.Identity identity;
    private final byte[] reportTopic;
    private final byte[] stateTopic;
    private int otherIds;

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
            case 0 -> {
                if (run.plan.obedience() == null) {
                    becameReady();
                } else {
                    subscribe();
                }
            }
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

    private int nextOtherId() {
        return OTHER_IDS_FROM + otherIds++ % OTHER_IDS;
    }

    /// To its commands; it is ready when that is granted.
    private void subscribe() {
        var filter = Payload.ascii("devices/" + identity.device() + "/commands/+");
        if (channel != null) {
            var out = channel.alloc().ioBuffer();
            out.writeByte(SUBSCRIBE);
            writeLength(out, 2 + 2 + filter.length + 1);
            out.writeShort(nextOtherId()).writeShort(filter.length).writeBytes(filter);
            out.writeByte(1);
            channel.writeAndFlush(out, channel.voidPromise());
        }
    }

    private void commanded(String topic, int packetId) {
        var obedience = run.plan.obedience();
        if (obedience == null) {
            return;
        }
        servant(obedience)
                .take(
                        new Servant.Voice() {
                            @Override
                            public void received() {
                                if (channel != null && packetId != 0) {
                                    var out = channel.alloc().ioBuffer(4);
                                    out.writeByte(PUBACK).writeByte(2).writeShort(packetId);
                                    channel.write(out, channel.voidPromise());
                                }
                            }

                            @Override
                            public void answer(boolean success) {
                                MqttLine.this.answer(topic, success ? DONE : FAILED);
                            }
                        });
    }

    private void answer(String topic, byte[] payload) {
        if (channel != null) {
            var to = Payload.ascii(topic + "/ack");
            var out = channel.alloc().ioBuffer();
            out.writeByte(PUBLISH_QOS_1);
            writeLength(out, 2 + to.length + 2 + payload.length);
            out.writeShort(to.length).writeBytes(to).writeShort(nextOtherId()).writeBytes(payload);
            channel.write(out, channel.voidPromise());
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
                    var id = in.getUnsignedShort(start + 2);
                    if (id < OTHER_IDS_FROM) {
                        acknowledged(id - 1);
                    }
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
            } else if (type == SUBACK) {
                becameReady();
            } else if (type >> 4 == PUBLISH) {
                var topicLength = in.getUnsignedShort(body);
                var topic = in.toString(body + 2, topicLength, StandardCharsets.UTF_8);
                var withId = (type & 6) != 0; // its QoS is above 0
                commanded(topic, withId ? in.getUnsignedShort(body + 2 + topicLength) : 0);
            }
            return true;
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) throws Exception {
            super.channelReadComplete(context);
            context.flush();
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
