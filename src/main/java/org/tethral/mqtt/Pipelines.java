package org.tethral.mqtt;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttEncoder;
import io.netty.handler.ssl.OptionalSslHandler;
import io.netty.handler.ssl.SslContext;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// From bytes to packets, for each way to reach the edge.
final class Pipelines {

    static final String WEB_SOCKET_PATH = "/mqtt";
    private static final String WEB_SOCKET_PROTOCOLS = "mqtt, mqttv3.1";
    private static final int HTTP_REQUEST_BYTES_MAX = 8_192;

    private final Surroundings around;
    private final Function<EventLoop, Loop> loops;
    private final @Nullable SslContext tls;

    Pipelines(Surroundings around, Function<EventLoop, Loop> loops, @Nullable SslContext tls) {
        this.around = around;
        this.loops = loops;
        this.tls = tls;
    }

    ChannelInitializer<Channel> tcp() {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                mqtt(channel, MqttMeters.Transport.TCP);
            }
        };
    }

    ChannelInitializer<Channel> tls(SslContext context) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.pipeline().addLast(context.newHandler(channel.alloc()));
                mqtt(channel, MqttMeters.Transport.TLS);
            }
        };
    }

    /// Plain and, where there is a certificate, with TLS on the same port: the first byte tells.
    ChannelInitializer<Channel> webSocket() {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                if (tls != null) {
                    channel.pipeline().addLast(new OptionalSslHandler(tls));
                }
                webSocket(channel.pipeline());
                mqtt(channel, MqttMeters.Transport.WEBSOCKET);
            }
        };
    }

    private void webSocket(ChannelPipeline pipeline) {
        var frames =
                WebSocketDecoderConfig.newBuilder()
                        .maxFramePayloadLength(2 * around.settings().messageBytesMax())
                        .allowExtensions(false)
                        .withUTF8Validator(false)
                        .build();
        pipeline.addLast(
                new HttpServerCodec(),
                new HttpObjectAggregator(HTTP_REQUEST_BYTES_MAX),
                new WebSocketServerProtocolHandler(
                        WebSocketServerProtocolConfig.newBuilder()
                                .websocketPath(WEB_SOCKET_PATH)
                                .subprotocols(WEB_SOCKET_PROTOCOLS)
                                .decoderConfig(frames)
                                .build()),
                new WebSocketBytes(WEB_SOCKET_PATH));
    }

    private void mqtt(Channel channel, MqttMeters.Transport transport) {
        channel.pipeline()
                .addLast(
                        new MqttDecoder(
                                around.settings().messageBytesMax(), Hello.CLIENT_ID_LENGTH_MAX),
                        MqttEncoder.INSTANCE,
                        new MqttConnection(around, loops.apply(channel.eventLoop()), transport));
    }
}
