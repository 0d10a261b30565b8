package org.tethral.simulate;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/// Bounded load from simulated devices. They connect, all of them before the first one reports;
/// return when their connection breaks, with growing pauses; and send again what was not
/// acknowledged, under the same message id.
public final class Simulation {

    private static final int RECEIVE_BUFFER_BYTES = 256 * 1024;

    private Simulation() {}

    /// Runs until the plan is fulfilled; blocks that long.
    ///
    /// @throws Failed no server answers, or it refuses the devices
    public static Report run(Plan plan, Watcher watcher) throws InterruptedException {
        return start(plan, watcher).report();
    }

    /// Starts what the plan says, and returns.
    public static UnderWay start(Plan plan, Watcher watcher) {
        var group = group();
        var run = new Run(plan, watcher, false, group.next(), transport(plan));
        var finished = run.start();
        return new UnderWay() {
            @Override
            public void end() {
                run.stop();
            }

            @Override
            public Report report() throws InterruptedException {
                try {
                    return result(finished);
                } finally {
                    Simulation.end(group);
                }
            }
        };
    }

    /// A simulation under way.
    public interface UnderWay {
        /// Has it start no more reports; those that are under way get some seconds.
        void end();

        /// Waits until it is over, as planned or because it was told to end.
        ///
        /// @throws Failed as [Simulation#run]
        Report report() throws InterruptedException;
    }

    /// Connects all devices of the plan and keeps them connected, without a report; returns when
    /// they are.
    ///
    /// @throws Failed no server answers, or it refuses the devices
    public static Held hold(Plan plan) throws InterruptedException {
        var group = group();
        var run = new Run(plan, Watcher.NONE, true, group.next(), transport(plan));
        var finished = run.start();
        try {
            result(run.held());
        } catch (Failed | InterruptedException e) {
            end(group);
            throw e;
        }
        return () -> {
            run.release();
            try {
                result(finished);
                end(group);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };
    }

    /// Connected devices.
    @FunctionalInterface
    public interface Held extends AutoCloseable {
        /// Disconnects them.
        @Override
        void close();
    }

    private static EventLoopGroup group() {
        return new MultiThreadIoEventLoopGroup(
                1, Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    }

    private static Bootstrap transport(Plan plan) {
        if (plan.wire() == Plan.Wire.COAP) {
            return new Bootstrap()
                    .channel(
                            Epoll.isAvailable()
                                    ? EpollDatagramChannel.class
                                    : NioDatagramChannel.class)
                    .option(ChannelOption.SO_RCVBUF, RECEIVE_BUFFER_BYTES);
        }
        return new Bootstrap()
                .channel(Epoll.isAvailable() ? EpollSocketChannel.class : NioSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 5_000);
    }

    private static void end(EventLoopGroup group) throws InterruptedException {
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).await(3, TimeUnit.SECONDS);
    }

    private static <T> T result(CompletableFuture<T> future) throws InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new CompletionException(e);
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
