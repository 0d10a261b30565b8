package org.tethral.mqtt;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tethral.broker.Subscription;
import org.tethral.command.Downlink;
import org.tethral.command.Handover;
import org.tethral.command.Instruction;
import org.tethral.device.Protocol;
import org.tethral.json.Json;
import org.tethral.kernel.Document;
import org.tethral.payload.NativePayload;
import org.tethral.payload.ThingsBoardRpc;

/// Commands to the device of one connection, while its session subscribes to them: on its own
/// topics, or, where only those are asked for, as calls of ThingsBoard. On the event loop, but for
/// what says otherwise.
final class CommandFeed implements Downlink {

    private static final String CALLS = Destination.ME + "rpc/request/";

    private final DeviceTraffic traffic;
    private final DeviceCommands commands;
    private final Surroundings around;
    private final String topic;
    private boolean announced;

    CommandFeed(DeviceTraffic traffic, DeviceCommands commands, Surroundings around) {
        this.traffic = traffic;
        this.commands = commands;
        this.around = around;
        this.topic = topic(traffic);
    }

    private static String topic(DeviceTraffic traffic) {
        return Destination.DEVICES + traffic.device().id() + "/" + Destination.COMMANDS;
    }

    /// Whether the session asks for commands in one way or the other.
    static boolean wanted(DeviceTraffic traffic) {
        var session = traffic.conversation().session();
        return !session.subscriptions().isEmpty()
                && (!session.matching(topic(traffic) + "any").isEmpty()
                        || !session.matching(CALLS + "1").isEmpty());
    }

    @Override
    public Protocol protocol() {
        return Protocol.MQTT;
    }

    @Override
    public int capacity() {
        return Math.min(IN_FLIGHT_MAX, traffic.conversation().hello().receiveMaximum());
    }

    /// Subscriptions have changed.
    void look() {
        var wanted = wanted(traffic);
        if (wanted != announced) {
            announced = wanted;
            if (wanted) {
                around.switchboard().reachable(traffic.device().id(), this);
            } else {
                around.switchboard().unreachable(traffic.device().id(), this);
            }
        }
    }

    @Override
    public void send(Instruction instruction, Handover handover) {
        commands.outlet().send(traffic.device(), instruction, handover, this::message);
    }

    private Outgoing.@Nullable Message message(Instruction instruction) {
        var session = traffic.conversation().session();
        var own = topic + instruction.command();
        var subscriptions = session.matching(own);
        if (!subscriptions.isEmpty()) {
            return message(own, NativePayload.command(instruction), subscriptions);
        }
        var call = CALLS + instruction.command().number();
        subscriptions = session.matching(call);
        if (subscriptions.isEmpty()) {
            return null;
        }
        around.numbers().sent(traffic.device().id(), instruction.command());
        return message(call, ThingsBoardRpc.call(instruction), subscriptions);
    }

    private static Outgoing.Message message(
            String topic, Document payload, List<Subscription> subscriptions) {
        return new Outgoing.Message(topic, Json.write(payload), false, subscriptions);
    }

    void close() {
        if (announced) {
            announced = false;
            around.switchboard().unreachable(traffic.device().id(), this);
        }
    }
}
