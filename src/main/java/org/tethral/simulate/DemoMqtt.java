package org.tethral.simulate;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.tethral.json.Json;
import org.tethral.json.MalformedJson;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// MQTT 3.1.1 on a plain socket, one QoS 1 message at a time.
final class DemoMqtt implements DemoClient {

    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(30);
    private static final int KEEP_ALIVE_SECONDS = 60;

    private final Socket socket = new Socket();
    private final DataInputStream in;
    private final String topics;
    private int packetId;

    DemoMqtt(InetSocketAddress server, Plan.Identity identity) throws IOException {
        this.topics = "devices/" + identity.device() + "/";
        try {
            socket.connect(server, (int) ANSWER_WITHIN.toMillis());
            socket.setSoTimeout((int) ANSWER_WITHIN.toMillis());
            socket.setTcpNoDelay(true);
            in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
            var body = new ByteArrayOutputStream();
            var out = new DataOutputStream(body);
            out.writeUTF("MQTT");
            out.write(new byte[] {4, (byte) 0x82, 0, KEEP_ALIVE_SECONDS});
            out.writeUTF(identity.device());
            out.writeUTF(identity.token());
            send(0x10, body.toByteArray());
            var answer = await(2);
            if (answer[1] != 0) {
                throw new IOException("refused (CONNACK " + answer[1] + ")");
            }
            subscribe();
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private void subscribe() throws IOException {
        var body = new ByteArrayOutputStream();
        var out = new DataOutputStream(body);
        out.writeShort(nextPacketId());
        out.writeUTF(topics + "commands/+");
        out.write(1);
        send(0x82, body.toByteArray());
        await(9);
    }

    private int nextPacketId() {
        packetId = packetId % 65_535 + 1;
        return packetId;
    }

    @Override
    public void report(Document values) throws IOException {
        publish("report", Json.bytes(values));
    }

    @Override
    public void state(String word) throws IOException {
        publish("state", Json.bytes(Document.of("state", Value.of(word))));
    }

    private void publish(String topic, byte[] payload) throws IOException {
        var id = send(topics + topic, payload);
        for (var answer = await(4); ((answer[0] & 0xFF) << 8 | answer[1] & 0xFF) != id; ) {
            answer = await(4);
        }
    }

    /// With QoS 1; returns its packet id.
    private int send(String topic, byte[] payload) throws IOException {
        var id = nextPacketId();
        var body = new ByteArrayOutputStream();
        var out = new DataOutputStream(body);
        out.writeUTF(topic);
        out.writeShort(id);
        out.write(payload);
        send(0x32, body.toByteArray());
        return id;
    }

    @Override
    public void idle(Duration time) throws IOException {
        var end = System.nanoTime() + time.toNanos();
        var left = time.toMillis();
        while (left > 0) {
            if (somethingComesWithin((int) left)) {
                take(read());
            }
            left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        }
    }

    private boolean somethingComesWithin(int millis) throws IOException {
        socket.setSoTimeout(millis);
        in.mark(1);
        try {
            in.readUnsignedByte();
            in.reset();
            return true;
        } catch (SocketTimeoutException e) {
            return false;
        } finally {
            socket.setSoTimeout((int) ANSWER_WITHIN.toMillis());
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Packet(int head, byte[] body) {
        int type() {
            return head >> 4;
        }
    }

    private void take(Packet packet) throws IOException {
        if (packet.type() != 3) {
            return;
        }
        var in = new DataInputStream(new ByteArrayInputStream(packet.body()));
        var topic = in.readUTF();
        if ((packet.head() & 6) != 0) {
            var id = in.readUnsignedShort();
            send(0x40, new byte[] {(byte) (id >> 8), (byte) id});
        }
        try {
            var command = Json.parseObject(in.readAllBytes());
            send(topic + "/ack", Json.bytes(DemoObedience.answer(command)));
        } catch (MalformedJson e) {
            throw new IOException("no command", e);
        }
    }

    private void send(int type, byte[] body) throws IOException {
        var packet = new ByteArrayOutputStream();
        packet.write(type);
        var length = body.length;
        while (length >= 128) {
            packet.write(length & 127 | 128);
            length >>>= 7;
        }
        packet.write(length);
        packet.write(body);
        packet.writeTo(socket.getOutputStream());
    }

    /// The body of the next packet of that type; commands that come before it are obeyed.
    private byte[] await(int type) throws IOException {
        while (true) {
            var packet = read();
            if (packet.type() == type) {
                return packet.body();
            }
            take(packet);
        }
    }

    private Packet read() throws IOException {
        var head = in.readUnsignedByte();
        var length = 0;
        for (int shift = 0, part = 128; part >= 128; shift += 7) {
            part = in.readUnsignedByte();
            length |= (part & 127) << shift;
        }
        var body = in.readNBytes(length);
        if (body.length < length) {
            throw new IOException("the connection ended");
        }
        return new Packet(head, body);
    }

    @Override
    public void close() {
        try {
            socket.getOutputStream().write(new byte[] {(byte) 0xE0, 0});
            socket.close();
        } catch (IOException e) {
            // it is gone, which is what was wanted
        }
    }
}
