package org.tethral.websocket;

import io.netty.channel.EventLoop;
import io.vertx.core.Future;
import io.vertx.core.http.ServerWebSocket;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.tethral.device.DeviceId;
import org.tethral.kernel.StorageException;

/// What goes down to one device. Of desired values that change faster than the device reads, it
/// gets the last; that nothing else piles up, whoever owns this sees to by not reading a device
/// that [#isBehind].
final class Outgoing {

    /// What the device did not read yet and is kept for it.
    static final int UNREAD_BYTES_MAX = 64 * 1024;

    /// How long a device may be behind.
    static final Duration BEHIND_FOR_MAX = Duration.ofSeconds(30);

    private static final Duration DESIRED_AGAIN_AFTER = Duration.ofSeconds(5);

    private final DeviceId device;
    private final ServerWebSocket socket;
    private final EventLoop loop;
    private final Ports ports;
    private final Runnable fallenBehind;
    private final AtomicReference<@Nullable Desired> newest = new AtomicReference<>();
    private boolean behind;
    private long behindSinceNanos;
    private long desiredVersion;

    /// @param fallenBehind told each time the device stops reading as fast as it is written to
    Outgoing(
            DeviceId device,
            ServerWebSocket socket,
            EventLoop loop,
            Ports ports,
            Runnable fallenBehind) {
        this.device = device;
        this.ports = ports;
        this.socket = socket;
        this.loop = loop;
        this.fallenBehind = fallenBehind;
        socket.setWriteQueueMaxSize(UNREAD_BYTES_MAX);
    }

    /// Completes when it is written out.
    Future<Void> send(String text) {
        if (socket.isClosed()) {
            return Future.failedFuture("the connection is closed");
        }
        ports.meters().sent();
        var written = socket.writeTextMessage(text);
        if (!behind && socket.writeQueueFull()) {
            behind = true;
            behindSinceNanos = System.nanoTime();
            fallenBehind.run();
        }
        return written;
    }

    /// The device has read what was kept for it.
    void caughtUp() {
        behind = false;
        sendDesired();
    }

    boolean isBehind() {
        return behind;
    }

    boolean isBehindForTooLong() {
        return behind && System.nanoTime() - behindSinceNanos >= BEHIND_FOR_MAX.toNanos();
    }

    /// Tells the device what is wanted of it.
    ///
    /// @param again also when it was told before
    void fetchDesired(boolean again) {
        if (socket.isClosed()) {
            return;
        }
        if (again) {
            desiredVersion = 0;
        }
        ports.blocking()
                .execute(() -> {
                    try {
                        ports.states().find(device).map(Desired::of).ifPresent(this::desired);
                    } catch (StorageException e) {
                        loop.schedule(
                                () -> fetchDesired(false),
                                DESIRED_AGAIN_AFTER.toMillis(),
                                TimeUnit.MILLISECONDS);
                    }
                });
    }

    /// From any thread.
    void desired(Desired next) {
        var before =
                newest.getAndAccumulate(
                        next,
                        (kept, given) ->
                                kept != null && kept.version() > given.version() ? kept : given);
        if (before == null) {
            loop.execute(this::sendDesired);
        }
    }

    private void sendDesired() {
        if (behind) {
            return;
        }
        var desired = newest.getAndSet(null);
        if (desired != null && desired.version() > desiredVersion) {
            desiredVersion = desired.version();
            send(Notice.desired(desired));
        }
    }
}
