package org.tethral.lorawan;

import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.tethral.lorawan.Integration.Count;
import org.tethral.space.DisplayDownlink;
import org.tethral.space.DisplayOutlet;
import org.tethral.space.DownlinkRefused;
import org.tethral.space.LorawanDevice;

/// The way to displays, and to whatever else is on a LoRaWAN network: finds the network server of a
/// device, and hands over what is for it.
final class Downlinks implements DisplayOutlet {

    /// What the fastest data rates of every region carry, also through a repeater (LoRaWAN Regional
    /// Parameters RP002, maximum payload size M - 8). The network refuses what is too long for the
    /// device's own data rate.
    static final int PAYLOAD_BYTES_MAX = 222;

    /// @param counted where it counts what it did
    record Way(DownlinkRoute route, Integration counted) {}

    private final List<Way> ways;
    private final Addresses addresses;
    private final InstantSource clock;

    /// @param ways of several to one kind of network server, the first is taken
    Downlinks(List<Way> ways, Addresses addresses, InstantSource clock) {
        this.ways = List.copyOf(ways);
        this.addresses = addresses;
        this.clock = clock;
    }

    @Override
    public CompletionStage<Void> send(DisplayDownlink downlink) {
        var device = downlink.lorawan();
        return device == null
                ? refused("the display is no LoRaWAN device")
                : send(
                        device,
                        new Downlink(
                                downlink.queueItemId(),
                                device.devEui(),
                                downlink.fport(),
                                downlink.payload().bytes(),
                                downlink.confirmed()));
    }

    CompletionStage<Void> send(LorawanDevice device, Downlink downlink) {
        var length = downlink.payload().length;
        if (length > PAYLOAD_BYTES_MAX) {
            return refused("a downlink has " + PAYLOAD_BYTES_MAX + " bytes at most, not " + length);
        }
        var heard = addresses.of(device.devEui());
        var found = way(device, heard.map(Addresses.Address::network));
        if (found.isEmpty()) {
            return refused(
                    ways.isEmpty()
                            ? "no network server is configured for downlinks"
                            : "it is not known which network server has " + device.devEui());
        }
        var way = found.get();
        var application =
                device.application() != null
                        ? Optional.of(device.application())
                        : heard.map(Addresses.Address::application);
        if (application.isEmpty() && way.route().needsApplication()) {
            return CompletableFuture.failedFuture(
                    new DownlinkRefused(
                            "its application on the network server is not known; it is known with"
                                    + " the device's first uplink",
                            false));
        }
        var address =
                new Addresses.Address(
                        way.route().network(),
                        application.orElse(""),
                        heard.map(Addresses.Address::name).orElse(""));
        return way.route()
                .send(address, downlink)
                .whenComplete((_, failure) -> count(way.counted(), failure));
    }

    private Optional<Way> way(LorawanDevice device, Optional<Network> heard) {
        var told =
                ways.stream()
                        .filter(way -> way.route().network().word().equals(device.network()))
                        .findFirst();
        return told.or(() ->
                        heard.flatMap(network ->
                                ways.stream()
                                        .filter(way -> way.route().network() == network)
                                        .findFirst()))
                .or(this::single);
    }

    /// With one kind of network server there is nothing to choose.
    private Optional<Way> single() {
        return ways.stream().map(way -> way.route().network()).distinct().count() == 1
                ? Optional.of(ways.getFirst())
                : Optional.empty();
    }

    private void count(Integration counted, @Nullable Throwable failure) {
        if (failure == null) {
            counted.count(Count.DOWNLINKS);
        } else {
            var cause =
                    failure instanceof CompletionException && failure.getCause() != null
                            ? failure.getCause()
                            : failure;
            counted.failed(
                    Count.DOWNLINKS_REFUSED,
                    "a downlink was not taken: " + cause.getMessage(),
                    clock.instant());
        }
    }

    private static CompletionStage<Void> refused(String reason) {
        return CompletableFuture.failedFuture(new DownlinkRefused(reason, true));
    }
}
