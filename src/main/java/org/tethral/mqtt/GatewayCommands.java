package org.tethral.mqtt;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tethral.command.Downlink;
import org.tethral.command.Handover;
import org.tethral.command.Instruction;
import org.tethral.device.ConnectingDevice;
import org.tethral.device.DeviceId;
import org.tethral.device.Protocol;
import org.tethral.json.Json;
import org.tethral.payload.ThingsBoardRpc;

/// Commands to the devices that a gateway said are connected, while it subscribes to them
/// (ThingsBoard gateway API). On the event loop.
final class GatewayCommands {

    static final String TOPIC = Destination.GATEWAY + "rpc";

    private final DeviceTraffic traffic;
    private final Surroundings around;
    private final Map<DeviceId, Behind> connected = new HashMap<>();
    private boolean announced;

    GatewayCommands(DeviceTraffic traffic, Surroundings around) {
        this.traffic = traffic;
        this.around = around;
        look();
    }

    /// The way to one device behind the gateway.
    private final class Behind implements Downlink {

        private final ConnectingDevice device;

        Behind(ConnectingDevice device) {
            this.device = device;
        }

        @Override
        public Protocol protocol() {
            return Protocol.MQTT;
        }

        @Override
        public void send(Instruction instruction, Handover handover) {
            traffic.commands().outlet().send(device, instruction, handover, this::message);
        }

        private Outgoing.@Nullable Message message(Instruction instruction) {
            var subscriptions = traffic.conversation().session().matching(TOPIC);
            if (subscriptions.isEmpty() || connected.get(device.id()) != this) {
                return null;
            }
            around.numbers().sent(device.id(), instruction.command());
            return new Outgoing.Message(
                    TOPIC,
                    Json.write(ThingsBoardRpc.gatewayCall(device.id(), instruction)),
                    false,
                    subscriptions);
        }
    }

    void connected(ConnectingDevice device) {
        if (connected.containsKey(device.id())) {
            return;
        }
        var way = new Behind(device);
        connected.put(device.id(), way);
        if (announced) {
            around.switchboard().reachable(device.id(), way);
        }
    }

    void disconnected(ConnectingDevice device) {
        var way = connected.remove(device.id());
        if (way != null && announced) {
            around.switchboard().unreachable(device.id(), way);
        }
    }

    /// Subscriptions have changed.
    void look() {
        announce(!traffic.conversation().session().matching(TOPIC).isEmpty());
    }

    private void announce(boolean wanted) {
        if (wanted == announced) {
            return;
        }
        announced = wanted;
        connected.forEach((device, way) -> {
            if (wanted) {
                around.switchboard().reachable(device, way);
            } else {
                around.switchboard().unreachable(device, way);
            }
        });
    }

    void close() {
        announce(false);
        connected.clear();
    }
}
