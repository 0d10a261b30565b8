package org.tethral.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.Draft;
import io.vertx.json.schema.JsonSchema;
import io.vertx.json.schema.JsonSchemaOptions;
import io.vertx.json.schema.OutputFormat;
import io.vertx.json.schema.Validator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Holds answers against the OpenAPI document, as a client that was generated from it would.
final class Conformance {

    private static final JsonSchemaOptions OPTIONS =
            new JsonSchemaOptions()
                    .setDraft(Draft.DRAFT202012)
                    .setBaseUri("app://tethral")
                    .setOutputFormat(OutputFormat.Basic);

    /// One operation of the document.
    record Described(String id, String method, String path, Pattern pattern, JsonObject model) {

        boolean isOpen() {
            return model.getJsonArray("security") != null
                    && model.getJsonArray("security").isEmpty();
        }

        boolean isForDevices() {
            return model.getJsonArray("security") != null
                    && model.getJsonArray("security").toString().contains("device_token");
        }
    }

    private final JsonObject document;
    private final List<Described> operations = new ArrayList<>();
    private final Map<String, Validator> validators = new ConcurrentHashMap<>();
    private final Set<String> answered = ConcurrentHashMap.newKeySet();

    Conformance() {
        try (var file = Conformance.class.getResourceAsStream("/openapi.json")) {
            document = new JsonObject(new String(file.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        for (var path : document.getJsonObject("paths")) {
            for (var entry : (JsonObject) path.getValue()) {
                var model = (JsonObject) entry.getValue();
                operations.add(
                        new Described(
                                model.getString("operationId"),
                                entry.getKey().toUpperCase(Locale.ROOT),
                                path.getKey(),
                                Pattern.compile(path.getKey().replaceAll("\\{[a-z_]+}", "[^/]+")),
                                model));
            }
        }
        // the plainest path wins, as in the router
        operations.sort(
                Comparator.comparing(
                        (Described one) -> one.path().replaceAll("\\{[a-z_]+}", "{}")));
        operations.sort(Comparator.comparing((Described one) -> one.path().contains("{")));
    }

    List<Described> operations() {
        return operations;
    }

    /// The ids of those that were answered with success.
    Set<String> answered() {
        return answered;
    }

    Optional<Described> find(String method, String path) {
        var bare = path.split("\\?", 2)[0];
        return operations.stream()
                .filter(one -> one.method().equals(method) && one.pattern().matcher(bare).matches())
                .findFirst();
    }

    /// @throws AssertionError the document promises something else
    void check(String method, String path, int status, @Nullable String contentType, String body) {
        var found = find(method, path);
        if (found.isEmpty() || status == 405) {
            return; // not of the document, or with a method that is not
        }
        var operation = found.get();
        var response =
                resolved(
                        operation
                                .model()
                                .getJsonObject("responses")
                                .getJsonObject(Integer.toString(status)));
        var where = method + " " + path + " → " + status;
        if (response == null) {
            throw new AssertionError(where + " is not in the document: " + body);
        }
        if (status < 400 || operation.isOpen()) {
            answered.add(operation.id());
        }
        var content = response.getJsonObject("content");
        if (content == null) {
            if (!body.isEmpty()) {
                throw new AssertionError(where + " has a body: " + body);
            }
            return;
        }
        var type = contentType == null ? "" : contentType.split(";", 2)[0];
        var media = content.getJsonObject(type);
        if (media == null) {
            throw new AssertionError(
                    where + " is " + type + ", promised is " + content.fieldNames());
        }
        if (type.endsWith("json")) {
            var key = operation.id() + " " + status + " " + type;
            var documents = type.endsWith("ndjson") ? body.lines().toList() : List.of(body);
            documents.forEach(one -> checkBody(key, where, media.getJsonObject("schema"), one));
        }
    }

    private void checkBody(String key, String where, JsonObject schema, String body) {
        var validator =
                validators.computeIfAbsent(
                        key,
                        _ ->
                                Validator.create(
                                        JsonSchema.of((JsonObject) inlined(schema)), OPTIONS));
        var result = validator.validate(Json.decodeValue(Buffer.buffer(body)));
        if (!Boolean.TRUE.equals(result.getValid())) {
            var faults = new StringBuilder();
            result.getErrors()
                    .forEach(error ->
                            faults.append("\n  ")
                                    .append(error.getInstanceLocation())
                                    .append(": ")
                                    .append(error.getError()));
            throw new AssertionError(where + " is not as promised:" + faults + "\n" + body);
        }
    }

    /// A schema of the document, without references.
    JsonObject schema(JsonObject schema) {
        return (JsonObject) inlined(schema);
    }

    private @Nullable JsonObject resolved(@Nullable JsonObject model) {
        if (model == null || !model.containsKey("$ref")) {
            return model;
        }
        var target = document;
        for (var name : model.getString("$ref").substring(2).split("/", -1)) {
            target = target.getJsonObject(name);
        }
        return target;
    }

    private Object inlined(Object value) {
        return switch (value) {
            case JsonObject object when object.containsKey("$ref") -> inlined(resolved(object));
            case JsonObject object -> {
                var copy = new JsonObject();
                object.forEach(entry ->
                        copy.put(
                                entry.getKey(),
                                entry.getValue() == null ? null : inlined(entry.getValue())));
                yield copy;
            }
            case JsonArray array -> {
                var copy = new JsonArray();
                array.forEach(item -> copy.add(item == null ? null : inlined(item)));
                yield copy;
            }
            default -> value;
        };
    }
}
