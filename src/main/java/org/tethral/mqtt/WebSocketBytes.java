package org.tethral.mqtt;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;

/// MQTT in WebSocket frames (MQTT 5, 6): binary ones, whose borders mean nothing to MQTT.
final class WebSocketBytes extends ChannelDuplexHandler {

    private final String path;

    WebSocketBytes(String path) {
        this.path = path;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        switch (message) {
            case BinaryWebSocketFrame frame -> context.fireChannelRead(frame.content());
            case ContinuationWebSocketFrame frame -> context.fireChannelRead(frame.content());
            case TextWebSocketFrame frame -> {
                frame.release();
                context.writeAndFlush(
                                new CloseWebSocketFrame(
                                        WebSocketCloseStatus.INVALID_MESSAGE_TYPE,
                                        "MQTT needs binary frames"))
                        .addListener(ChannelFutureListener.CLOSE);
            }
            case FullHttpRequest request -> {
                request.release();
                notHere(context);
            }
            default -> ReferenceCountUtil.release(message);
        }
    }

    private void notHere(ChannelHandlerContext context) {
        var text =
                Unpooled.copiedBuffer(
                        "MQTT over WebSocket is at " + path + "\n", StandardCharsets.UTF_8);
        var answer =
                new DefaultFullHttpResponse(
                        HttpVersion.HTTP_1_1, HttpResponseStatus.NOT_FOUND, text);
        answer.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8")
                .set(HttpHeaderNames.CONTENT_LENGTH, text.readableBytes())
                .set(HttpHeaderNames.CONNECTION, "close");
        context.writeAndFlush(answer).addListener(ChannelFutureListener.CLOSE);
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        var framed = message instanceof ByteBuf bytes && bytes.isReadable();
        context.write(framed ? new BinaryWebSocketFrame((ByteBuf) message) : message, promise);
    }
}
