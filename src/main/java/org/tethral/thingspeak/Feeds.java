package org.tethral.thingspeak;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.tethral.kernel.Secret;
import org.tethral.source.Fetched;
import org.tethral.source.Query;
import org.tethral.source.SourceKind;

/// `GET /channels/{id}/feeds.json`, as <https://www.mathworks.com/help/thingspeak/readdata.html>
/// describes it. Redirects are not followed: the key is in the address.
final class Feeds implements SourceKind.Source {

    /// As many as ThingSpeak gives at once.
    static final int RESULTS_MAX = 8_000;

    static final Duration ANSWER_WITHIN = Duration.ofSeconds(15);
    private static final Duration CONNECT_WITHIN = Duration.ofSeconds(5);

    /// 8,000 entries of eight fields, each of the 255 characters that ThingSpeak takes.
    private static final int ANSWER_BYTES_MAX = 20 * 1024 * 1024;

    private static final int UNCHANGED_KEPT_MAX = 256;
    private static final int UNCHANGED_ENTRIES_MAX = 100;
    private static final String AGENT = "Tethral-ThingSpeak/1";
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss").withZone(ZoneOffset.UTC);

    /// What was answered before, and comes again where the server says that nothing changed.
    private record Unchanged(String tag, Fetched answer) {}

    private final URI server;
    private final Duration answerWithin;
    private final HttpClient client =
            HttpClient.newBuilder()
                    .connectTimeout(CONNECT_WITHIN)
                    .followRedirects(HttpClient.Redirect.NEVER)
                    .build();
    private final Map<URI, Unchanged> unchanged = new LinkedHashMap<>(16, 0.75f, true);

    Feeds(URI server) {
        this(server, ANSWER_WITHIN);
    }

    Feeds(URI server, Duration answerWithin) {
        this.server = server;
        this.answerWithin = answerWithin;
    }

    @Override
    public Fetched fetch(String channel, @Nullable Secret key, Query query)
            throws InterruptedException {
        var address = address(channel, key, query);
        var known = known(address);
        var request =
                HttpRequest.newBuilder(address)
                        .timeout(answerWithin)
                        .header("User-Agent", AGENT)
                        .header("Accept", "application/json");
        if (known != null) {
            request.header("If-None-Match", known.tag());
        }
        var sent =
                client.sendAsync(
                        request.build(),
                        HttpResponse.BodyHandlers.limiting(
                                HttpResponse.BodyHandlers.ofByteArray(), ANSWER_BYTES_MAX));
        try {
            // the client's own limit ends with the head of the answer
            var response = sent.get(answerWithin.toMillis(), TimeUnit.MILLISECONDS);
            return answer(address, response, known, most(query));
        } catch (TimeoutException e) {
            return new Fetched.Failed(
                    "ThingSpeak does not answer within " + answerWithin.toSeconds() + " s");
        } catch (ExecutionException e) {
            return new Fetched.Failed(reason(e.getCause()));
        } finally {
            sent.cancel(true);
        }
    }

    /// Never the message of the exception: it may have the address with the key in it.
    private String reason(@Nullable Throwable cause) {
        return switch (cause) {
            case HttpConnectTimeoutException _ -> server.getHost() + " cannot be reached";
            case ConnectException _ -> server.getHost() + " cannot be reached";
            case java.net.http.HttpTimeoutException _ ->
                    "ThingSpeak does not answer within " + answerWithin.toSeconds() + " s";
            case IOException _ -> "the connection to " + server.getHost() + " broke off";
            case null, default -> "the call to " + server.getHost() + " failed";
        };
    }

    private Fetched answer(
            URI address, HttpResponse<byte[]> response, @Nullable Unchanged known, int most) {
        var status = response.statusCode();
        return switch (status) {
            case 200 -> {
                var answer = FeedJson.parse(response.body(), most);
                remember(address, response, answer);
                yield answer;
            }
            case 304 ->
                    known == null
                            ? new Fetched.Failed("ThingSpeak answers 304 to what was not asked")
                            : known.answer();
            case 400, 401, 403, 404 ->
                    new Fetched.Refused(
                            "ThingSpeak answers "
                                    + status
                                    + ": no such channel, or the key does not open it");
            case 429 -> new Fetched.TooMany(pause(response));
            default -> new Fetched.Failed("ThingSpeak answers " + status);
        };
    }

    /// In seconds; as a date it is left to us.
    private static @Nullable Duration pause(HttpResponse<byte[]> response) {
        return response.headers()
                .firstValue("Retry-After")
                .filter(text -> text.matches("[0-9]{1,6}"))
                .map(text -> Duration.ofSeconds(Long.parseLong(text)))
                .orElse(null);
    }

    private @Nullable Unchanged known(URI address) {
        synchronized (unchanged) {
            return unchanged.get(address);
        }
    }

    private void remember(URI address, HttpResponse<byte[]> response, Fetched answer) {
        var tag = response.headers().firstValue("ETag");
        if (tag.isPresent()
                && answer instanceof Fetched.Entries(var entries, _, _)
                && entries.size() <= UNCHANGED_ENTRIES_MAX) {
            synchronized (unchanged) {
                unchanged.put(address, new Unchanged(tag.get(), answer));
                if (unchanged.size() > UNCHANGED_KEPT_MAX) {
                    var eldest = unchanged.keySet().iterator();
                    eldest.next();
                    eldest.remove();
                }
            }
        }
    }

    private static int most(Query query) {
        return query.most() == 0 ? RESULTS_MAX : Math.min(query.most(), RESULTS_MAX);
    }

    private URI address(String channel, @Nullable Secret key, Query query) {
        var text = new StringBuilder(server.toString());
        if (text.charAt(text.length() - 1) == '/') {
            text.setLength(text.length() - 1);
        }
        text.append("/channels/").append(channel).append("/feeds.json?results=");
        text.append(most(query));
        if (key != null) {
            text.append("&api_key=").append(encoded(key.reveal()));
        }
        append(text, "start", query.from());
        append(text, "end", query.to());
        return URI.create(text.toString());
    }

    private static void append(StringBuilder text, String name, @Nullable Instant time) {
        if (time != null) {
            text.append('&').append(name).append('=').append(encoded(TIME.format(time)));
        }
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
