package org.tethral.http;

import io.netty.handler.codec.http.cookie.ServerCookieDecoder;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tethral.kernel.Secret;

/// What a request brings to show who sent it.
///
/// @param key of `Authorization: Bearer …` or `X-API-Key: …`
/// @param session of the cookie
/// @param sameOrigin the browser says that a page of our own sent it
record Credentials(@Nullable Secret key, @Nullable Secret session, boolean sameOrigin) {

    static final String SESSION_COOKIE = "tethral_session";
    private static final String BEARER = "bearer ";
    private static final int SECRET_LENGTH_MAX = 1_024;

    static Credentials of(HttpServerRequest request) {
        return of(request.headers(), request.isSSL());
    }

    static Credentials of(MultiMap headers, boolean tls) {
        var key = bearer(headers.get("Authorization")).or(() -> secret(headers.get("X-API-Key")));
        return new Credentials(
                key.orElse(null), session(headers).orElse(null), sameOrigin(headers, tls));
    }

    private static Optional<Secret> session(MultiMap headers) {
        for (var header : headers.getAll("Cookie")) {
            for (var cookie : ServerCookieDecoder.STRICT.decode(header)) {
                if (cookie.name().equals(SESSION_COOKIE)) {
                    return secret(cookie.value());
                }
            }
        }
        return Optional.empty();
    }

    static Optional<Secret> bearer(HttpServerRequest request) {
        return bearer(request.getHeader("Authorization"));
    }

    private static Optional<Secret> bearer(@Nullable String header) {
        return header == null || !header.regionMatches(true, 0, BEARER, 0, BEARER.length())
                ? Optional.empty()
                : secret(header.substring(BEARER.length()).strip());
    }

    static Optional<Secret> secret(@Nullable String text) {
        return text == null || text.isEmpty() || text.length() > SECRET_LENGTH_MAX
                ? Optional.empty()
                : Optional.of(new Secret(text));
    }

    /// Browsers send one of these headers with what changes something; older ones only `Origin`.
    private static boolean sameOrigin(MultiMap headers, boolean tls) {
        var site = headers.get("Sec-Fetch-Site");
        if (site != null) {
            return site.equals("same-origin") || site.equals("none");
        }
        var origin = headers.get("Origin");
        var host = headers.get("Host");
        return origin != null
                && host != null
                && origin.toLowerCase(Locale.ROOT)
                        .equals((tls ? "https://" : "http://") + host.toLowerCase(Locale.ROOT));
    }
}
