package org.tethral.command;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.tethral.device.DeviceId;
import org.tethral.kernel.Value;

/// The devices that a protocol has announced, for tests of that protocol: sends them commands, and
/// keeps what it is told of these.
public final class Reached implements Switchboard {

    private final Map<DeviceId, Downlink> ways = new ConcurrentHashMap<>();

    /// `delivered`, or `failed: …`.
    public final CopyOnWriteArrayList<String> told = new CopyOnWriteArrayList<>();

    @Override
    public void reachable(DeviceId device, Downlink downlink) {
        ways.put(device, downlink);
    }

    @Override
    public void unreachable(DeviceId device, Downlink downlink) {
        ways.remove(device, downlink);
    }

    public Optional<Downlink> way(DeviceId device) {
        return Optional.ofNullable(ways.get(device));
    }

    public boolean reaches(DeviceId device) {
        return ways.containsKey(device);
    }

    public void send(
            DeviceId device, CommandId command, String name, Value payload, boolean oneWay) {
        way(device)
                .orElseThrow(() -> new AssertionError(device + " was not announced"))
                .send(
                        new Instruction(
                                command,
                                new CommandName(name),
                                payload,
                                Instant.parse("2126-01-31T12:00:00Z"),
                                1,
                                oneWay),
                        new Handover() {
                            @Override
                            public void delivered() {
                                told.add("delivered");
                            }

                            @Override
                            public void failed(String reason) {
                                told.add("failed: " + reason);
                            }
                        });
    }
}
