package org.tethral.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.kernel.Eventually.eventually;

import io.vertx.core.http.HttpMethod;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.tethral.account.AuditEntry;
import org.tethral.account.AuditLog;
import org.tethral.kernel.Page;
import org.tethral.kernel.Value;

class ContractTest {

    /// Pages for browsers, which are no part of the API.
    private static final TreeSet<String> PAGES =
            new TreeSet<>(
                    java.util.List.of("GET /openapi.json", "GET /docs", "GET /docs/", "GET /"));

    private static final String DELIVERIES = "/api/v1/subscriptions/s1/deliveries";

    @Test
    void mountsWhatTheDocumentSaysAndNothingElse() throws Exception {
        try (var server = new ApiServer()) {
            var documented =
                    server.conformance.operations().stream()
                            .map(one ->
                                    one.method()
                                            + " "
                                            + one.path().replaceAll("\\{([a-z_]+)}", ":$1"))
                            .collect(Collectors.toCollection(TreeSet::new));
            var mounted = new TreeSet<String>();
            for (var route : server.edge.router().getRoutes()) {
                if (route.getPath() != null) {
                    route.methods()
                            .forEach((HttpMethod method) ->
                                    mounted.add(method.name() + " " + route.getPath()));
                }
            }
            mounted.removeAll(PAGES);
            assertThat(mounted).isEqualTo(documented);
        }
    }

    /// Calls each operation so that it succeeds; each answer is held against its schema on the way.
    @Test
    void answersEachOperationAsTheDocumentSays() throws Exception {
        try (var server = new ApiServer(null, true)) {
            var token = devices(server);
            deviceChannel(server, token);
            thingsBoard(server, token);
            registry(server);
            subscriptions(server);
            channels(server);
            NetworksRig.call(server);
            MachineryRig.call(server);
            reads(server);
            alerts(server);
            SpaceCalls.make(server);
            service(server);
            streams(server);
            socket(server);
            var all =
                    server.conformance.operations().stream()
                            .map(Conformance.Described::id)
                            .collect(Collectors.toSet());
            assertThat(server.conformance.answered()).containsExactlyInAnyOrderElementsOf(all);
            keptWhatWasDone(server);
        }
    }

    /// Each operation that changes something has left a row, or says why not.
    private static void keptWhatWasDone(ApiServer server) {
        var actions = new TreeSet<String>();
        for (var one : server.conformance.operations()) {
            var administrative = one.model().containsKey("x-minimum-role");
            if (administrative && !one.method().equals("GET")) {
                var action = one.model().getString("x-audit");
                assertThat(action == null)
                        .as(one.id())
                        .isEqualTo(NotAudited.OPERATIONS.containsKey(one.id()));
                if (action != null) {
                    assertThat(actions.add(action)).as("once: %s", action).isTrue();
                }
            } else if (one.model().containsKey("x-audit")) {
                actions.add(one.model().getString("x-audit")); // there is more than one way in
            }
        }
        var entries = server.audit.list(AuditLog.Filter.ALL, Page.Request.first(1_000)).items();
        assertThat(entries.stream().map(AuditEntry::action).collect(Collectors.toSet()))
                .isEqualTo(actions);
        assertThat(entries)
                .allSatisfy(entry -> {
                    assertThat(entry.actor().toString())
                            .isIn("api_key:test", "user:ada@example.org", "user:administrator");
                    assertThat(entry.remoteAddress()).isEqualTo("127.0.0.1");
                    assertThat(entry.objectId()).isNotEmpty();
                    assertThat(entry.before() != null || entry.after() != null).isTrue();
                    assertThat(entry.toString()).doesNotContain("tethral_", "from-f-1");
                });
    }

    private static String devices(ApiServer server) {
        var added =
                server.post(
                        "/api/v1/devices",
                        """
                        {"device_id": "pump", "name": "Pump", "device_type": "ESP32", "protocol": "http",
                         "manufacturer": "M", "model": "X", "firmware_version": "1", "capabilities": ["pump"],
                         "metadata": {"room": "1"}, "location": {"lat": 48.1, "lon": 11.5}}
                        """);
        server.get(
                "/api/v1/devices?status=unknown&capability=pump&metadata_key=room&metadata_value=1");
        server.get("/api/v1/devices/statistics");
        server.get("/api/v1/devices/pump");
        server.call("PATCH", "/api/v1/devices/pump", "{\"name\":\"P\"}", "If-Match", "*");
        server.post(
                "/api/v1/devices/pump/lifecycle", "{\"lifecycle\":\"testing\",\"reason\":\"new\"}");
        server.get("/api/v1/devices/pump/lifecycle");
        server.device("gone");
        server.call("DELETE", "/api/v1/devices/gone?history=purge", null);
        return added.text("token");
    }

    private static void deviceChannel(ApiServer server, String token) {
        var authorization = Map.of("Authorization", "Bearer " + token);
        server.report(
                token,
                "[{\"temperature\":21.5},{\"message_id\":\"m\",\"values\":{\"temperature\":22}}]");
        server.send("POST", "/device/v1/state", "{\"state\":\"busy\"}", authorization);
        server.send(
                "POST",
                "/device/v1/event",
                "{\"type\":\"x\",\"event_id\":\"e1\",\"ttl\":60}",
                authorization);
        server.send("GET", "/device/v1/desired", null, authorization);
        var id = open(server);
        server.send("GET", "/device/v1/commands?wait=20s", null, authorization);
        server.send(
                "POST",
                "/device/v1/commands/" + id + "/ack",
                "{\"status\":\"success\"}",
                authorization);
        server.post(
                "/api/v1/profiles",
                "{\"name\":\"F\",\"provisioning_key\":\"f\",\"provisioning_secret\":\"from-f-1\"}");
        server.send(
                "POST",
                "/device/v1/register",
                "{\"provisioning_key\":\"f\",\"provisioning_secret\":\"from-f-1\",\"type\":\"password\"}",
                Map.of());
    }

    private static String open(ApiServer server) {
        return server.post("/api/v1/devices/pump/command", "{\"command_name\":\"open\"}")
                .text("command_id");
    }

    private static void thingsBoard(ApiServer server, String token) throws Exception {
        var none = Map.<String, String>of();
        open(server);
        var asked = server.send("GET", "/api/v1/" + token + "/rpc?timeout=20000", null, none);
        server.send(
                "POST",
                "/api/v1/"
                        + token
                        + "/rpc/"
                        + ((Value.Numeric) asked.body().find("id").orElseThrow()).value(),
                "{}",
                none);
        server.send("POST", "/api/v1/" + token + "/rpc", "{\"method\":\"getTime\"}", none);
        server.send("POST", "/api/v1/" + token + "/telemetry", "{\"a\":1}", none);
        server.send("POST", "/api/v1/" + token + "/attributes", "{\"a\":1}", none);
        server.send("GET", "/api/v1/" + token + "/attributes", null, none);
        server.send("POST", "/api/v1/" + token + "/claim", "{\"secretKey\":\"s\"}", none);
        server.send(
                "POST",
                "/api/v1/provision",
                "{\"provisionDeviceKey\":\"f\",\"provisionDeviceSecret\":\"from-f-1\"}",
                none);
        var waiting =
                java.util.concurrent.CompletableFuture.supplyAsync(() ->
                        server.send("GET", "/api/v1/" + token + "/attributes/updates", null, none));
        var n = new AtomicInteger();
        eventually(() -> { // it may not wait yet
            var wanted = "{\"n\":" + n.incrementAndGet() + "}";
            server.call("PATCH", "/api/v1/devices/pump/desired", wanted);
            return waiting.isDone();
        });
    }

    private static void registry(ApiServer server) throws Exception {
        server.call("PATCH", "/api/v1/devices/pump/configuration", "{\"a\":1}");
        var credential =
                server.post(
                        "/api/v1/credentials", "{\"device_id\":\"pump\",\"type\":\"password\"}");
        server.get("/api/v1/credentials?device_id=pump");
        server.post(
                "/api/v1/credentials/" + credential.text("id") + "/end",
                "{\"at\":\"2030-01-01T00:00:00Z\"}");
        server.call("DELETE", "/api/v1/credentials/" + credential.text("id"), null);
        var profile =
                server.post("/api/v1/profiles", "{\"name\":\"T\",\"protocol\":\"mqtt\"}")
                        .text("id");
        server.get("/api/v1/profiles");
        server.get("/api/v1/profiles/" + profile);
        server.call("PATCH", "/api/v1/profiles/" + profile, "{\"model\":\"X\"}");
        server.call("DELETE", "/api/v1/profiles/" + profile, null);
        for (var stranger : new String[] {"s1", "s2"}) {
            server.send(
                    "POST",
                    "/device/v1/report",
                    "{\"a\":1}",
                    Map.of("Authorization", "Bearer wrong", "X-Device-Id", stranger));
        }
        eventually(() -> server.get("/api/v1/inbox").items().size() == 2);
        server.call("POST", "/api/v1/inbox/s1/register", null);
        server.call("DELETE", "/api/v1/inbox/s2", null);
        var key =
                server.post("/api/v1/api-keys", "{\"name\":\"k\",\"role\":\"viewer\"}").text("id");
        server.get("/api/v1/api-keys");
        server.call("DELETE", "/api/v1/api-keys/" + key, null);
        server.get("/api/v1/settings");
        server.call("PATCH", "/api/v1/settings", "{\"log-level\":\"debug\"}");
        Organizations.call(server);
        server.get("/api/v1/whoami");
        people(server);
        server.get("/api/v1/audit-logs?actor=api_key:test&action=api_key.add&limit=5");
        server.get("/api/v1/dashboard/stats");
        server.get("/api/v1/dashboard/alerts?limit=5");
        commands(server);
    }

    private static void people(ApiServer server) {
        var user =
                server.post(
                        "/api/v1/users",
                        "{\"email\":\"ada@example.org\",\"role\":\"superadmin\",\"password\":\"from-f-1 to sign in\"}");
        var path = "/api/v1/users/" + user.text("id");
        server.get("/api/v1/users?role=superadmin&active=true&limit=5");
        server.get(path);
        server.call("PATCH", path, "{\"active\":true}", "If-Match", "1");
        var signedIn =
                server.send(
                        "POST",
                        "/sign-in",
                        "{\"email\":\"ada@example.org\",\"password\":\"from-f-1 to sign in\"}",
                        Map.of());
        server.send(
                "POST",
                "/api/v1/whoami/password",
                "{\"current_password\":\"from-f-1 to sign in\",\"new_password\":\"from-f-1 another\"}",
                Map.of(
                        "Cookie",
                        signedIn.header("Set-Cookie").orElseThrow().split(";", 2)[0],
                        "Sec-Fetch-Site",
                        "same-origin"));
        server.post(path + "/password", "{}");
        server.call("DELETE", path, null);
    }

    private static void commands(ApiServer server) {
        server.post("/api/v1/devices/pump/command", "{\"command_name\":\"open\"}");
        var id =
                server.post(
                                "/api/v1/command",
                                "{\"command_name\":\"open\",\"device_type\":\"ESP32\",\"ttl\":60}")
                        .text("command_id");
        server.get("/api/v1/command-logs?status=pending&device_type=ESP32&limit=100");
        server.get("/api/v1/command-logs/" + id);
        server.call("POST", "/api/v1/command-logs/" + id + "/cancel", null);
        server.get("/api/v1/command-logs/" + id + "/progress");
        server.get("/api/v1/communication/statistics");
        server.get("/api/v1/endpoints");
    }

    private static void subscriptions(ApiServer server) throws Exception {
        server.post(
                "/api/v1/events",
                "{\"type\":\"a.b\",\"event_id\":\"api-1\",\"device_id\":\"pump\",\"ttl\":60}");
        server.post("/api/v1/events", "{\"type\":\"a.b\",\"event_id\":\"api-1\"}");
        // nobody listens there
        server.post(
                "/api/v1/subscriptions",
                """
                {"subscription_id": "s1", "event_types": ["a.*"], "sink": {"kind": "webhook", "url": "http://127.0.0.1:9/"},
                 "after": 0, "tracked": true, "max_attempts": 1}
                """);
        server.get("/api/v1/subscriptions?active=true");
        server.get("/api/v1/subscriptions/s1");
        eventually(() -> !server.get(DELIVERIES + "?status=dead").items().isEmpty());
        server.post("/api/v1/subscriptions/s1/redrive", "{\"sequences\":[1]}");
        server.call("PATCH", "/api/v1/subscriptions/s1", "{\"batch\":5}", "If-Match", "*");
        server.call("POST", "/api/v1/subscriptions/s1/pause", null);
        server.call("POST", "/api/v1/subscriptions/s1/resume", null);
        server.post("/api/v1/subscriptions/s1/replay", "{\"from\":\"2026-01-01T00:00:00Z\"}");
        server.get("/api/v1/subscriptions/s1/statistics");
        server.call("DELETE", "/api/v1/subscriptions/s1", null);
    }

    private static void reads(ApiServer server) {
        server.get("/api/v1/devices/pump/state");
        server.get("/api/v1/devices/states");
        server.get("/api/v1/devices/states/statistics");
        server.get("/api/v1/devices/pump/states/durations");
        server.get("/api/v1/state-history/pump?limit=100");
        server.get("/api/v1/devices/pump/snapshots");
        server.get("/api/v1/devices/pump/metrics");
        server.get("/api/v1/devices/pump/aggregates?metric=temperature&interval=1m");
        server.get("/api/v1/devices/pump/series?metric=temperature&points=10");
        server.get("/api/v1/device-connection-history");
        server.get("/api/v1/device-connection-history/s1?limit=100");
        server.get("/api/v1/events?limit=5");
        server.get("/api/v1/events/statistics");
        server.get("/api/v1/events/e1");
    }

    private static void channels(ApiServer server) {
        var channels = "/api/v1/thingspeak/channels";
        var added = server.post(channels, "{\"device_id\": \"pump\", \"channel_id\": 9}");
        var path = channels + "/" + added.text("id");
        server.get(channels + "?limit=5");
        server.get(path);
        server.post(path + "/poll", "{}");
        server.post(path + "/backfill", "{\"from\": \"2026-01-01T00:00:00Z\"}");
        server.call("PATCH", path, "{\"poll_interval_seconds\": 30}", "If-Match", "*");
        server.call("DELETE", path, null);
    }

    private static void alerts(ApiServer server) {
        var rule =
                server.post(
                                "/api/v1/alert-rules",
                                """
                                {"name": "hot", "scope": "device", "scope_id": "pump", "condition": "metric",
                                 "metric": "temperature", "operator": ">", "threshold": 90, "clear_threshold": 80}
                                """)
                        .text("id");
        server.post(
                "/api/v1/alert-rules",
                """
                {"name": "low", "scope": "device", "scope_id": "pump", "condition": "battery", "severity": "info"}
                """);
        server.post(
                "/api/v1/alert-rules/preview",
                "{\"name\":\"Hot\",\"scope\":\"device\",\"scope_id\":\"pump\",\"condition\":\"silence\",\"for_seconds\":60}");
        server.get("/api/v1/alert-rules");
        server.get("/api/v1/alert-rules/" + rule);
        server.call(
                "PATCH", "/api/v1/alert-rules/" + rule, "{\"for_seconds\":60}", "If-Match", "1");
        var alert = Alarm.of(server, java.util.UUID.fromString(rule), "pump");
        server.get("/api/v1/alerts?open=true&severity=warning&device_id=pump&limit=5");
        server.get("/api/v1/alerts/" + alert);
        server.post("/api/v1/alerts/" + alert + "/acknowledge", "{\"note\":\"seen\"}");
        server.post("/api/v1/alerts/" + alert + "/resolve", "{\"reason\":\"mended\"}");
        server.call("DELETE", "/api/v1/alert-rules/" + rule, null);
    }

    private static void service(ApiServer server) {
        var none = Map.<String, String>of();
        server.send("GET", "/health", null, none);
        server.send("GET", "/health/live", null, none);
        server.send("GET", "/health/ready", null, none);
        server.send("GET", "/metrics", null, none);
        var link = server.sessions.invite().reveal();
        server.send("GET", "/sign-in/methods", null, none);
        server.send("GET", "/sign-in/provider", null, none);
        server.send("GET", "/sign-in/provider/callback", null, none);
        var entered = server.send("GET", "/sign-in?token=" + link, null, none);
        var cookie = entered.header("Set-Cookie").orElseThrow().split(";", 2)[0];
        server.call("POST", "/sign-out", null, "Cookie", cookie, "Sec-Fetch-Site", "same-origin");
    }

    private static void socket(ApiServer server) throws Exception {
        assertThat(server.get("/api/v1/events/ws").status()).isEqualTo(426);
        try (var socket = new EventClient(server, "", "Authorization", "Bearer " + server.key)) {
            assertThat(socket.next()).startsWith("{\"after\":");
            server.conformance.check("GET", "/api/v1/events/ws", 101, null, "");
        }
    }

    /// They never end: that they begin as promised is all that can be held against the document.
    private static void streams(ApiServer server) throws Exception {
        for (var path : new String[] {"/api/v1/live", "/api/v1/events/stream"}) {
            try (var listening = new Listening(server, path)) {
                var first = listening.next(block -> block.startsWith(":"));
                server.conformance.check("GET", path, 200, listening.contentType(), first);
            }
        }
    }
}
