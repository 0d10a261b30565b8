package org.tethral.coap;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.util.function.Function;
import org.eclipse.californium.elements.Connector;
import org.eclipse.californium.elements.EndpointContextMatcher;
import org.eclipse.californium.elements.RawData;
import org.eclipse.californium.elements.RawDataChannel;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The DTLS port, which is bound at once and served from its first datagram on: many installations
/// never see one, and the machinery of DTLS takes time and memory.
final class SleepingDtls implements Connector {

    private static final int DATAGRAM_BYTES_MAX = 2_048;
    private static final Logger LOG = LoggerFactory.getLogger(SleepingDtls.class);

    private final InetSocketAddress address;
    private final Function<DatagramSocket, Connector> awakened;
    private @Nullable DatagramSocket socket;
    private @Nullable InetSocketAddress bound;
    private @Nullable Connector awake;
    private @Nullable RawDataChannel receiver;
    private @Nullable EndpointContextMatcher matcher;

    /// @param awakened makes what serves the socket
    SleepingDtls(InetSocketAddress address, Function<DatagramSocket, Connector> awakened) {
        this.address = address;
        this.awakened = awakened;
    }

    @Override
    public synchronized void start() throws IOException {
        var own = new DatagramSocket(null);
        try {
            own.bind(address);
        } catch (IOException e) {
            own.close();
            throw e;
        }
        socket = own;
        bound = (InetSocketAddress) own.getLocalSocketAddress();
        Thread.ofVirtual().name("coaps-first-datagram").start(() -> await(own));
    }

    private void await(DatagramSocket own) {
        var first = new DatagramPacket(new byte[DATAGRAM_BYTES_MAX], DATAGRAM_BYTES_MAX);
        try {
            own.receive(first);
            awaken(own, first);
        } catch (IOException e) {
            if (!own.isClosed()) {
                LOG.atError().setCause(e).log("CoAP over DTLS cannot be served");
            }
        }
    }

    private synchronized void awaken(DatagramSocket own, DatagramPacket first) throws IOException {
        if (own.isClosed()) {
            return; // stopped meanwhile
        }
        var connector = awakened.apply(own);
        connector.setRawDataReceiver(receiver);
        connector.setEndpointContextMatcher(matcher);
        connector.start();
        awake = connector;
        connector.processDatagram(first);
    }

    @Override
    public synchronized void stop() {
        if (awake != null) {
            awake.stop();
        }
        if (socket != null) {
            socket.close();
            socket = null;
        }
    }

    @Override
    public synchronized void destroy() {
        stop();
        if (awake != null) {
            awake.destroy();
            awake = null;
        }
    }

    /// While it sleeps there is nobody to send to.
    @Override
    public void send(RawData message) {
        var connector = awake();
        if (connector == null) {
            message.onError(new IOException("no session"));
        } else {
            connector.send(message);
        }
    }

    private synchronized @Nullable Connector awake() {
        return awake;
    }

    @Override
    public synchronized void setRawDataReceiver(RawDataChannel channel) {
        receiver = channel;
    }

    @Override
    public synchronized void setEndpointContextMatcher(EndpointContextMatcher given) {
        matcher = given;
        if (awake != null) {
            awake.setEndpointContextMatcher(given);
        }
    }

    @Override
    public synchronized InetSocketAddress getAddress() {
        return bound == null ? address : bound;
    }

    @Override
    public String getProtocol() {
        return "DTLS";
    }

    @Override
    public synchronized boolean isRunning() {
        return socket != null;
    }

    @Override
    public void processDatagram(DatagramPacket datagram) {
        var connector = awake();
        if (connector != null) {
            connector.processDatagram(datagram);
        }
    }
}
