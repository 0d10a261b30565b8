package org.tethral.thingspeak;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// A server that speaks what ThingSpeak documents of `feeds.json`, and misbehaves on request.
public final class FakeThingSpeak implements AutoCloseable {

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss");

    private static final int AT_ONCE_MAX = 8_000;

    /// How it answers the next call of a channel.
    public enum Mood {
        WELL,
        /// Longer than anybody waits.
        SLOW,
        TOO_MANY,
        BROKEN,
        MALFORMED,
        /// Some entries come twice, and none is where it belongs.
        SHUFFLED,
        /// The connection ends in the middle of the answer.
        CUT_OFF
    }

    /// @param fields of JSON: `"23.5"`, `null`
    public record Given(long number, Instant at, Map<String, String> fields) {}

    /// One channel, and what was asked of it.
    public static final class Channel {
        private final List<Given> entries = new ArrayList<>();
        private final @Nullable String key;
        private final ConcurrentLinkedDeque<Mood> moods = new ConcurrentLinkedDeque<>();
        private final AtomicInteger calls = new AtomicInteger();
        private final AtomicInteger unchanged = new AtomicInteger();
        private volatile Mood always = Mood.WELL;
        private volatile long last;

        private Channel(@Nullable String key) {
            this.key = key;
        }

        public void always(Mood mood) {
            always = mood;
        }

        /// Before it answers as always.
        public void next(Mood... some) {
            moods.addAll(List.of(some));
        }

        public int calls() {
            return calls.get();
        }

        /// Answers that said nothing but that there is nothing new.
        public int unchanged() {
            return unchanged.get();
        }

        /// The number of the newest entry.
        public long last() {
            return last;
        }

        /// @param fields names and values in turn
        public synchronized long add(Instant at, @Nullable String... fields) {
            var named = new HashMap<String, String>();
            for (int i = 0; i < fields.length; i += 2) {
                var value = fields[i + 1];
                named.put(String.valueOf(fields[i]), value == null ? "null" : '"' + value + '"');
            }
            entries.add(new Given(++last, at, named));
            return last;
        }

        /// As after an update that ThingSpeak counted but does not show.
        public synchronized void lose(long number) {
            entries.removeIf(entry -> entry.number() == number);
        }

        public synchronized void clear() {
            entries.clear();
            last = 0;
        }

        private synchronized List<Given> all() {
            return new ArrayList<>(entries);
        }
    }

    private final Map<String, Channel> channels = new ConcurrentHashMap<>();
    private final Random random = new Random(9);
    private final boolean givesOldest;
    private final int slowMillis;
    private HttpServer server;

    public FakeThingSpeak() {
        this(false, 30_000);
    }

    /// @param givesOldest of more than come at once the first ones; else the last ones
    /// @param slowMillis how long a slow answer takes
    public FakeThingSpeak(boolean givesOldest, int slowMillis) {
        this.givesOldest = givesOldest;
        this.slowMillis = slowMillis;
        this.server = listening(0);
    }

    private HttpServer listening(int port) {
        try {
            var made =
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
            made.createContext("/channels/", this::answer);
            made.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            made.start();
            return made;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public URI uri() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /// Nobody answers any more.
    public void die() {
        server.stop(0);
    }

    /// At the same place as before.
    public void rise() {
        server = listening(server.getAddress().getPort());
    }

    public Channel channel(long id) {
        return channel(id, null);
    }

    /// @param key without which it is not read
    public Channel channel(long id, @Nullable String key) {
        return channels.computeIfAbsent(Long.toString(id), _ -> new Channel(key));
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            var parts = exchange.getRequestURI().getPath().split("/", -1);
            var query = query(exchange.getRequestURI().getRawQuery());
            var channel = parts.length == 4 ? channels.get(parts[2]) : null;
            if (channel == null || !"feeds.json".equals(parts[3])) {
                send(exchange, 404, "\"0\"");
                return;
            }
            channel.calls.incrementAndGet();
            if (channel.key != null && !channel.key.equals(query.get("api_key"))) {
                send(exchange, 400, "-1");
                return;
            }
            var mood = channel.moods.poll();
            answer(exchange, channel, parts[2], query, mood == null ? channel.always : mood);
        }
    }

    private void answer(
            HttpExchange exchange, Channel channel, String id, Map<String, String> query, Mood mood)
            throws IOException {
        switch (mood) {
            case SLOW -> {
                try {
                    TimeUnit.MILLISECONDS.sleep(slowMillis);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                send(exchange, 200, feeds(id, channel, query, false));
            }
            case TOO_MANY -> {
                exchange.getResponseHeaders().add("Retry-After", "1");
                send(exchange, 429, "{\"status\":\"429\",\"error\":\"Too Many Requests\"}");
            }
            case BROKEN -> send(exchange, 500, "<html>We're sorry</html>");
            case MALFORMED -> send(exchange, 200, "{\"channel\":{\"id\":9},\"feeds\":[{\"created");
            case CUT_OFF -> {
                exchange.sendResponseHeaders(200, 100_000);
                exchange.getResponseBody().write("{\"channel\":".getBytes(StandardCharsets.UTF_8));
                exchange.getResponseBody().flush();
            }
            case SHUFFLED -> send(exchange, 200, feeds(id, channel, query, true));
            case WELL -> {
                var body = feeds(id, channel, query, false);
                var tag = "W/\"" + Integer.toHexString(body.hashCode()) + "\"";
                exchange.getResponseHeaders().add("ETag", tag);
                if (tag.equals(exchange.getRequestHeaders().getFirst("If-None-Match"))) {
                    channel.unchanged.incrementAndGet();
                    exchange.sendResponseHeaders(304, -1);
                } else {
                    send(exchange, 200, body);
                }
            }
        }
    }

    private static void send(HttpExchange exchange, int status, String body) throws IOException {
        var bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/json; charset=utf-8");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private static Map<String, String> query(@Nullable String raw) {
        var query = new HashMap<String, String>();
        for (var part : raw == null ? new String[0] : raw.split("&", -1)) {
            var pair = part.split("=", 2);
            query.put(pair[0], URLDecoder.decode(pair[1], StandardCharsets.UTF_8));
        }
        return query;
    }

    private String feeds(String id, Channel channel, Map<String, String> query, boolean shuffled) {
        var from = time(query.get("start"), Instant.MIN);
        var to = time(query.get("end"), Instant.MAX);
        var found =
                new ArrayList<>(
                        channel.all().stream()
                                .filter(one -> !one.at().isBefore(from) && !one.at().isAfter(to))
                                .sorted(Comparator.comparing(Given::at))
                                .toList());
        var count = Math.min(Integer.parseInt(query.getOrDefault("results", "100")), AT_ONCE_MAX);
        List<Given> given = found;
        if (found.size() > count) {
            given =
                    new ArrayList<>(
                            givesOldest && count > 1
                                    ? found.subList(0, count)
                                    : found.subList(found.size() - count, found.size()));
        }
        if (shuffled) {
            given.addAll(List.copyOf(given.subList(0, given.size() / 2)));
            Collections.shuffle(given, random);
        }
        var text = new StringBuilder();
        text.append("{\"channel\":{\"id\":").append(id).append(",\"name\":\"my_house\",");
        text.append("\"latitude\":\"40.44\",\"field1\":\"Light\",\"field2\":\"Temperature\",");
        text.append("\"created_at\":\"2010-12-14T01:20:06Z\",\"last_entry_id\":");
        text.append(channel.last == 0 ? "null" : channel.last).append("},\"feeds\":[");
        var comma = "";
        for (var one : given) {
            text.append(comma).append("{\"created_at\":\"").append(one.at());
            text.append("\",\"entry_id\":").append(one.number());
            one.fields()
                    .forEach((name, value) ->
                            text.append(",\"").append(name).append("\":").append(value));
            text.append('}');
            comma = ",";
        }
        return text.append("]}").toString();
    }

    private static Instant time(@Nullable String text, Instant otherwise) {
        return text == null ? otherwise : LocalDateTime.parse(text, TIME).toInstant(ZoneOffset.UTC);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
