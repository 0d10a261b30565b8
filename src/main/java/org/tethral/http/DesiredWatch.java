package org.tethral.http;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.tethral.device.DeviceId;
import org.tethral.device.Evictions;
import org.tethral.ingest.Fact;
import org.tethral.ingest.Ingest;
import org.tethral.kernel.Document;

/// Who waits for a change of a device's desired values: long polls.
final class DesiredWatch {

    /// Of all devices together.
    static final int WAITING_MAX = 10_000;

    /// Hears one of both, once. On any thread, and must return at once.
    ///
    /// @param told what the device does not have
    /// @param evicted why the device may not wait any more
    record Waiter(Consumer<Document> told, Consumer<String> evicted) {}

    private final Map<DeviceId, List<Waiter>> waiting = new ConcurrentHashMap<>();
    private final AtomicInteger count = new AtomicInteger();

    DesiredWatch(Ingest ingest, Evictions evictions) {
        evictions.listen((device, reason) ->
                taken(device).forEach(waiter -> waiter.evicted().accept(reason)));
        ingest.listen(facts -> {
            if (count.get() > 0) {
                facts.forEach(this::tell);
            }
        });
    }

    /// Tells the next delta of the device once, on an ingest thread. False: too many wait.
    boolean await(DeviceId device, Waiter waiter) {
        if (count.incrementAndGet() > WAITING_MAX) {
            count.decrementAndGet();
            return false;
        }
        waiting.compute(
                device,
                (_, others) -> {
                    var all = others == null ? List.<Waiter>of() : others;
                    return java.util.stream.Stream.concat(
                                    all.stream(), java.util.stream.Stream.of(waiter))
                            .toList();
                });
        return true;
    }

    void forget(DeviceId device, Waiter waiter) {
        waiting.computeIfPresent(
                device,
                (_, all) -> {
                    var left = all.stream().filter(other -> !other.equals(waiter)).toList();
                    count.addAndGet(left.size() - all.size());
                    return left.isEmpty() ? null : left;
                });
    }

    private void tell(Fact fact) {
        if (fact instanceof Fact.DesiredChanged changed) {
            taken(changed.device()).forEach(waiter -> waiter.told().accept(changed.delta()));
        }
    }

    private List<Waiter> taken(DeviceId device) {
        var all = waiting.remove(device);
        if (all == null) {
            return List.of();
        }
        count.addAndGet(-all.size());
        return all;
    }
}
