package org.tethral.codec;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.tethral.kernel.Document;

/// Runs codecs that allocate without end, many at one time, in a process of its own.
public final class HostileProcess {

    private HostileProcess() {}

    public static void main(String[] arguments) throws InterruptedException {
        var kind = new JavaScriptKind();
        var uplink = new Uplink(new byte[] {1}, 1, Instant.EPOCH, Document.EMPTY);
        var bodies =
                List.of(
                        "var a = []; for (;;) a.push(new Uint8Array(1 << 16).fill(1));",
                        "var s = 'x'; for (;;) s += s;",
                        "for (;;) console.log('x'.repeat(1 << 16));");
        var threads = new ArrayList<Thread>();
        for (int i = 0; i < 12; i++) {
            var body = bodies.get(i % bodies.size());
            var codec = kind.open("function decodeUplink() { " + body + " }");
            threads.add(
                    Thread.startVirtualThread(() -> {
                        if (!(codec.decode(uplink) instanceof CodecFailed)) {
                            throw new IllegalStateException("it ended well");
                        }
                    }));
        }
        for (var thread : threads) {
            thread.join();
        }
        var fine = kind.open("decodeUplink = (i) => ({data: {fine: i.bytes[0]}})").decode(uplink);
        System.out.println(fine instanceof Decoding.Decoded ? "fine" : fine);
    }
}
