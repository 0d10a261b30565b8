package org.tethral.http;

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
        var key = bearer(request).or(() -> secret(request.getHeader("X-API-Key")));
        var cookie = request.getCookie(SESSION_COOKIE);
        var session = secret(cookie == null ? null : cookie.getValue());
        return new Credentials(key.orElse(null), session.orElse(null), sameOrigin(request));
    }

    static Optional<Secret> bearer(HttpServerRequest request) {
        var header = request.getHeader("Authorization");
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
    private static boolean sameOrigin(HttpServerRequest request) {
        var site = request.getHeader("Sec-Fetch-Site");
        if (site != null) {
            return site.equals("same-origin") || site.equals("none");
        }
        var origin = request.getHeader("Origin");
        var host = request.getHeader("Host");
        return origin != null
                && host != null
                && origin.toLowerCase(Locale.ROOT)
                        .equals(
                                (request.isSSL() ? "https://" : "http://")
                                        + host.toLowerCase(Locale.ROOT));
    }
}
