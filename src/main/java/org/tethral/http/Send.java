package org.tethral.http;

import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;

/// Writes answers. On the event loop of the request only.
final class Send {

    private Send() {}

    static void reply(HttpServerResponse response, Reply.Content content) {
        var _ = whole(response, content);
    }

    /// As [#reply], and tells when it is written.
    static Future<Void> whole(HttpServerResponse response, Reply.Content content) {
        if (response.ended() || response.closed()) {
            return Future.failedFuture("the client did not wait");
        }
        response.setStatusCode(content.status());
        response.putHeader("Cache-Control", "no-store");
        response.putHeader("X-Content-Type-Options", "nosniff");
        content.headers().forEach(response::putHeader);
        return content.status() == 204 || content.status() == 304
                ? response.end()
                : response.end(content.body());
    }

    static void problem(HttpServerResponse response, Problem problem) {
        reply(response, Reply.of(problem));
    }

    /// @param close the rest of the request was not read
    static void tooLong(HttpServerRequest request, int bytesMax, boolean close) {
        if (close) {
            request.response().putHeader("Connection", "close");
        }
        problem(
                request.response(),
                Problem.of(413, "too-long", "a body has " + bytesMax + " bytes at most"));
    }
}
