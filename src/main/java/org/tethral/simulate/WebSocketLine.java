package org.tethral.simulate;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketClientHandshakeException;
import io.netty.handler.codec.http.websocketx.WebSocketClientHandshakerFactory;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler.ClientHandshakeStateEvent;
import io.netty.handler.codec.http.websocketx.WebSocketVersion;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/// One WebSocket device. Its acknowledgements carry message ids, so each report has one.
final class WebSocketLine extends Line {

    private static final int FRAME_BYTES_MAX = 1 << 20;
    private static final String REGISTER =
            "{\"message_type\":\"register\",\"device_type\":\"simulated\"}";
    private static final String HEARTBEAT = "{\"message_type\":\"heartbeat\"}";

    private static final String COMMAND = "{\"message_type\":\"command\",";
    private static final String COMMAND_ID = "\"command_id\":\"";
    private static final String DONE = "\"status\":\"success\",\"payload\":{\"simulated\":true}}";
    private static final String FAILED = "\"status\":\"error\",\"message\":\"simulated failure\"}";

    private final Plan.Identity identity;
    private final String idPrefix;

    WebSocketLine(Run run, int index) {
        super(run, index, run.plan.load().inFlight());
        this.identity = run.plan.devices().get(index);
        this.idPrefix = run.plan.content().run() + "-";
    }

    @Override
    void equip(ChannelPipeline pipeline) {
        var plan = run.plan;
        var path =
                "/ws/"
                        + URLEncoder.encode(identity.device(), StandardCharsets.UTF_8)
                                .replace("+", "%20");
        var address =
                URI.create(
                        "ws://"
                                + plan.server().getHostString()
                                + ":"
                                + plan.server().getPort()
                                + path);
        var headers = new DefaultHttpHeaders().add("Authorization", "Bearer " + identity.token());
        var handshaker =
                WebSocketClientHandshakerFactory.newHandshaker(
                        address, WebSocketVersion.V13, null, false, headers, FRAME_BYTES_MAX);
        pipeline.addLast(
                new HttpClientCodec(),
                new HttpObjectAggregator(FRAME_BYTES_MAX),
                new WebSocketClientProtocolHandler(handshaker),
                new Frames());
    }

    @Override
    int device(long number) {
        return index;
    }

    @Override
    void write(ByteBuf out, int slot, long message, boolean again) {
        var payload = run.payload;
        if (Message.isReport(message)) {
            payload.statusFrame(index, Message.number(message));
        } else {
            payload.stateFrame(index, Message.number(message), again);
        }
        out.writeShort(payload.length());
        payload.writeTo(out);
    }

    /// Parts what was written into frames.
    @Override
    void send(ByteBuf out) {
        var open = channel;
        while (open != null && out.isReadable()) {
            var length = out.readUnsignedShort();
            open.write(new TextWebSocketFrame(out.readRetainedSlice(length)), open.voidPromise());
        }
        out.release();
        if (open != null) {
            open.flush();
        }
    }

    @Override
    void keepAlive() {
        if (channel != null && slots.used() == 0) {
            channel.writeAndFlush(new TextWebSocketFrame(HEARTBEAT), channel.voidPromise());
        }
    }

    private void received(String frame) {
        if (frame.startsWith(COMMAND)) {
            commanded(frame);
            return;
        }
        var slot = slotNamedBy(frame);
        if (frame.contains("\"message_type\":\"ack\"")) {
            if (slot >= 0) {
                acknowledged(slot);
            }
        } else if (frame.contains("\"message_type\":\"error\"")) {
            refused(slot, frame);
        }
    }

    /// A WebSocket has no word for having received a command.
    private void commanded(String frame) {
        var obedience = run.plan.obedience();
        var from = frame.indexOf(COMMAND_ID) + COMMAND_ID.length();
        if (obedience == null || from < COMMAND_ID.length()) {
            return;
        }
        var id = frame.substring(from, frame.indexOf('"', from));
        servant(obedience)
                .take(
                        new Servant.Voice() {
                            @Override
                            public void received() {}

                            @Override
                            public void answer(boolean success) {
                                WebSocketLine.this.answer(id, success ? DONE : FAILED);
                            }
                        });
    }

    private void answer(String command, String rest) {
        if (channel != null) {
            var frame =
                    "{\"message_type\":\"command_ack\",\"command_id\":\"" + command + "\"," + rest;
            channel.write(new TextWebSocketFrame(frame), channel.voidPromise());
        }
    }

    /// -1 where it has no message id of ours.
    private int slotNamedBy(String frame) {
        var at = frame.indexOf(idPrefix);
        if (at < 0) {
            return -1;
        }
        at += idPrefix.length();
        var number = 0L;
        while (at < frame.length() && frame.charAt(at) >= '0' && frame.charAt(at) <= '9') {
            number = number * 10 + frame.charAt(at++) - '0';
        }
        var ofState = at < frame.length() && frame.charAt(at) == Payload.STATE_CHANGE_MARK;
        return slots.find(ofState ? Message.stateChange(number) : Message.report(number));
    }

    private final class Frames extends SimpleChannelInboundHandler<TextWebSocketFrame> {

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event == ClientHandshakeStateEvent.HANDSHAKE_COMPLETE) {
                context.writeAndFlush(new TextWebSocketFrame(REGISTER));
                becameReady();
            }
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, TextWebSocketFrame frame) {
            received(frame.text());
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            context.flush();
            run.roomOn(WebSocketLine.this);
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            lost();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            var refused =
                    cause instanceof WebSocketClientHandshakeException handshake
                            && handshake.response() != null
                            && handshake.response().status().code() / 100 == 4;
            if (refused) {
                run.turnedAway(
                        WebSocketLine.this,
                        identity.device() + " was refused: " + cause.getMessage());
            }
            context.close();
        }
    }
}
