package org.tethral.http;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.tethral.device.DeviceId;
import org.tethral.ingest.Fact;
import org.tethral.ingest.Ingest;
import org.tethral.kernel.Document;

/// Who waits for a change of a device's desired values: long polls.
final class DesiredWatch {

    /// Of all devices together.
    static final int WAITING_MAX = 10_000;

    private final Map<DeviceId, List<Consumer<Document>>> waiting = new ConcurrentHashMap<>();
    private final AtomicInteger count = new AtomicInteger();

    DesiredWatch(Ingest ingest) {
        ingest.listen(facts -> {
            if (count.get() > 0) {
                facts.forEach(this::tell);
            }
        });
    }

    /// Tells the next delta of the device once, on an ingest thread. False: too many wait.
    boolean await(DeviceId device, Consumer<Document> told) {
        if (count.incrementAndGet() > WAITING_MAX) {
            count.decrementAndGet();
            return false;
        }
        waiting.compute(
                device,
                (_, others) -> {
                    var all = others == null ? List.<Consumer<Document>>of() : others;
                    return java.util.stream.Stream.concat(
                                    all.stream(), java.util.stream.Stream.of(told))
                            .toList();
                });
        return true;
    }

    void forget(DeviceId device, Consumer<Document> told) {
        waiting.computeIfPresent(
                device,
                (_, all) -> {
                    var left = all.stream().filter(other -> !other.equals(told)).toList();
                    count.addAndGet(left.size() - all.size());
                    return left.isEmpty() ? null : left;
                });
    }

    private void tell(Fact fact) {
        if (fact instanceof Fact.DesiredChanged changed) {
            var all = waiting.remove(changed.device());
            if (all != null) {
                count.addAndGet(-all.size());
                all.forEach(told -> told.accept(changed.delta()));
            }
        }
    }
}
