package org.tethral.simulate;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.tethral.json.Json;
import org.tethral.json.MalformedJson;
import org.tethral.kernel.Document;

/// The other end of a simulated MQTT device: takes each QoS 1 publish, counts, and acknowledges
/// when all that has arrived is read, unless it was told to be unkind.
final class CountingBroker implements AutoCloseable {

    private final ServerSocket listener;
    private final List<Socket> open = new CopyOnWriteArrayList<>();
    private final int connackCode;
    private volatile long hangUpAfter = Long.MAX_VALUE;

    /// How often each message id arrived.
    final Map<String, AtomicLong> reports = new ConcurrentHashMap<>();

    final Map<String, List<String>> states = new ConcurrentHashMap<>();
    final AtomicLong connections = new AtomicLong();
    final AtomicLong received = new AtomicLong();
    final AtomicLong mostInFlight = new AtomicLong();

    CountingBroker(int connackCode) throws IOException {
        this.connackCode = connackCode;
        this.listener = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    InetSocketAddress address() {
        return (InetSocketAddress) listener.getLocalSocketAddress();
    }

    /// Breaks every connection, without an answer, each time that many publishes have arrived.
    void hangUpAfter(long publishes) {
        hangUpAfter = publishes;
    }

    private void accept() {
        try {
            while (true) {
                var socket = listener.accept();
                open.add(socket);
                connections.incrementAndGet();
                Thread.ofVirtual().start(() -> serve(socket));
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            var in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 1 << 16));
            var out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()));
            var waiting = new ArrayList<Integer>();
            while (true) {
                var type = in.readUnsignedByte();
                var body = in.readNBytes(length(in));
                switch (type >> 4) {
                    case 1 -> out.write(new byte[] {0x20, 2, 0, (byte) connackCode});
                    case 3 -> waiting.add(published(body));
                    case 14 -> {
                        return;
                    }
                    default -> throw new IOException("packet " + type);
                }
                mostInFlight.accumulateAndGet(waiting.size(), Math::max);
                if (received.get() >= hangUpAfter) {
                    hangUpAfter = Long.MAX_VALUE;
                    for (var one : open) {
                        one.close();
                    }
                    return;
                }
                if (in.available() == 0) {
                    for (var id : waiting) {
                        out.write(new byte[] {0x40, 2, (byte) (id >> 8), (byte) (int) id});
                    }
                    waiting.clear();
                    out.flush();
                }
            }
        } catch (IOException e) {
            // the device is gone
        }
    }

    private static int length(DataInputStream in) throws IOException {
        var length = 0;
        for (int shift = 0; ; shift += 7) {
            var part = in.readUnsignedByte();
            length |= (part & 127) << shift;
            if (part < 128) {
                return length;
            }
        }
    }

    private int published(byte[] body) {
        var topicLength = (body[0] & 0xFF) << 8 | body[1] & 0xFF;
        var topic = new String(body, 2, topicLength, StandardCharsets.UTF_8);
        var id = (body[2 + topicLength] & 0xFF) << 8 | body[3 + topicLength] & 0xFF;
        var payload =
                parsed(
                        new String(
                                body,
                                4 + topicLength,
                                body.length - 4 - topicLength,
                                StandardCharsets.UTF_8));
        received.incrementAndGet();
        if (topic.endsWith("/state")) {
            states.computeIfAbsent(topic, _ -> new CopyOnWriteArrayList<>())
                    .add(payload.text("state").orElseThrow());
        } else {
            var name = payload.text("message_id").orElse("without");
            reports.computeIfAbsent(name, _ -> new AtomicLong()).incrementAndGet();
        }
        return id;
    }

    private static Document parsed(String json) {
        try {
            return Json.parseObject(json);
        } catch (MalformedJson e) {
            throw new IllegalStateException(json, e);
        }
    }

    @Override
    public void close() {
        try {
            listener.close();
            for (var socket : open) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
