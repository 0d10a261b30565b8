package org.tethral.http;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.openapi.router.RouterBuilder;
import io.vertx.openapi.contract.MediaType;
import io.vertx.openapi.contract.OpenAPIContract;
import io.vertx.openapi.contract.Operation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The OpenAPI document: what is served at `/openapi.json` is what requests are routed and checked
/// by.
final class Contract {

    private static final String FILE = "/openapi.json";
    private static final String SECURITY = "security";

    private final String text;
    private final Future<OpenAPIContract> loading;

    private Contract(String text, Future<OpenAPIContract> loading) {
        this.text = text;
        this.loading = loading;
    }

    /// Starts to check the document, which takes some tenths of a second, on other threads.
    static Contract load(Vertx vertx) {
        try (var file = Contract.class.getResourceAsStream(FILE)) {
            if (file == null) {
                throw new IllegalStateException(FILE + " is missing in the program");
            }
            var text = new String(file.readAllBytes(), StandardCharsets.UTF_8);
            return new Contract(
                    text, OpenAPIContract.from(vertx, ofRequests(new JsonObject(text))));
        } catch (IOException e) {
            throw new UncheckedIOException("read " + FILE, e);
        }
    }

    String text() {
        return text;
    }

    Future<Mounting> mounting() {
        return loading.map(Mounting::new);
    }

    /// The document without what the library cannot take, answers of the types that we stream and
    /// merge patches; and without who may ask, which [Authorization] decides.
    private static JsonObject ofRequests(JsonObject document) {
        for (var path : document.getJsonObject("paths")) {
            for (var entry : (JsonObject) path.getValue()) {
                if (entry.getValue() instanceof JsonObject operation) {
                    operation.remove(SECURITY);
                    operation.put(
                            "responses",
                            new JsonObject()
                                    .put("default", new JsonObject().put("description", "")));
                    var body = operation.getJsonObject("requestBody");
                    if (body != null) {
                        var content = body.getJsonObject("content");
                        List.copyOf(content.fieldNames()).stream()
                                .filter(type -> !type.equals(MediaType.APPLICATION_JSON))
                                .forEach(content::remove);
                    }
                }
            }
        }
        document.remove(SECURITY);
        var components = document.getJsonObject("components");
        components.remove("responses");
        components
                .getJsonObject("schemas")
                .getMap()
                .keySet()
                .removeIf(name -> !name.endsWith("Request"));
        return document;
    }

    /// What the router needs of one operation.
    ///
    /// @param audit what it does is kept under that word; null: it changes nothing, or has a
    ///   history of its own
    record Entry(String id, Access access, @Nullable String audit, RequestSchema schema) {

        static Entry of(Operation operation) {
            return new Entry(
                    operation.getOperationId(),
                    Access.of(operation.getOperationId(), operation.getOpenAPIModel()),
                    operation.getOpenAPIModel().getString("x-audit"),
                    RequestSchema.of(operation));
        }
    }

    /// Held only while routers are made: the checked document takes several megabytes.
    record Mounting(OpenAPIContract contract, Map<String, Entry> entries) {

        Mounting(OpenAPIContract contract) {
            this(
                    contract,
                    contract.operations().stream()
                            .map(Entry::of)
                            .collect(Collectors.toMap(Entry::id, Function.identity())));
        }

        /// A router with a route for each operation of the document.
        ///
        /// @throws IllegalStateException an operation has no handler, or a handler no operation
        Router router(Vertx vertx, Map<String, Function<Entry, Handler<RoutingContext>>> handlers) {
            var undone = new TreeSet<>(entries.keySet());
            undone.removeAll(handlers.keySet());
            var undocumented = new TreeSet<>(handlers.keySet());
            undocumented.removeAll(entries.keySet());
            if (!undone.isEmpty() || !undocumented.isEmpty()) {
                throw new IllegalStateException(
                        "operations without a handler: "
                                + undone
                                + ", not in the document: "
                                + undocumented);
            }
            var builder = RouterBuilder.create(vertx, contract);
            handlers.forEach((id, handler) -> {
                var route = builder.getRoute(id);
                if (route == null) {
                    throw new IllegalStateException("no route for " + id);
                }
                // our own check first who asks, then what
                route.setDoSecurity(false)
                        .setDoValidation(false)
                        .addHandler(handler.apply(entry(id)));
            });
            return builder.createRouter();
        }

        /// The first names of the paths under `/api/v1`.
        Set<String> names() {
            return contract.getPaths().stream()
                    .map(path -> path.getName().split("/", -1))
                    .filter(parts ->
                            parts.length > 3 && parts[1].equals("api") && !parts[3].startsWith("{"))
                    .map(parts -> parts[3])
                    .collect(Collectors.toSet());
        }

        private Entry entry(String id) {
            var entry = entries.get(id);
            if (entry == null) {
                throw new IllegalStateException("no operation " + id);
            }
            return entry;
        }
    }

    static boolean isMadeByTheLibrary(String name) {
        return name.startsWith("__") && name.endsWith("__");
    }

    /// The same JSON without the notes that the library leaves in it.
    static JsonObject plain(JsonObject json) {
        var plain = new JsonObject();
        for (var entry : json) {
            if (!isMadeByTheLibrary(entry.getKey())) {
                plain.put(entry.getKey(), plain(entry.getValue()));
            }
        }
        return plain;
    }

    private static @Nullable Object plain(@Nullable Object value) {
        return switch (value) {
            case JsonObject object -> plain(object);
            case JsonArray array -> new JsonArray(array.stream().map(Contract::plain).toList());
            case null -> null;
            default -> value;
        };
    }
}
