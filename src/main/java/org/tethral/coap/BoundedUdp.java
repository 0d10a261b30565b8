package org.tethral.coap;

import java.net.DatagramPacket;
import java.net.InetSocketAddress;
import org.eclipse.californium.elements.UDPConnector;
import org.eclipse.californium.elements.config.Configuration;

/// A UDP socket that drops what arrives faster than it is worked on. Devices repeat what is not
/// acknowledged, ever more slowly, so that this is how CoAP pushes back.
final class BoundedUdp extends UDPConnector {

    /// Of some two thousand bytes at most.
    static final int WAITING_MAX = 5_000;

    private final Stage stage;
    private final Meters meters;

    BoundedUdp(InetSocketAddress address, Configuration configuration, Stage stage, Meters meters) {
        super(address, configuration);
        this.stage = stage;
        this.meters = meters;
    }

    @Override
    public void processDatagram(DatagramPacket datagram) {
        if (stage.waiting() >= WAITING_MAX) {
            meters.dropped();
        } else {
            super.processDatagram(datagram);
        }
    }
}
