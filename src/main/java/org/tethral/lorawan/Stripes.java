package org.tethral.lorawan;

import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.stream.IntStream;
import org.tethral.device.DevEui;

/// A few threads, of which each device has one: its messages stay in order, and a codec that takes
/// its time holds up a part of the devices only. What waits is bounded by whoever hands it over.
final class Stripes implements AutoCloseable {

    private static final int COUNT = 8;

    private final List<ExecutorService> stripes;

    Stripes(String name) {
        ThreadFactory threads = Thread.ofVirtual().name(name + "-", 0).factory();
        stripes =
                IntStream.range(0, COUNT)
                        .mapToObj(_ -> Executors.newSingleThreadExecutor(threads))
                        .toList();
    }

    void run(DevEui device, Runnable work) {
        stripes.get(Math.floorMod(device.hashCode() * 0x9E3779B9, COUNT)).execute(work);
    }

    /// Interrupts what is under way; what waits is not done.
    @Override
    public void close() {
        stripes.forEach(ExecutorService::shutdownNow);
    }
}
