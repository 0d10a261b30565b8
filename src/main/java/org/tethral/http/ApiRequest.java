package org.tethral.http;

import io.vertx.core.MultiMap;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;
import org.tethral.account.Principal;
import org.tethral.device.DeviceId;
import org.tethral.kernel.Document;
import org.tethral.kernel.Page;
import org.tethral.state.Interval;

/// A request of the API, authenticated and of the shape that the contract asks for. What cannot be
/// understood is refused with a problem that names the field.
///
/// @param body empty where the request has none
record ApiRequest(
        Principal principal,
        Map<String, String> path,
        MultiMap query,
        MultiMap headers,
        Document body) {

    private static final int LIMIT_DEFAULT = 100;

    ApiRequest with(Document other) {
        return new ApiRequest(principal, path, query, headers, other);
    }

    /// Of which community alone lists, statistics and streams may tell: the caller's; of those who
    /// are of no single one, the one that they ask for, and null for all.
    @Nullable CommunityId community() {
        return principal.community() == null
                ? query("community_id", CommunityId::parse)
                : principal.community();
    }

    DeviceId deviceId() {
        return path("device_id", DeviceId::new);
    }

    UUID id() {
        return path("id", UUID::fromString);
    }

    <T> T path(String name, Function<String, T> parse) {
        var text = path.get(name);
        if (text == null) {
            throw new IllegalStateException("the path has no " + name);
        }
        return parsed(name, text, parse);
    }

    Optional<String> query(String name) {
        return Optional.ofNullable(query.get(name));
    }

    <T> @Nullable T query(String name, Function<String, T> parse) {
        var text = query.get(name);
        return text == null ? null : parsed(name, text, parse);
    }

    Optional<String> header(String name) {
        return Optional.ofNullable(headers.get(name));
    }

    Page.Request page() {
        return new Page.Request(limit(LIMIT_DEFAULT), query.get("cursor"));
    }

    int limit(int byDefault) {
        var limit = query("limit", Integer::parseInt);
        return limit == null ? byDefault : limit;
    }

    /// `from` (included) to `to` (not included).
    Interval interval(Instant fromByDefault, Instant toByDefault) {
        var from = query("from", ApiRequest::time);
        var to = query("to", ApiRequest::time);
        try {
            return new Interval(from == null ? fromByDefault : from, to == null ? toByDefault : to);
        } catch (IllegalArgumentException e) {
            throw new Refusal(Problem.invalid("from", String.valueOf(e.getMessage())));
        }
    }

    /// The version that `If-Match` names; empty: the header is missing or `*`.
    Optional<Long> ifMatch() {
        var given = header("If-Match").map(String::strip).filter(text -> !text.equals("*"));
        return given.map(text ->
                parsed(
                        "If-Match",
                        text.replaceFirst("^W/", "").replace("\"", ""),
                        Long::parseLong));
    }

    <T> T field(String name, Function<String, T> parse) {
        return parsed(
                name,
                body.text(name).orElseThrow(() -> new Refusal(Problem.invalid(name, "is missing"))),
                parse);
    }

    /// null: it is missing or null
    <T> @Nullable T optionalField(String name, Function<String, T> parse) {
        return body.text(name).map(text -> parsed(name, text, parse)).orElse(null);
    }

    static <T> T parsed(String name, String text, Function<String, T> parse) {
        try {
            return parse.apply(text);
        } catch (NumberFormatException e) {
            throw new Refusal(Problem.invalid(name, "is not a number"));
        } catch (IllegalArgumentException | DateTimeException e) {
            throw new Refusal(Problem.invalid(name, String.valueOf(e.getMessage())));
        }
    }

    static Instant time(String text) {
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(
                    "a time is ISO 8601 with an offset: 2026-01-31T12:00:00Z", e);
        }
    }
}
