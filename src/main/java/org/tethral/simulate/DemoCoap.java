package org.tethral.simulate;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import org.tethral.json.Json;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// A device that speaks CoAP, one message at a time.
final class DemoCoap implements DemoClient {

    private static final Duration REPEAT_AFTER = Duration.ofSeconds(2);
    private static final int REPEATS_MAX = 4;
    private static final int DATAGRAM_BYTES_MAX = 1_500;

    private final DatagramSocket socket = new DatagramSocket();
    private final Plan.Identity identity;
    private int messageId;

    DemoCoap(InetSocketAddress server, Plan.Identity identity) throws IOException {
        this.identity = identity;
        this.messageId = socket.getLocalPort();
        socket.connect(server);
    }

    @Override
    public void report(Document values) throws IOException {
        post("report", values);
    }

    @Override
    public void state(String word) throws IOException {
        post("state", Document.of("state", Value.of(word)));
    }

    private void post(String resource, Document body) throws IOException {
        messageId = messageId + 1 & 0xFFFF;
        var out = Unpooled.buffer();
        CoapWire.post(out, messageId, messageId);
        out.writeBytes(CoapWire.options(resource, identity)).writeBytes(Json.bytes(body));
        ask(out);
    }

    /// Asks for commands, and waits for one as long as it has nothing else to do.
    @Override
    public void idle(Duration time) throws IOException {
        var end = System.nanoTime() + time.toNanos();
        for (var left = time; left.isPositive(); left = Duration.ofNanos(end - System.nanoTime())) {
            for (var command : DemoObedience.commands(commands(left))) {
                post(DemoObedience.answerPath(command), DemoObedience.answer(command));
            }
        }
    }

    private String commands(Duration wait) throws IOException {
        messageId = messageId + 1 & 0xFFFF;
        var out = Unpooled.buffer();
        CoapWire.get(out, messageId, messageId);
        out.writeBytes(
                CoapWire.options(
                        "commands", identity, List.of("wait=" + wait.toMillis() + "ms"), false));
        return ask(out).text();
    }

    private CoapWire.Received ask(ByteBuf request) throws IOException {
        var answer = answerTo(request);
        if (answer.code() / 100 != 2) {
            throw new IOException("refused (code " + answer.code() + " " + answer.text() + ")");
        }
        return answer;
    }

    private CoapWire.Received answerTo(ByteBuf request) throws IOException {
        var wait = (int) REPEAT_AFTER.toMillis();
        for (int attempt = 0; attempt <= REPEATS_MAX; attempt++) {
            send(request.duplicate());
            socket.setSoTimeout(wait << attempt);
            try {
                return answer();
            } catch (SocketTimeoutException e) {
                // once more
            }
        }
        throw new IOException("no answer");
    }

    private CoapWire.Received answer() throws IOException {
        while (true) {
            var packet = new DatagramPacket(new byte[DATAGRAM_BYTES_MAX], DATAGRAM_BYTES_MAX);
            socket.receive(packet);
            var answer =
                    CoapWire.read(Unpooled.wrappedBuffer(packet.getData(), 0, packet.getLength()));
            if (answer.type() == CoapWire.CON) {
                var acknowledgement = Unpooled.buffer(4);
                CoapWire.acknowledgement(acknowledgement, answer.messageId());
                send(acknowledgement);
            }
            if (answer.code() > 0 && answer.token() == messageId) {
                return answer;
            }
        }
    }

    private void send(ByteBuf out) throws IOException {
        var bytes = new byte[out.readableBytes()];
        out.readBytes(bytes);
        socket.send(new DatagramPacket(bytes, bytes.length));
    }

    @Override
    public void close() {
        socket.close();
    }
}
