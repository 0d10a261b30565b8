package org.tethral.command;

import org.tethral.device.Protocol;

/// The way down to one device, over one open connection or one request that waits: what a protocol
/// implements, and announces to the [Switchboard]. What it is to send is claimed and durable
/// already.
///
/// The life of an attempt, as the protocol sees it:
///
/// 1. [#send] is called, on any thread. It hands the instruction to the connection's own thread and
///    returns.
/// 2. The protocol tells what became of it: [Handover#delivered] when the transport has
///    acknowledged it (PUBACK of QoS 1, a confirmed CoAP notification), or the answer to a waiting
///    HTTP request that carries it is written. Where the transport never acknowledges (WebSocket,
///    QoS 0), it says nothing, unless the instruction is one-way: then [Handover#delivered] when it
///    is written out. [Handover#failed] when nothing was written.
///
///    A way that ends in the queue of a network, which keeps the command until the device listens,
///    offers [DispatchStep.Queued] instead, and what it hears of the command later as further
///    steps.
/// 3. The device answers, on this connection or another one, by this protocol or another one. The
///    protocol offers `Inbound.CommandStep` with a [DispatchStep.Answered], and gives the device
///    its positive answer when that is stored, or the reason of `Answer.UnknownCommand`: a command
///    that was never sent to this device.
/// 4. When the connection ends: [Switchboard#unreachable]. What was sent on it and not acknowledged
///    is sent again over the next one, by itself: the protocol keeps and repeats nothing, and a
///    persistent MQTT session does not queue commands.
public interface Downlink {

    /// Must return at once.
    void send(Instruction instruction, Handover handover);

    /// By which commands are counted in the statistics.
    Protocol protocol();

    /// How many instructions may be unanswered at a time; one of these after another, most urgent
    /// first. A request that carries but one answer says 1.
    default int capacity() {
        return IN_FLIGHT_MAX;
    }

    int IN_FLIGHT_MAX = 8;
}
