package org.tethral.lorawan;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
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

    /// A way that failed is left alone for so long by whoever can wait.
    private static final Duration FAILED_FOR = Duration.ofSeconds(10);

    /// @param counted where it counts what it did
    /// @param failure when it failed last
    record Way(DownlinkRoute route, Integration counted, AtomicReference<@Nullable Long> failure) {

        Way(DownlinkRoute route, Integration counted) {
            this(route, counted, new AtomicReference<>());
        }

        boolean isOpen() {
            var nanos = failure.get();
            return route.isOpen()
                    && (nanos == null || System.nanoTime() - nanos >= FAILED_FOR.toNanos());
        }
    }

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
                .whenComplete((_, failure) -> count(way, failure));
    }

    /// The routes by which something may be sent at present.
    Set<DownlinkRoute> open() {
        return ways.stream().filter(Way::isOpen).map(Way::route).collect(Collectors.toSet());
    }

    /// Whether something may be sent to the device at present.
    boolean reaches(LorawanDevice device) {
        var heard = addresses.of(device.devEui());
        var way = way(device, heard.map(Addresses.Address::network));
        return way.isPresent()
                && way.get().isOpen()
                && (device.application() != null
                        || heard.isPresent()
                        || !way.get().route().needsApplication());
    }

    boolean keepsNames(LorawanDevice device) {
        return way(device, addresses.of(device.devEui()).map(Addresses.Address::network))
                .filter(way -> way.route().keepsNames())
                .isPresent();
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

    private void count(Way way, @Nullable Throwable failure) {
        if (failure == null) {
            way.counted().count(Count.DOWNLINKS);
            way.failure().set(null);
            return;
        }
        var cause =
                failure instanceof CompletionException && failure.getCause() != null
                        ? failure.getCause()
                        : failure;
        if (!(cause instanceof DownlinkRefused refusal && refusal.permanent())) {
            way.failure().set(System.nanoTime());
        }
        way.counted()
                .failed(
                        Count.DOWNLINKS_REFUSED,
                        "a downlink was not taken: " + cause.getMessage(),
                        clock.instant());
    }

    private static CompletionStage<Void> refused(String reason) {
        return CompletableFuture.failedFuture(new DownlinkRefused(reason, true));
    }
}
