package org.tethral.lorawan;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tethral.device.KeptMessages;
import org.tethral.json.Json;
import org.tethral.json.MalformedJson;
import org.tethral.kernel.StorageException;
import org.tethral.lorawan.NetworkIntake.Told;
import org.tethral.payload.Malformed;

/// Applies what devices sent before they were registered, in the order in which it came. Looks by
/// itself who is registered by now, so it does not matter how that was done, or whether the process
/// died meanwhile. What is applied twice has one effect, as uplinks have ids.
final class Readmission {

    private static final Logger LOG = LoggerFactory.getLogger(Readmission.class);

    private final KeptMessages kept;
    private final KnownDevices devices;
    private final NetworkIntake intake;
    private final Integration counted;

    Readmission(
            KeptMessages kept, KnownDevices devices, NetworkIntake intake, Integration counted) {
        this.kept = kept;
        this.devices = devices;
        this.intake = intake;
        this.counted = counted;
    }

    /// How many messages were applied.
    int round() throws InterruptedException {
        var applied = 0;
        for (var devEui : kept.registered()) {
            devices.forget(devEui);
            var known = devices.find(devEui);
            if (known.isPresent()) {
                for (var message : kept.of(devEui.value())) {
                    if (NetworkIntake.mayTell(message.community(), known.get())) {
                        apply(message);
                        applied++;
                    }
                    kept.forget(message);
                }
                kept.admitted(devEui);
                LOG.atInfo()
                        .addKeyValue("device_id", known.get().device().id())
                        .addKeyValue("dev_eui", devEui)
                        .log("what the device sent before it was registered is applied");
            }
        }
        return applied;
    }

    /// Returns when it is durable, or never will be.
    private void apply(KeptMessages.Message message) throws InterruptedException {
        try {
            var slash = message.kind().indexOf('/');
            var told =
                    new Told(
                            Network.parse(message.kind().substring(0, slash)),
                            message.kind().substring(slash + 1),
                            Json.parseObject(message.body()),
                            message.community());
            var event = intake.read(told, counted);
            if (event.isPresent()) {
                var done = new CompletableFuture<NetworkIntake.Outcome>();
                intake.take(told, event.get(), counted, done::complete);
                done.get();
            }
        } catch (Malformed | MalformedJson | IllegalArgumentException e) {
            LOG.atWarn()
                    .addKeyValue("dev_eui", message.identity())
                    .addKeyValue("reason", e.getMessage())
                    .log("a kept message cannot be read any more");
        } catch (ExecutionException e) {
            throw new StorageException(
                    StorageException.Cause.UNAVAILABLE, "apply a kept message", e);
        }
    }
}
