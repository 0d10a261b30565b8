package org.tethral.mqtt;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/// A socket that speaks MQTT byte by byte, also where no well-behaved client would.
final class Wire implements AutoCloseable {

    static final int CONNACK = 2;
    static final int PUBLISH = 3;
    static final int PUBACK = 4;
    static final int PUBREC = 5;
    static final int PUBREL = 6;
    static final int PUBCOMP = 7;
    static final int SUBACK = 9;
    static final int UNSUBACK = 11;
    static final int PINGRESP = 13;
    static final int DISCONNECT = 14;

    private static final int READ_WAIT_MILLIS = 30_000;

    private final Socket socket;
    private final DataInputStream in;

    /// @param body all after the fixed header
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Packet(int type, int flags, byte[] body) {
        int at(int index) {
            return body[index] & 0xFF;
        }

        int packetId() {
            return at(0) << 8 | at(1);
        }

        String text() {
            return new String(body, StandardCharsets.UTF_8);
        }
    }

    Wire(int port) {
        this(port, 0);
    }

    /// @param receiveBytes of the socket's buffer; 0: as usual
    Wire(int port, int receiveBytes) {
        this(new Socket(), port, receiveBytes);
    }

    /// @param unconnected plain or with TLS
    Wire(Socket unconnected, int port, int receiveBytes) {
        try {
            socket = unconnected;
            if (receiveBytes > 0) {
                socket.setReceiveBufferSize(receiveBytes);
            }
            socket.setTcpNoDelay(true);
            socket.connect(new java.net.InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            socket.setSoTimeout(READ_WAIT_MILLIS);
            in = new DataInputStream(new java.io.BufferedInputStream(socket.getInputStream()));
        } catch (IOException e) {
            throw new UncheckedIOException("connect", e);
        }
    }

    /// Logged in with the token, MQTT 3.1.1, clean session.
    static Wire connected3(TestEdge platform, String clientId, String token) {
        var wire = new Wire(platform.edge.port());
        wire.send(connect(4, clientId, true, 60, token, null));
        wire.expect(CONNACK);
        return wire;
    }

    static Wire connected5(TestEdge platform, String clientId, String token) {
        var wire = new Wire(platform.edge.port());
        wire.send(connect(5, clientId, true, 60, token, null));
        wire.expect(CONNACK);
        return wire;
    }

    void send(byte[] bytes) {
        try {
            socket.getOutputStream().write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException("send", e);
        }
    }

    /// The next packet; null when the server has closed the connection.
    @Nullable Packet read() {
        try {
            var first = in.read();
            if (first < 0) {
                return null;
            }
            var length = 0;
            for (int shift = 0; ; shift += 7) {
                var digit = in.readUnsignedByte();
                length |= (digit & 0x7F) << shift;
                if (digit < 0x80) {
                    break;
                }
            }
            var body = new byte[length];
            in.readFully(body);
            return new Packet(first >> 4, first & 0x0F, body);
        } catch (EOFException | SocketException e) {
            return null;
        } catch (IOException e) {
            throw new UncheckedIOException("read", e);
        }
    }

    Packet expect(int type) {
        var packet = read();
        if (packet == null || packet.type() != type) {
            throw new AssertionError(
                    "packet of type "
                            + type
                            + " expected, not "
                            + (packet == null
                                    ? "the end"
                                    : packet.type()
                                            + " "
                                            + HexFormat.of().formatHex(packet.body())));
        }
        return packet;
    }

    /// Nothing comes for that long.
    boolean silentFor(int millis) {
        try {
            socket.setSoTimeout(millis);
            in.mark(1);
            in.read();
            in.reset();
            return false;
        } catch (SocketTimeoutException e) {
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException("listen", e);
        } finally {
            try {
                socket.setSoTimeout(READ_WAIT_MILLIS);
            } catch (SocketException e) {
                // closed: the next read will say so
            }
        }
    }

    boolean closedByServer() {
        return read() == null;
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException("close", e);
        }
    }

    static byte[] connect(
            int level,
            String clientId,
            boolean clean,
            int keepAlive,
            @Nullable String userName,
            @Nullable String password) {
        return connect(level, clientId, clean, keepAlive, userName, password, new byte[0]);
    }

    /// @param properties MQTT 5
    static byte[] connect(
            int level,
            String clientId,
            boolean clean,
            int keepAlive,
            @Nullable String userName,
            @Nullable String password,
            byte[] properties) {
        var body = new Bytes();
        body.text(level == 3 ? "MQIsdp" : "MQTT").one(level);
        body.one(
                (userName == null ? 0 : 0x80) | (password == null ? 0 : 0x40) | (clean ? 0x02 : 0));
        body.two(keepAlive);
        if (level == 5) {
            body.length(properties.length).all(properties);
        }
        body.text(clientId);
        if (userName != null) {
            body.text(userName);
        }
        if (password != null) {
            body.text(password);
        }
        return packet(0x10, body);
    }

    static byte[] publish(int version, String topic, int qos, int packetId, String payload) {
        return publish(version, topic, qos, packetId, payload, false, new byte[0]);
    }

    static byte[] publish(
            int version,
            String topic,
            int qos,
            int packetId,
            String payload,
            boolean again,
            byte[] properties) {
        var body = new Bytes().text(topic);
        if (qos > 0) {
            body.two(packetId);
        }
        if (version == 5) {
            body.length(properties.length).all(properties);
        }
        body.all(payload.getBytes(StandardCharsets.UTF_8));
        return packet(0x30 | qos << 1 | (again ? 0x08 : 0), body);
    }

    static byte[] subscribe(int version, int packetId, String filter, int options) {
        var body = new Bytes().two(packetId);
        if (version == 5) {
            body.length(0);
        }
        return packet(0x82, body.text(filter).one(options));
    }

    static byte[] unsubscribe(int version, int packetId, String filter) {
        var body = new Bytes().two(packetId);
        if (version == 5) {
            body.length(0);
        }
        return packet(0xA2, body.text(filter));
    }

    static byte[] pubrel(int packetId) {
        return packet(0x62, new Bytes().two(packetId));
    }

    static byte[] puback(int packetId) {
        return packet(0x40, new Bytes().two(packetId));
    }

    static byte[] pingreq() {
        return new byte[] {(byte) 0xC0, 0};
    }

    static byte[] disconnect() {
        return new byte[] {(byte) 0xE0, 0};
    }

    static byte[] packet(int first, Bytes body) {
        var bytes = body.array();
        return new Bytes().one(first).length(bytes.length).all(bytes).array();
    }

    /// Bytes, one after the other.
    static final class Bytes {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        Bytes one(int value) {
            bytes.write(value);
            return this;
        }

        Bytes two(int value) {
            return one(value >> 8).one(value);
        }

        Bytes four(long value) {
            return two((int) (value >> 16) & 0xFFFF).two((int) value & 0xFFFF);
        }

        Bytes text(String text) {
            var encoded = text.getBytes(StandardCharsets.UTF_8);
            return two(encoded.length).all(encoded);
        }

        Bytes length(int length) {
            var rest = length;
            do {
                one(rest & 0x7F | (rest > 0x7F ? 0x80 : 0));
                rest >>>= 7;
            } while (rest > 0);
            return this;
        }

        Bytes all(byte[] all) {
            bytes.writeBytes(all);
            return this;
        }

        byte[] array() {
            return bytes.toByteArray();
        }
    }
}
