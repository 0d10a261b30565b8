package org.tethral.mqtt;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetSocketAddress;
import javax.net.ssl.SSLException;
import org.tethral.kernel.TlsFiles;

/// The ports that the edge listens on.
final class Listeners implements AutoCloseable {

    private static final int BACKLOG = 4_096;
    private static final int RECEIVE_BYTES_MIN = 64;
    private static final int RECEIVE_BYTES_FIRST = 512;
    private static final int RECEIVE_BYTES_MAX = 64 * 1024;
    private static final int UNSENT_BYTES_LOW = 32 * 1024;
    private static final int UNSENT_BYTES_HIGH = 64 * 1024;

    /// For clients without keep-alive: the network is asked whether they are still there.
    private static final int TCP_PROBE_AFTER_SECONDS = 120;

    private static final int TCP_PROBE_EVERY_SECONDS = 30;
    private static final int TCP_PROBES = 4;

    private final EventLoopGroup events;
    private final String address;
    private final ChannelGroup open = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);

    Listeners(EventLoopGroup events, String address) {
        this.events = events;
        this.address = address;
    }

    /// The port that is listened on; -1 where none was wanted.
    ///
    /// @throws MqttEdge.CannotListen it is taken
    int bind(String what, int wanted, ChannelHandler initializer) {
        if (wanted < 0) {
            return -1;
        }
        var epoll = Epoll.isAvailable();
        var bootstrap =
                new ServerBootstrap()
                        .group(events)
                        .channel(listener(epoll))
                        .option(ChannelOption.SO_BACKLOG, BACKLOG)
                        .option(ChannelOption.SO_REUSEADDR, true)
                        .childOption(ChannelOption.TCP_NODELAY, true)
                        .childOption(ChannelOption.SO_KEEPALIVE, true)
                        .childOption(
                                ChannelOption.RECVBUF_ALLOCATOR,
                                new AdaptiveRecvByteBufAllocator(
                                        RECEIVE_BYTES_MIN, RECEIVE_BYTES_FIRST, RECEIVE_BYTES_MAX))
                        .childOption(
                                ChannelOption.WRITE_BUFFER_WATER_MARK,
                                new WriteBufferWaterMark(UNSENT_BYTES_LOW, UNSENT_BYTES_HIGH))
                        .childHandler(initializer);
        if (epoll) {
            bootstrap
                    .childOption(EpollChannelOption.TCP_KEEPIDLE, TCP_PROBE_AFTER_SECONDS)
                    .childOption(EpollChannelOption.TCP_KEEPINTVL, TCP_PROBE_EVERY_SECONDS)
                    .childOption(EpollChannelOption.TCP_KEEPCNT, TCP_PROBES);
        }
        var future = bootstrap.bind(address, wanted).awaitUninterruptibly();
        if (!future.isSuccess()) {
            var why = future.cause();
            throw new MqttEdge.CannotListen(
                    what + " cannot listen on " + address + ":" + wanted + ": " + why.getMessage(),
                    why);
        }
        open.add(future.channel());
        return ((InetSocketAddress) future.channel().localAddress()).getPort();
    }

    private static Class<? extends ServerChannel> listener(boolean epoll) {
        return epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
    }

    static SslContext tls(TlsFiles files) {
        try {
            var builder =
                    SslContextBuilder.forServer(
                                    files.certificate().toFile(), files.privateKey().toFile())
                            .sslProvider(SslProvider.JDK)
                            .protocols("TLSv1.3", "TLSv1.2");
            if (files.clientAuthority() != null) {
                builder.trustManager(files.clientAuthority().toFile())
                        .clientAuth(ClientAuth.OPTIONAL);
            }
            return builder.build();
        } catch (SSLException | IllegalArgumentException e) {
            throw new MqttEdge.CannotListen(
                    "MQTT over TLS cannot use certificate "
                            + files.certificate()
                            + " with key "
                            + files.privateKey()
                            + ": "
                            + e.getMessage(),
                    e);
        }
    }

    /// Takes no more connections; those that are open stay.
    @Override
    public void close() {
        open.close().awaitUninterruptibly();
    }
}
