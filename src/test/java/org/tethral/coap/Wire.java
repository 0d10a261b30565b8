package org.tethral.coap;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;

/// Datagrams by hand.
final class Wire implements AutoCloseable {

    private final DatagramSocket socket;

    Wire(int port) throws IOException {
        socket = new DatagramSocket();
        socket.connect(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(30_000);
    }

    void send(byte[] datagram) throws IOException {
        socket.send(new DatagramPacket(datagram, datagram.length));
    }

    /// The next datagram, as `ACK 2.04 77`: type, code, message id.
    String receive() throws IOException {
        var packet = new DatagramPacket(new byte[2_048], 2_048);
        socket.receive(packet);
        var bytes = packet.getData();
        var type = new String[] {"CON", "NON", "ACK", "RST"}[bytes[0] >> 4 & 3];
        var id = (bytes[2] & 0xFF) << 8 | bytes[3] & 0xFF;
        return "%s %d.%02d %d".formatted(type, bytes[1] >> 5 & 7, bytes[1] & 0x1F, id);
    }

    /// A confirmable `POST /device/v1/report?token=…` (RFC 7252, 3).
    static byte[] post(int messageId, String token, String body) {
        return post(messageId, new String[] {"device", "v1", "report"}, token, body);
    }

    static byte[] post(int messageId, String[] path, String token, String body) {
        var bytes = new ByteArrayOutputStream();
        bytes.writeBytes(
                new byte[] {0x42, 0x02, (byte) (messageId >> 8), (byte) messageId, 0x12, 0x34});
        var last = 0;
        for (var segment : path) {
            option(bytes, 11 - last, segment);
            last = 11;
        }
        option(bytes, 15 - last, "token=" + token);
        bytes.write(0xFF);
        bytes.writeBytes(body.getBytes(StandardCharsets.UTF_8));
        return bytes.toByteArray();
    }

    private static void option(ByteArrayOutputStream bytes, int delta, String text) {
        var value = text.getBytes(StandardCharsets.UTF_8);
        if (value.length < 13) {
            bytes.write(delta << 4 | value.length);
        } else {
            bytes.write(delta << 4 | 13);
            bytes.write(value.length - 13);
        }
        bytes.writeBytes(value);
    }

    @Override
    public void close() {
        socket.close();
    }
}
