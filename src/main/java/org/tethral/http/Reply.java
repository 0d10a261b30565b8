package org.tethral.http;

import io.vertx.core.buffer.Buffer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.tethral.json.Json;
import org.tethral.kernel.Value;

/// What a request is answered with.
sealed interface Reply {

    record Content(int status, Map<String, String> headers, Buffer body) implements Reply {
        public Content {
            headers = Map.copyOf(headers);
        }

        Content with(String header, String value) {
            var more = new LinkedHashMap<>(headers);
            more.put(header, value);
            return new Content(status, more, body);
        }

        Audited audited(Act act) {
            return new Audited(this, act);
        }
    }

    /// Sent when the act is in the audit log.
    record Audited(Content content, Act act) implements Reply {}

    /// Written piece by piece, as fast as the receiver takes it.
    record Streamed(String contentType, Source source) implements Reply {}

    @FunctionalInterface
    interface Source {
        /// Runs on a virtual thread of its own; the stream ends when it returns.
        void writeTo(Output output) throws InterruptedException;
    }

    static Content json(int status, Value value) {
        return new Content(
                status,
                Map.of("Content-Type", "application/json"),
                Buffer.buffer(Json.bytes(value)));
    }

    static Content ok(Value value) {
        return json(200, value);
    }

    static Content created(String location, Value value) {
        return json(201, value).with("Location", location);
    }

    static Content noContent() {
        return noContent(204);
    }

    static Content noContent(int status) {
        return new Content(status, Map.of(), Buffer.buffer());
    }

    static Content text(int status, String type, String text) {
        return new Content(status, Map.of("Content-Type", type), Buffer.buffer(text));
    }

    static Content of(Problem problem) {
        var headers = new LinkedHashMap<>(problem.headers());
        headers.put("Content-Type", Problem.CONTENT_TYPE);
        return new Content(
                problem.status(), headers, Buffer.buffer(Json.bytes(problem.document())));
    }

    static String etag(long version) {
        return "\"" + version + "\"";
    }
}
