package org.tethral.mqtt;

import io.netty.channel.Channel;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.EnumSet;
import java.util.Queue;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Whether a connection is read at present. While it is not, the network holds its client up:
/// nothing piles up here but what one read of the socket had brought already.
final class Intake {

    /// Why a connection is not read.
    enum Pause {
        LOGIN,
        QUEUE_FULL,
        UNANSWERED,
        /// The client does not read what it is sent.
        UNWRITABLE,
        LOOKUP,
        /// The command that is answered is looked up.
        COMMAND_LOOKUP,
        ENDING,
        SHUTDOWN
    }

    private final Consumer<MqttMessage> handler;
    private final Runnable goesOn;
    private @Nullable Channel channel;
    private @Nullable Queue<MqttMessage> held;
    private final Set<Pause> pauses = EnumSet.noneOf(Pause.class);
    private boolean draining;
    private boolean dropped;

    /// @param goesOn is told when a pause is over, after what was held
    Intake(Consumer<MqttMessage> handler, Runnable goesOn) {
        this.handler = handler;
        this.goesOn = goesOn;
    }

    void reads(Channel from) {
        channel = from;
    }

    void take(MqttMessage packet) {
        if (pauses.isEmpty() && held == null) {
            handler.accept(packet);
            return;
        }
        if (held == null) {
            held = new ArrayDeque<>();
        }
        held.add(packet);
    }

    /// Stops reading until every reason for it is gone.
    void pause(Pause why) {
        pauses.add(why);
        autoRead(false);
    }

    void resume(Pause why) {
        if (pauses.remove(why) && pauses.isEmpty() && !draining && !dropped) {
            drain();
        }
    }

    private void drain() {
        draining = true;
        try {
            while (pauses.isEmpty() && held != null) {
                var next = held.poll();
                if (next == null) {
                    held = null;
                } else {
                    handler.accept(next);
                }
            }
        } finally {
            draining = false;
        }
        goesOn.run();
        if (pauses.isEmpty() && !dropped) {
            autoRead(true);
        }
    }

    /// The client may speak, but it is not listened to: nothing follows from its silence.
    boolean deaf() {
        return !pauses.isEmpty() && !pauses.contains(Pause.UNWRITABLE);
    }

    /// The connection has ended: what is held is not wanted any more.
    void drop() {
        dropped = true;
        if (held != null) {
            held.forEach(ReferenceCountUtil::release);
            held = null;
        }
    }

    private void autoRead(boolean on) {
        if (channel != null) {
            channel.config().setAutoRead(on);
        }
    }
}
