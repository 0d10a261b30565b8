package org.tethral.mqtt;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/// The messages of a connection whose answer is not through yet, in their order. One device cannot
/// fill the queue that all share: with too many here, its connection is not read. On the event
/// loop.
final class Acknowledgements {

    /// Messages with QoS 1 and 2 that are not acknowledged. An MQTT 5 client is told (Receive
    /// Maximum), and must respect it.
    static final int UNANSWERED_MAX = 1_000;

    /// Messages of any QoS.
    static final int WAITING_MAX = 2_000;

    /// Of a PUBACK or PUBREC that says yes.
    private static final int PACKET_BYTES = 4;

    private final Conversation conversation;
    private @Nullable Acknowledgement first;
    private @Nullable Acknowledgement last;
    private int waiting;
    private int unanswered;
    private int unreleased;

    Acknowledgements(Conversation conversation) {
        this.conversation = conversation;
    }

    /// Whether a client that knows the limit went beyond it. QoS 2 counts until it is released
    /// (MQTT 5, 4.9).
    boolean exhausted() {
        return unanswered + unreleased >= UNANSWERED_MAX;
    }

    boolean none() {
        return first == null;
    }

    void expect(Acknowledgement one) {
        if (last == null) {
            first = one;
        } else {
            last.next = one;
        }
        last = one;
        unanswered += one.counts();
        if (++waiting >= WAITING_MAX) {
            conversation.connection().intake().pause(Intake.Pause.UNANSWERED);
        }
    }

    void released() {
        if (unreleased > 0) {
            unreleased--;
        }
    }

    /// Writes all whose turn it is, together.
    void flush() {
        ByteBuf packets = null;
        for (var one = first; one != null && one.settled(); one = first) {
            remove(one);
            var refusal = one.refusal();
            if (refusal == null) {
                packets = accept(one, packets);
            } else {
                write(packets);
                packets = null;
                if (one.ends(conversation.hello().version5())) {
                    conversation.end(refusal);
                    return;
                }
                refuse(one, refusal);
            }
        }
        write(packets);
        if (waiting <= WAITING_MAX / 2) {
            conversation.connection().intake().resume(Intake.Pause.UNANSWERED);
        }
    }

    private void remove(Acknowledgement one) {
        first = one.next;
        if (first == null) {
            last = null;
        }
        waiting--;
        unanswered -= one.counts();
    }

    private @Nullable ByteBuf accept(Acknowledgement one, @Nullable ByteBuf packets) {
        if (one.kind() == Acknowledgement.Kind.NOTHING) {
            return packets;
        }
        if (one.kind() == Acknowledgement.Kind.PUBREC) {
            unreleased++;
        }
        var to =
                packets == null
                        ? conversation.connection().buffer(PACKET_BYTES * (1 + waiting))
                        : packets;
        Packets.acknowledged(one, to);
        return to;
    }

    private void refuse(Acknowledgement one, Refusal refusal) {
        if (one.kind() != Acknowledgement.Kind.NOTHING) {
            write(Packets.notAcknowledged(one, refusal, conversation.hello()));
        }
    }

    private void write(@Nullable Object packets) {
        if (packets != null) {
            conversation.connection().write(packets);
        }
    }
}
