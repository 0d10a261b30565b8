package org.tethral.http;

import java.util.List;
import java.util.function.Supplier;
import org.tethral.kernel.Document;

/// `/api/v1/endpoints`: where devices connect.
final class EndpointRoutes {

    private EndpointRoutes() {}

    static void on(Operations.Target operations, Supplier<List<Endpoint>> endpoints) {
        operations.on(
                "listEndpoints",
                _ -> Reply.ok(Fields.whole(endpoints.get(), EndpointRoutes::document)));
    }

    private static Document document(Endpoint endpoint) {
        return new Fields()
                .text("name", endpoint.name())
                .number("port", endpoint.port())
                .text("path", endpoint.path().isEmpty() ? null : endpoint.path())
                .document();
    }
}
