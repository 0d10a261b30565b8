package org.tethral.console;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntPredicate;
import org.tethral.json.Json;
import org.tethral.json.MalformedJson;

/// Somebody's webhook.
final class Receiver implements AutoCloseable {

    final List<String> taken = new CopyOnWriteArrayList<>();
    private final AtomicInteger requests = new AtomicInteger();
    private final HttpServer server;
    private volatile IntPredicate takes;

    /// @param takes which of its requests it takes, from 1
    Receiver(IntPredicate takes) throws IOException {
        this.takes = takes;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext(
                "/",
                exchange -> {
                    var id = id(exchange.getRequestBody().readAllBytes());
                    var good = this.takes.test(requests.incrementAndGet());
                    if (good) {
                        taken.add(id);
                    }
                    exchange.sendResponseHeaders(good ? 204 : 503, -1);
                    exchange.close();
                });
        server.start();
    }

    private static String id(byte[] event) throws IOException {
        try {
            return Json.parseObject(event).text("id").orElseThrow();
        } catch (MalformedJson e) {
            throw new IOException(e);
        }
    }

    void takesAll() {
        takes = _ -> true;
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/";
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
