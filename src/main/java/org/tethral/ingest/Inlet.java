package org.tethral.ingest;

import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tethral.command.Downlink;
import org.tethral.command.Handover;
import org.tethral.command.Instruction;
import org.tethral.command.Switchboard;
import org.tethral.device.DeviceId;
import org.tethral.device.DeviceLogin;
import org.tethral.device.Protocol;
import org.tethral.kernel.Secret;

/// What the platform lends to a protocol of somebody else. Everything waits on threads of that
/// protocol, and nothing of it ever runs on one of the platform's, so that one which blocks or
/// fails harms itself only.
public final class Inlet implements AutoCloseable {

    /// Instructions that wait for the protocol; those on top count as not handed over.
    static final int INSTRUCTIONS_WAITING_MAX = 1_000;

    private static final Logger LOG = LoggerFactory.getLogger(Inlet.class);

    private final String name;
    private final Ingest ingest;
    private final Function<Secret, DeviceLogin.Outcome> login;
    private final Switchboard switchboard;
    private final InstantSource clock;
    private final ThreadPoolExecutor downward;

    /// @param name of the protocol
    /// @param login as [DeviceLogin#token]
    public Inlet(
            String name,
            Ingest ingest,
            Function<Secret, DeviceLogin.Outcome> login,
            Switchboard switchboard,
            InstantSource clock) {
        this.name = name;
        this.ingest = ingest;
        this.login = login;
        this.switchboard = switchboard;
        this.clock = clock;
        this.downward =
                new ThreadPoolExecutor(
                        0,
                        1,
                        1,
                        TimeUnit.MINUTES,
                        new ArrayBlockingQueue<>(INSTRUCTIONS_WAITING_MAX),
                        Thread.ofPlatform().daemon().name("protocol-" + name + "-down").factory());
    }

    public Instant now() {
        return clock.instant();
    }

    /// Whose token that is. May ask the database; a token that was accepted is remembered for 30
    /// seconds.
    public DeviceLogin.Outcome logIn(Secret token) {
        return login.apply(token);
    }

    /// Hands a message over and waits until it is durable, or will never be.
    ///
    /// @param bytes its size as it came
    /// @throws Ingest.QueueFull it was not taken: the device shall send it again
    public Answer store(Inbound message, int bytes) throws InterruptedException {
        var answer = new CompletableFuture<Answer>();
        if (!ingest.offer(message, bytes, answer::complete)) {
            throw new Ingest.QueueFull();
        }
        try {
            return answer.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("an answer is a value", e);
        }
    }

    /// From now on, commands for the device may be sent this way, those first that wait for it,
    /// until the way is closed. See [Downlink] for what is told of each; its `send` may block.
    public Way reachable(DeviceId device, Downlink downlink) {
        var guarded = new Guarded(downlink, downlink.protocol(), downlink.capacity());
        switchboard.reachable(device, guarded);
        return () -> switchboard.unreachable(device, guarded);
    }

    /// A way down to a device, as long as it is open.
    @FunctionalInterface
    public interface Way extends AutoCloseable {
        @Override
        void close();
    }

    /// Two are the same only if they are one.
    private final class Guarded implements Downlink {
        private final Downlink downlink;
        private final Protocol protocol;
        private final int capacity;

        Guarded(Downlink downlink, Protocol protocol, int capacity) {
            this.downlink = downlink;
            this.protocol = protocol;
            this.capacity = capacity;
        }

        @Override
        public void send(Instruction instruction, Handover handover) {
            try {
                downward.execute(() -> sendThere(instruction, handover));
            } catch (RejectedExecutionException e) {
                handover.failed("the protocol " + name + " takes no more instructions");
            }
        }

        private void sendThere(Instruction instruction, Handover handover) {
            try {
                downlink.send(instruction, handover);
            } catch (RuntimeException | LinkageError e) {
                LOG.atError()
                        .addKeyValue("protocol", name)
                        .setCause(e)
                        .log("a protocol failed to send an instruction");
                handover.failed("the protocol " + name + " failed by a fault");
            }
        }

        @Override
        public Protocol protocol() {
            return protocol;
        }

        @Override
        public int capacity() {
            return capacity;
        }
    }

    @Override
    public void close() {
        downward.shutdownNow();
    }
}
