package org.tethral;

import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Vertx;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;
import org.tethral.codec.CodecKinds;
import org.tethral.http.Networks;
import org.tethral.ingest.Ingest;
import org.tethral.kernel.Document;
import org.tethral.lorawan.Lorawan;
import org.tethral.lorawan.Network;
import org.tethral.lorawan.NetworkIntake;
import org.tethral.payload.Malformed;
import org.tethral.sql.SqlServingDevices;

/// LoRaWAN network servers, wired.
record Networking(Lorawan lorawan, CodecKinds codecs) implements AutoCloseable {

    static Networking of(
            Vertx vertx,
            Config config,
            Tethral.Storage kept,
            Ingest ingest,
            Entrance entrance,
            Commands commands,
            Placing placing,
            String node,
            InstantSource clock,
            MeterRegistry meters) {
        var codecs = new CodecKinds();
        var lorawan =
                new Lorawan(
                        new Lorawan.Settings(
                                config.lorawan().chirpStack(),
                                config.lorawan().chirpStackApi(),
                                config.lorawan().thingsStack(),
                                config.lorawan().thingsStackBroker(),
                                config.messageBytesMax(),
                                node),
                        new Lorawan.Parts(
                                new SqlServingDevices(placing.turns()),
                                kept.devices(),
                                kept.profiles(),
                                kept.inbox(),
                                ingest,
                                entrance.evictions(),
                                commands.dispatcher(),
                                commands.store(),
                                codecs,
                                () -> vertx,
                                meters,
                                clock));
        placing.actuator().reachLorawan(lorawan.outlet());
        lorawan.listen(placing.actuator());
        return new Networking(lorawan, codecs);
    }

    void start() {
        lorawan.start();
    }

    Networks forHttp(Integrations all) {
        return new Networks(codecs, this::tell, all::standings);
    }

    private Networks.Told tell(
            String network, String event, Document message, @Nullable CommunityId community)
            throws Malformed {
        return lorawan.tell(
                        new NetworkIntake.Told(Network.parse(network), event, message, community))
                .map(outcome ->
                        switch (outcome) {
                            case STORED -> Networks.Told.STORED;
                            case KEPT -> Networks.Told.KEPT;
                            case REFUSED -> Networks.Told.REFUSED;
                        })
                .orElse(Networks.Told.NOT_YET);
    }

    @Override
    public void close() {
        lorawan.close();
    }
}
