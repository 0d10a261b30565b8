package org.tethral.websocket;

import io.netty.channel.EventLoop;
import org.tethral.command.Downlink;
import org.tethral.command.Handover;
import org.tethral.command.Instruction;
import org.tethral.command.Switchboard;
import org.tethral.device.DeviceId;
import org.tethral.device.Protocol;

/// Commands to the device of one connection. A WebSocket does not say what the device has received:
/// only its `command_ack` does.
final class CommandFeed implements Downlink {

    private final DeviceId device;
    private final Switchboard switchboard;
    private final EventLoop loop;
    private final Outgoing outgoing;
    private boolean open;
    private boolean closed;

    CommandFeed(DeviceId device, Switchboard switchboard, EventLoop loop, Outgoing outgoing) {
        this.device = device;
        this.switchboard = switchboard;
        this.loop = loop;
        this.outgoing = outgoing;
    }

    @Override
    public Protocol protocol() {
        return Protocol.WEBSOCKET;
    }

    /// The device is ready to take commands.
    void open() {
        if (!open && !closed) {
            open = true;
            switchboard.reachable(device, this);
        }
    }

    void close() {
        if (open && !closed) {
            switchboard.unreachable(device, this);
        }
        closed = true;
    }

    @Override
    public void send(Instruction instruction, Handover handover) {
        loop.execute(() -> write(instruction, handover));
    }

    private void write(Instruction instruction, Handover handover) {
        if (closed) {
            handover.failed("the connection is closed");
            return;
        }
        var written = outgoing.send(Notice.command(instruction));
        if (instruction.oneWay()) {
            written.onSuccess(_ -> handover.delivered());
        }
    }
}
