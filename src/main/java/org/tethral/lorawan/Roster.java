package org.tethral.lorawan;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tethral.command.Switchboard;
import org.tethral.device.DeviceId;
import org.tethral.kernel.Routine;
import org.tethral.space.LorawanDevice;
import org.tethral.space.LorawanDevices;

/// Announces the devices that commands can be sent to: those that are registered and enabled, as
/// long as there is a way to their network. Whether one listens at the moment is not asked, as its
/// network keeps what is for it.
final class Roster implements AutoCloseable {

    static final int DEVICES_MAX = 500_000;

    private static final Duration LOOK_EVERY = Duration.ofMillis(500);
    private static final Duration READ_EVERY = Duration.ofSeconds(2);

    /// With very many devices the registry is read less often: this much of the time at most goes
    /// into it.
    private static final int PAUSES_PER_READ = 20;

    private static final Logger LOG = LoggerFactory.getLogger(Roster.class);

    private final LorawanDevices registry;
    private final Downlinks downlinks;
    private final Switchboard switchboard;
    private final Function<LorawanDevice, org.tethral.command.Downlink> ways;
    private final Routine looks;
    private final Map<DeviceId, LorawanDevice> announced = new HashMap<>();
    private Set<DownlinkRoute> open = Set.of();
    private long readAgainNanos = System.nanoTime();

    /// @param ways equal for equal devices
    Roster(
            LorawanDevices registry,
            Downlinks downlinks,
            Switchboard switchboard,
            Function<LorawanDevice, org.tethral.command.Downlink> ways) {
        this.registry = registry;
        this.downlinks = downlinks;
        this.switchboard = switchboard;
        this.ways = ways;
        this.looks = new Routine("lorawan-roster", LOOK_EVERY, this::look, Roster::failed);
    }

    void start() {
        looks.start();
    }

    private static void failed(RuntimeException failure) {
        LOG.atDebug()
                .addKeyValue("reason", failure.getMessage())
                .log("cannot look which LoRaWAN devices there are now");
    }

    void look() {
        var now = downlinks.open();
        if (!now.equals(open) || System.nanoTime() - readAgainNanos >= 0) {
            var begin = System.nanoTime();
            announce(reached(now));
            open = now;
            var took = System.nanoTime() - begin;
            readAgainNanos =
                    System.nanoTime() + Math.max(READ_EVERY.toNanos(), PAUSES_PER_READ * took);
        }
    }

    private Map<DeviceId, LorawanDevice> reached(Set<DownlinkRoute> open) {
        var reached = new HashMap<DeviceId, LorawanDevice>();
        if (!open.isEmpty()) {
            for (var device : registry.enabled(DEVICES_MAX)) {
                if (downlinks.reaches(device)) {
                    reached.put(device.device(), device);
                }
            }
        }
        return reached;
    }

    private void announce(Map<DeviceId, LorawanDevice> reached) {
        announced
                .entrySet()
                .removeIf(one -> {
                    var stays = one.getValue().equals(reached.get(one.getKey()));
                    if (!stays) {
                        switchboard.unreachable(one.getKey(), ways.apply(one.getValue()));
                    }
                    return !stays;
                });
        reached.forEach((id, device) -> {
            if (announced.putIfAbsent(id, device) == null) {
                switchboard.reachable(id, ways.apply(device));
            }
        });
    }

    @Override
    public void close() {
        looks.close();
    }
}
