package org.tethral.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.kernel.Eventually.eventually;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tethral.account.Role;
import org.tethral.account.Scope;
import org.tethral.kernel.Value;

/// Who may do each operation of the document, and that nobody sees, or touches, what is of another
/// community. Made from the document: an operation that is added is in this test.
class TenancyTest {

    private static final Role[] ROLES = {Role.COMMUNITY_ADMIN, Role.OPERATOR, Role.VIEWER};
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private static ApiServer server;
    private static Tenant own;
    private static Tenant other;
    private static final Map<Role, String> KEYS = new EnumMap<>(Role.class);

    @BeforeAll
    static void start() throws Exception {
        server = new ApiServer(null, true);
        own = Tenant.fill(server, "own");
        other = Tenant.fill(server, "foreign");
        for (var role : ROLES) {
            KEYS.put(role, own.key(role));
        }
        turnAway(own);
        turnAway(other);
    }

    /// So that there is something of each community in the connection log.
    private static void turnAway(Tenant tenant) {
        var device = tenant.ids().get("device");
        server.send(
                "POST",
                "/device/v1/report",
                "{\"a\":1}",
                Map.of("Authorization", "Bearer wrong", "X-Device-Id", device));
        var history = "/api/v1/device-connection-history/" + device;
        eventually(() -> !server.get(history).items().isEmpty());
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    /// One operation, with what the document says of it. Shown by its name.
    record Operation(Conformance.Described described, Access.ByPrincipal access) {
        @Override
        public String toString() {
            return described.id();
        }

        boolean changes() {
            return !described.method().equals("GET");
        }

        boolean streams() {
            return described.model().getJsonObject("responses").encode().contains("event-stream");
        }
    }

    static Stream<Operation> operations() {
        return new Conformance()
                .operations().stream()
                        .flatMap(one ->
                                Access.of(one.id(), one.model())
                                                instanceof Access.ByPrincipal access
                                        ? Stream.of(new Operation(one, access))
                                        : Stream.empty());
    }

    static Stream<Operation> ofCommunities() {
        return operations().filter(one -> !(one.access().tenancy() instanceof Tenancy.Platform));
    }

    /// The rest of the document is open, or for devices, which show a secret in their own way: that
    /// it is so for a new operation is for this list to say.
    @Test
    void leavesOutOnlyWhatIsOpenOrForDevices() {
        var left =
                new Conformance()
                        .operations().stream()
                                .map(Conformance.Described::id)
                                .collect(Collectors.toCollection(TreeSet::new));
        operations().forEach(one -> left.remove(one.described().id()));
        assertThat(left)
                .allMatch(one ->
                        one.matches("(health|device[A-Z]|thingsBoard|signIn|signedIn|signOut).*"));
    }

    private static int ask(Tenant.Call call, @Nullable String key) {
        return answer(call, key, false).status();
    }

    /// @param body of a stream it is empty: that it begins is all there is to see
    private record Answer(int status, String body) {}

    private static Answer answer(Tenant.Call call, @Nullable String key, boolean streams) {
        var request =
                HttpRequest.newBuilder(server.uri(call.path()))
                        .header("X-Forwarded-For", "192.0.2.1") // not from this machine
                        .header("If-Match", "*")
                        .method(
                                call.method(),
                                call.body() == null
                                        ? HttpRequest.BodyPublishers.noBody()
                                        : HttpRequest.BodyPublishers.ofString(call.body()));
        if (key != null) {
            request.header("Authorization", "Bearer " + key);
        }
        try {
            var response = CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
            try (var body = response.body()) {
                return new Answer(
                        response.statusCode(),
                        streams && response.statusCode() == 200
                                ? ""
                                : new String(body.readAllBytes(), StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            throw new AssertionError(call.toString(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @MethodSource("operations")
    void asksForACredential(Operation operation) {
        assertThat(ask(own.call(operation.described()), null)).isEqualTo(401);
    }

    @ParameterizedTest
    @MethodSource("operations")
    void refusesTooLowARole(Operation operation) {
        var call = own.call(operation.described());
        for (var role : ROLES) {
            if (!role.covers(operation.access().role())) {
                assertThat(ask(call, KEYS.get(role))).as("%s", role).isEqualTo(403);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("operations")
    void refusesAKeyWithoutTheScope(Operation operation) {
        var scope = operation.access().scope();
        if (scope.isPresent()) {
            var others = EnumSet.complementOf(EnumSet.of(scope.get())).toArray(Scope[]::new);
            var key = Tenant.key(server, Role.SUPERADMIN, null, others);
            assertThat(ask(own.call(operation.described()), key)).isEqualTo(403);
        }
    }

    @ParameterizedTest
    @MethodSource("operations")
    void isForThoseOfNoSingleCommunityWhereItSaysSo(Operation operation) {
        if (operation.access().tenancy() instanceof Tenancy.Platform) {
            var call = own.call(operation.described());
            for (var role : ROLES) {
                assertThat(ask(call, KEYS.get(role))).as("%s", role).isEqualTo(403);
            }
        }
    }

    /// What is of another community is as if it were not there: in each list, statistic and answer,
    /// and for whoever names it.
    @ParameterizedTest
    @MethodSource("ofCommunities")
    void neitherShowsNorTouchesWhatIsOfAnotherCommunity(Operation operation) {
        var described = operation.described();
        var nowhere = Tenant.nowhere(other);
        var before = operation.changes() ? other.shown() : Map.of();
        for (var role : ROLES) {
            if (role.covers(operation.access().role())) {
                var key = KEYS.get(role);
                var foreign = answer(other.call(described), key, operation.streams());
                var unknown = answer(nowhere.call(described), key, operation.streams());
                assertThat(foreign.status()).as("%s %s", role, foreign).isEqualTo(unknown.status());
                if (operation.access().tenancy() instanceof Tenancy.Of) {
                    assertThat(foreign.status()).as("%s", foreign).isEqualTo(404);
                }
                if (foreign.status() < 300) {
                    assertThat(foreign.body()).doesNotContain(other.mark());
                    other.ids()
                            .forEach((kind, id) ->
                                    assertThat(foreign.body()).as("%s", kind).doesNotContain(id));
                } else {
                    assertThat(without(other, foreign.body()))
                            .isEqualTo(without(nowhere, unknown.body()));
                }
            }
        }
        assertThat(operation.changes() ? other.shown() : Map.of()).isEqualTo(before);
    }

    @Test
    void countsTheOwnDevicesOnly() {
        var tenant = Tenant.fill(server, "counted");
        var key = Map.of("Authorization", "Bearer " + tenant.key(Role.VIEWER));
        for (var path :
                new String[] {
                    "devices/statistics", "devices/states/statistics", "dashboard/stats"
                }) {
            var counted = server.send("GET", "/api/v1/" + path, null, key);
            assertThat(counted.body().find("total")).as(path).contains(Value.of(1));
        }
    }

    private static String without(Tenant tenant, String body) {
        var text = body.replaceAll("you are of the community [0-9a-f-]+", "");
        for (var id : tenant.ids().values()) {
            text = text.replace(id, "?");
        }
        return text.replace(tenant.mark(), "?");
    }

    @ParameterizedTest
    @MethodSource("ofCommunities")
    void letsNobodyNameAnotherCommunity(Operation operation) {
        var described = operation.described();
        var key = KEYS.get(Role.COMMUNITY_ADMIN);
        var community = other.ids().get("community");
        var call = own.call(described);
        if (described.model().encode().contains("\"name\":\"community_id\"")) {
            var asked =
                    new Tenant.Call(
                            call.method(),
                            call.path()
                                    + (call.path().contains("?") ? "&" : "?")
                                    + "community_id="
                                    + community,
                            call.body());
            assertThat(ask(asked, key)).isEqualTo(403);
        }
        if (bodyOf(described).containsKey("community_id")) {
            assertThat(ask(Tenant.naming(call, community), key)).isEqualTo(403);
            assertThat(ask(Tenant.naming(call, null), key)).as("of none").isIn(400, 403);
        }
    }

    /// The fields that its body may have.
    private static JsonObject bodyOf(Conformance.Described described) {
        var body = described.model().getJsonObject("requestBody");
        return body == null
                ? new JsonObject()
                : server.conformance
                        .schema(
                                body.getJsonObject("content")
                                        .getJsonObject("application/json")
                                        .getJsonObject("schema"))
                        .getJsonObject("properties", new JsonObject());
    }

    @ParameterizedTest
    @MethodSource("operations")
    void servesItsOwn(Operation operation) {
        var platform = operation.access().tenancy() instanceof Tenancy.Platform;
        var tenant = operation.changes() ? Tenant.fill(server, "mine") : own;
        var lowest =
                Arrays.stream(Role.values())
                        .filter(role -> role.covers(operation.access().role()))
                        .reduce((_, last) -> last)
                        .orElseThrow();
        var scopes = operation.access().scope().stream().toArray(Scope[]::new);
        var key = Tenant.key(server, lowest, platform ? null : tenant.community(), scopes);
        var answer = answer(tenant.call(operation.described()), key, operation.streams());
        assertThat(answer.status()).as("%s", answer).isNotIn(400, 401, 403, 500);
        if (operation.access().tenancy() instanceof Tenancy.Of) {
            assertThat(answer.status()).as("%s", answer).isNotEqualTo(404);
        }
        if (!operation.changes()) {
            assertThat(answer.status()).as("%s", answer).isIn(200, 426);
        }
    }
}
