package org.tethral.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/// Files of the program, for browsers: from one folder of the class path and nowhere else. Kept in
/// memory, compressed, once they were asked for; there are only as many as the program has.
final class Files {

    private static final Pattern PATH =
            Pattern.compile("(?:[A-Za-z0-9_@-][A-Za-z0-9._@-]*/)*[A-Za-z0-9_@-][A-Za-z0-9._@-]*");

    private static final Map<String, String> TYPES =
            Map.ofEntries(
                    Map.entry("html", "text/html; charset=utf-8"),
                    Map.entry("js", "text/javascript; charset=utf-8"),
                    Map.entry("mjs", "text/javascript; charset=utf-8"),
                    Map.entry("css", "text/css; charset=utf-8"),
                    Map.entry("json", "application/json"),
                    Map.entry("svg", "image/svg+xml"),
                    Map.entry("png", "image/png"),
                    Map.entry("ico", "image/x-icon"),
                    Map.entry("woff2", "font/woff2"),
                    Map.entry("txt", "text/plain; charset=utf-8"));

    private static final int COMPRESSED_FROM_BYTES = 1_024;

    private record Kept(Buffer plain, @Nullable Buffer gzip, String etag, String type) {}

    private final String folder;
    private final String contentSecurityPolicy;
    private final Map<String, Kept> kept = new ConcurrentHashMap<>();

    /// @param folder in the class path, `console`
    Files(String folder, String contentSecurityPolicy) {
        this.folder = folder;
        this.contentSecurityPolicy = contentSecurityPolicy;
    }

    /// Answers with the file, if there is one.
    boolean serve(HttpServerRequest request, String path) {
        if (!request.method().equals(HttpMethod.GET) && !request.method().equals(HttpMethod.HEAD)) {
            return false;
        }
        var file = find(path);
        file.ifPresent(found -> Send.reply(request.response(), reply(request, found)));
        return file.isPresent();
    }

    private Reply.Content reply(HttpServerRequest request, Kept file) {
        var headers = new LinkedHashMap<String, String>();
        headers.put("ETag", file.etag());
        headers.put(
                "Cache-Control",
                "no-cache"); // kept, but asked for again: a new program shows at once
        headers.put("Vary", "Accept-Encoding");
        if (file.etag().equals(request.getHeader("If-None-Match"))) {
            return new Reply.Content(304, headers, Buffer.buffer());
        }
        headers.put("Content-Type", file.type());
        headers.put("Content-Security-Policy", contentSecurityPolicy);
        headers.put("Referrer-Policy", "no-referrer");
        headers.put("X-Frame-Options", "DENY");
        var accepted = request.getHeader("Accept-Encoding");
        if (file.gzip() != null && accepted != null && accepted.contains("gzip")) {
            headers.put("Content-Encoding", "gzip");
            return new Reply.Content(200, headers, file.gzip());
        }
        return new Reply.Content(200, headers, file.plain());
    }

    private Optional<Kept> find(String path) {
        var known = kept.get(path);
        if (known != null) {
            return Optional.of(known);
        }
        if (!PATH.matcher(path).matches()) {
            return Optional.empty();
        }
        try (var file = Files.class.getResourceAsStream("/" + folder + "/" + path)) {
            if (file == null || !path.contains(".")) {
                return Optional.empty(); // without a dot it is a folder
            }
            var made = kept(path, file.readAllBytes());
            kept.put(path, made);
            return Optional.of(made);
        } catch (IOException e) {
            throw new UncheckedIOException("read " + folder + "/" + path, e);
        }
    }

    private static Kept kept(String path, byte[] bytes) {
        var extension = path.substring(path.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        var gzip = new ByteArrayOutputStream();
        try (var compressing = new GZIPOutputStream(gzip)) {
            compressing.write(bytes);
            var hash = MessageDigest.getInstance("SHA-256").digest(bytes);
            compressing.finish();
            var smaller = bytes.length >= COMPRESSED_FROM_BYTES && gzip.size() < bytes.length;
            return new Kept(
                    Buffer.buffer(bytes),
                    smaller ? Buffer.buffer(gzip.toByteArray()) : null,
                    "\"" + HexFormat.of().formatHex(hash, 0, 12) + "\"",
                    TYPES.getOrDefault(extension, "application/octet-stream"));
        } catch (IOException e) {
            throw new UncheckedIOException("compress " + path, e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
