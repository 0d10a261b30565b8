package org.tethral;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;
import java.util.random.RandomGenerator;
import org.tethral.coap.CoapEdge;
import org.tethral.ingest.Ingest;

/// CoAP, wired.
final class CoapDoor {

    private CoapDoor() {}

    static CoapEdge of(
            Config config,
            Tethral.Storage kept,
            Ingest ingest,
            Entrance entrance,
            Commands commands,
            InstantSource clock,
            RandomGenerator random,
            MeterRegistry meters) {
        return new CoapEdge(
                new CoapEdge.Settings(
                        config.bind(),
                        Tethral.port(config.coapPort()),
                        Tethral.port(config.coapsPort()),
                        config.tls(),
                        config.messageBytesMax()),
                ingest,
                entrance.login(),
                entrance.provisioning(),
                entrance.sharedKeys(),
                entrance.rejections(),
                entrance.evictions(),
                kept.states(),
                commands.dispatcher(),
                commands.numbers(),
                clock,
                random,
                meters);
    }
}
