package org.tethral.http;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/// Parts of paths.
final class Paths {

    private Paths() {}

    /// Percent-encoded, for one part of a path.
    static String encoded(String part) {
        return URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
