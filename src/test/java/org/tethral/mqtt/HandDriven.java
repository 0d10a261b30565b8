package org.tethral.mqtt;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttEncoder;
import io.netty.util.ReferenceCountUtil;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/// One connection without a network, whose event loop and clock move when the test says so.
final class HandDriven implements AutoCloseable {

    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final Loop loop = new Loop(channel.eventLoop(), tasks::add);

    HandDriven(Surroundings around) {
        channel.pipeline()
                .addLast(
                        new MqttDecoder(
                                around.settings().messageBytesMax(), Hello.CLIENT_ID_LENGTH_MAX),
                        MqttEncoder.INSTANCE,
                        new MqttConnection(around, loop, MqttMeters.Transport.TCP));
    }

    void receive(byte[] bytes) {
        if (channel.isOpen()) {
            channel.writeInbound(Unpooled.wrappedBuffer(bytes));
        }
        runTasks();
    }

    /// What other threads brought.
    void runTasks() {
        loop.outbox().ring();
        for (var task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
        channel.runPendingTasks();
    }

    void pass(java.time.Duration time) {
        for (var ticks = time.toMillis() / KeepAliveWheel.TICK.toMillis(); ticks > 0; ticks--) {
            loop.wheel().tick();
        }
        channel.runPendingTasks();
    }

    boolean open() {
        return channel.isOpen();
    }

    /// What the connection wrote since it was last asked.
    byte[] sent() {
        var all = Unpooled.buffer();
        for (Object message = channel.readOutbound();
                message != null;
                message = channel.readOutbound()) {
            all.writeBytes((ByteBuf) message);
            ReferenceCountUtil.release(message);
        }
        return ByteBufUtil.getBytes(all);
    }

    /// Throws what no handler dealt with.
    @Override
    public void close() {
        channel.finishAndReleaseAll();
        runTasks();
    }
}
