package org.tethral.proof;

import java.net.URI;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// The addresses that a device has of its platform: it goes on to the next where one does not
/// answer.
final class Servers {

    record Address(URI http, int mqttPort, int coapPort) {

        static Address of(ServerProcess server) {
            return new Address(server.http(), server.mqttPort(), server.coapPort());
        }
    }

    private final List<Address> all;
    private final AtomicInteger turn;

    /// @param first where the device begins
    Servers(List<Address> all, int first) {
        this.all = List.copyOf(all);
        this.turn = new AtomicInteger(first);
    }

    Address now() {
        return all.get(Math.floorMod(turn.get(), all.size()));
    }

    void next() {
        turn.incrementAndGet();
    }
}
