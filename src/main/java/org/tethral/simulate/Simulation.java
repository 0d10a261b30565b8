package org.tethral.simulate;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/// Bounded load from simulated devices. They connect, all of them before the first one reports;
/// return when their connection breaks, with growing pauses; and send again what was not
/// acknowledged, under the same message id.
public final class Simulation {

    private Simulation() {}

    /// Runs until the plan is fulfilled; blocks that long.
    ///
    /// @throws Failed no server answers, or it refuses the devices
    public static Report run(Plan plan, Watcher watcher) throws InterruptedException {
        var epoll = Epoll.isAvailable();
        var group =
                new MultiThreadIoEventLoopGroup(
                        1, epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
        try {
            EventLoop loop = group.next();
            var transport =
                    new Bootstrap()
                            .channel(epoll ? EpollSocketChannel.class : NioSocketChannel.class);
            return new Run(plan, watcher, loop, transport).start().get();
        } catch (java.util.concurrent.ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new CompletionException(e);
        } finally {
            group.shutdownGracefully(0, 2, TimeUnit.SECONDS).await(3, TimeUnit.SECONDS);
        }
    }

    /// The simulation could not be carried out; the message says why.
    public static final class Failed extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Failed(String reason) {
            super(reason);
        }
    }
}
