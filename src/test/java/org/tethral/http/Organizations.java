package org.tethral.http;

/// Calls of each operation on communities, distributors and customers, so that it succeeds.
final class Organizations {

    private Organizations() {}

    static void call(ApiServer server) {
        for (var kind : new String[] {"communities", "distributors", "customers"}) {
            var path = "/api/v1/" + kind;
            var id = server.post(path, "{\"name\":\"North\"}").text("id");
            server.get(path);
            server.get(path + "/" + id);
            server.call("PATCH", path + "/" + id, "{\"metadata\":{\"a\":1}}");
            server.call("DELETE", path + "/" + id, null);
        }
    }
}
