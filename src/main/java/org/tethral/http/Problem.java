package org.tethral.http;

import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;
import org.tethral.kernel.Document;

/// What went wrong, for the person who reads the answer: problem details of RFC 9457.
///
/// @param kind a word that programs may rely on; `type` is `urn:tethral:problem:` and that word
/// @param errors which fields of the request are meant, where it is about fields
/// @param headers that the answer carries besides
record Problem(
        int status,
        String kind,
        String detail,
        List<FieldError> errors,
        Map<String, String> headers) {

    static final String CONTENT_TYPE = "application/problem+json";

    record FieldError(String field, String reason) {}

    Problem {
        errors = List.copyOf(errors);
        headers = Map.copyOf(headers);
    }

    static Problem of(int status, String kind, String detail) {
        return new Problem(status, kind, detail, List.of(), Map.of());
    }

    static Problem invalid(String field, String reason) {
        return invalid(List.of(new FieldError(field, reason)));
    }

    static Problem invalid(List<FieldError> errors) {
        var first = errors.getFirst();
        var detail =
                errors.size() == 1
                        ? first.field() + ": " + first.reason()
                        : errors.size() + " fields of the request are not as they should be";
        return new Problem(400, "invalid-request", detail, errors, Map.of());
    }

    static Problem unknown(String what, Object name) {
        return of(404, "not-found", "no " + what + " '" + name + "'");
    }

    /// A token was good a moment ago.
    static Problem removedDevice() {
        return unauthenticated("the device of this token is not registered any more");
    }

    static Problem unauthenticated(String detail) {
        return new Problem(
                401,
                "unauthenticated",
                detail,
                List.of(),
                Map.of("WWW-Authenticate", "Bearer realm=\"tethral\""));
    }

    /// @param seconds after which to try again
    static Problem tooMany(int seconds) {
        return new Problem(
                429,
                "too-many-attempts",
                "too many attempts; try again in " + seconds + " s",
                List.of(),
                Map.of("Retry-After", Integer.toString(seconds)));
    }

    /// There is no room for more.
    ///
    /// @param community whose share is used up; null: nobody has room
    static Problem tooMany(String kind, String things, int most, @Nullable CommunityId community) {
        return of(
                409,
                kind,
                community == null
                        ? "there are " + most + " " + things + ", and no more can be"
                        : "a community has " + most + " " + things + " at most");
    }

    /// @param seconds after which to try again
    static Problem busy(String kind, String detail, int seconds) {
        return new Problem(
                503, kind, detail, List.of(), Map.of("Retry-After", Integer.toString(seconds)));
    }

    Document document() {
        var fields =
                new Fields()
                        .text("type", "urn:tethral:problem:" + kind)
                        .text("title", HttpResponseStatus.valueOf(status).reasonPhrase())
                        .number("status", status)
                        .text("detail", detail);
        if (!errors.isEmpty()) {
            fields.list(
                    "errors",
                    errors,
                    error ->
                            new Fields()
                                    .text("field", error.field())
                                    .text("reason", error.reason())
                                    .document());
        }
        return fields.document();
    }
}
