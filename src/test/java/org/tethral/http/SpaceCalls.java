package org.tethral.http;

/// Each operation about spaces once, so that it succeeds.
final class SpaceCalls {

    private SpaceCalls() {}

    static void make(ApiServer server) {
        server.device("lot");
        server.device("light");
        server.call("PUT", "/api/v1/sensors/lot", "{\"dev_eui\":\"70B3D57ED0001111\"}");
        server.call("PUT", "/api/v1/displays/light", "{\"display_type\":\"kuando_busylight\"}");
        for (var list : new String[] {"sensors", "sensors/lot", "displays", "displays/light"}) {
            server.get("/api/v1/" + list);
        }
        var location =
                "/api/v1/locations/"
                        + server.post("/api/v1/locations", "{\"name\":\"North\",\"kind\":\"site\"}")
                                .text("id");
        server.get(location);
        server.get("/api/v1/locations");
        server.call("PATCH", location, "{\"name\":\"South\"}", "If-Match", "*");
        var id = server.post("/api/v1/spaces", "{\"code\":\"P-1\"}").text("id");
        use(server, id);
        reserve(server, id);
        server.call("DELETE", "/api/v1/spaces/" + id, null);
        server.call("DELETE", location, null);
        server.call("DELETE", "/api/v1/sensors/lot", null);
        server.call("DELETE", "/api/v1/displays/light", null);
        server.post("/api/v1/spaces/import", "{\"csv\":\"space\\nP-2\"}");
    }

    private static void use(ApiServer server, String id) {
        var space = "/api/v1/spaces/" + id;
        server.get(space);
        server.get("/api/v1/spaces?state=unknown");
        server.call("PATCH", space, "{\"name\":\"Lot 1\"}");
        server.post(space + "/assign", "{\"part\":\"sensor\",\"device_id\":\"lot\"}");
        server.post(space + "/assign", "{\"part\":\"display\",\"device_id\":\"light\"}");
        server.get(space + "/assignments");
        server.post(space + "/override", "{\"state\":\"occupied\"}");
        server.call("DELETE", space + "/override", null);
        server.post(space + "/maintenance", "{\"maintenance\":true}");
        var trail = server.get("/api/v1/actuations?space_id=" + id).items();
        server.get("/api/v1/actuations/" + trail.getFirst().text("id").orElseThrow());
    }

    private static void reserve(ApiServer server, String id) {
        var reservation =
                "/api/v1/reservations/"
                        + server.post(
                                        "/api/v1/reservations",
                                        """
                                        {"space_id": "%s", "starts_at": "2098-01-01T00:00:00Z",
                                         "ends_at": "2098-01-02T00:00:00Z", "status": "pending"}
                                        """
                                                .formatted(id))
                                .text("id");
        server.get(reservation);
        server.get("/api/v1/reservations?status=pending");
        server.get("/api/v1/spaces/" + id + "/availability");
        server.call("POST", reservation + "/confirm", null);
        server.call("POST", reservation + "/cancel", null);
    }
}
