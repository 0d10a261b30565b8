package org.tethral.webhook;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/// Where a webhook goes, out of its URL.
///
/// @param path with the query
record Target(boolean tls, String host, int port, String path) {

    private static final int LENGTH_MAX = 2_000;
    private static final int HTTP_PORT = 80;
    private static final int HTTPS_PORT = 443;

    /// @throws IllegalArgumentException says why it cannot be used
    static Target parse(String url) {
        if (url.length() > LENGTH_MAX) {
            throw new IllegalArgumentException("url has " + LENGTH_MAX + " characters at most");
        }
        URI uri;
        try {
            uri = new URI(url);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("url is no URL: " + e.getReason(), e);
        }
        var scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        var tls = scheme.equals("https");
        if (!tls && !scheme.equals("http")) {
            throw new IllegalArgumentException("url must begin with https:// or http://");
        }
        var host = uri.getHost();
        if (host == null) {
            throw new IllegalArgumentException(
                    "url must name a host: a name, an IPv4 address, or an IPv6 address in brackets");
        }
        if (uri.getUserInfo() != null) {
            throw new IllegalArgumentException(
                    "url must not carry a user or a password; send them as a header");
        }
        if (uri.getRawFragment() != null || uri.getPort() == 0 || uri.getPort() > 65_535) {
            throw new IllegalArgumentException("url must have no fragment, and a port up to 65535");
        }
        var path = uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        return new Target(
                tls,
                host.startsWith("[") ? host.substring(1, host.length() - 1) : host,
                uri.getPort() > 0 ? uri.getPort() : tls ? HTTPS_PORT : HTTP_PORT,
                uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery());
    }
}
