package org.tethral.mqtt;

import org.jspecify.annotations.Nullable;
import org.tethral.ingest.Answer;
import org.tethral.ingest.Ingest;

/// The answer that a message of a client waits for. Answers go out in the order of the messages
/// (MQTT 5, 4.6), so it stands in a queue of its connection: the links of that queue are in it.
final class Acknowledgement implements Ingest.Reply, Runnable {

    /// What the client gets.
    enum Kind {
        /// QoS 0.
        NOTHING,
        PUBACK,
        PUBREC
    }

    private final Uplink uplink;
    private final Kind kind;
    private final int packetId;
    private final @Nullable ReceivedIds ids;
    private @Nullable Refusal refusal;
    private boolean settled;
    @Nullable Acknowledgement next;

    /// @param ids of the session, with PUBREC
    Acknowledgement(Uplink uplink, Kind kind, int packetId, @Nullable ReceivedIds ids) {
        this.uplink = uplink;
        this.kind = kind;
        this.packetId = packetId;
        this.ids = ids;
    }

    Kind kind() {
        return kind;
    }

    int packetId() {
        return packetId;
    }

    /// 1 if the client waits for an acknowledgement.
    int counts() {
        return kind == Kind.NOTHING ? 0 : 1;
    }

    /// Whether the connection ends over it: MQTT 3.1.1 knows no negative answer, and a positive one
    /// would be a lie (3.3.5); with QoS 0, who publishes what it must not would not notice
    /// otherwise.
    boolean ends(boolean version5) {
        return refusal != null
                && (kind == Kind.NOTHING ? refusal.reason() == Reason.NOT_AUTHORIZED : !version5);
    }

    boolean settled() {
        return settled;
    }

    /// Null: yes.
    @Nullable Refusal refusal() {
        return refusal;
    }

    /// On the event loop.
    void settle(@Nullable Refusal why) {
        if (ids != null) {
            ids.answered(this, why == null);
        }
        refusal = why;
        settled = true;
    }

    /// On the event loop: what it asks for was stored before.
    void repeat() {
        settled = true;
    }

    boolean sameConnection(Acknowledgement other) {
        return uplink == other.uplink;
    }

    /// On a lane's thread.
    @Override
    public void answered(Answer answer) {
        var why = refusal(answer);
        var told = ids == null ? this : ids.answered(this, why == null);
        told.refusal = why; // seen by the loop: handed over under the outbox's lock
        told.uplink.outbox().add(told);
    }

    /// On the event loop, with all of its batch.
    @Override
    public void run() {
        settled = true;
        if (refusal != null) {
            uplink.refused(refusal);
        }
        uplink.flushLater();
    }

    static @Nullable Refusal refusal(Answer answer) {
        return switch (answer) {
            case Answer.Stored _ -> null;
            case Answer.UnknownDevice _ ->
                    new Refusal(Reason.NOT_AUTHORIZED, "the device is not registered any more");
            case Answer.UnknownCommand _ ->
                    new Refusal(Reason.NOT_STORABLE, Answer.UnknownCommand.REASON);
            case Answer.DisabledDevice _ ->
                    new Refusal(Reason.NOT_AUTHORIZED, "the device is disabled");
            case Answer.VersionIsNow(var version) ->
                    new Refusal(Reason.NOT_STORABLE, "the version is " + version + " by now");
            case Answer.Unstorable(var why) -> new Refusal(Reason.NOT_STORABLE, why);
        };
    }
}
