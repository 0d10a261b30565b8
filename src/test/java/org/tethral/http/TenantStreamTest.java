package org.tethral.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.tethral.account.Role;
import org.tethral.account.Scope;

/// Streams tell of the own community only.
class TenantStreamTest {

    private static ApiServer server;
    private static Tenant own;
    private static Tenant other;
    private static String key;

    @BeforeAll
    static void start() throws Exception {
        server = new ApiServer(null, true);
        own = Tenant.fill(server, "own");
        other = Tenant.fill(server, "foreign");
        key = own.key(Role.VIEWER);
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    /// Fails at what is of the other community, which happens first.
    private static boolean isOwn(String told) {
        assertThat(told).doesNotContain(other.mark(), other.ids().get("community"));
        return told.contains(own.mark());
    }

    @Test
    void liveTellsWhatIsCommittedOfTheOwnDevices() throws Exception {
        try (var live = listen("/api/v1/live");
                var named = listen("/api/v1/live?device_id=" + other.ids().get("device"))) {
            report(other);
            report(own);
            assertThat(live.next(TenantStreamTest::isOwn)).contains("event: reported");
            // the other's device is told nothing of, also by name: the heartbeat is all that comes
            server.call(
                    "PATCH",
                    "/api/v1/devices/" + other.ids().get("device") + "/desired",
                    "{\"n\":1}");
            report(own);
            assertThat(live.next(TenantStreamTest::isOwn)).isNotEmpty();
            assertThat(named.waiting()).isEmpty();
        }
    }

    @Test
    void theEventStreamTellsOfTheOwnCommunity() throws Exception {
        try (var stream = listen("/api/v1/events/stream?after=0")) {
            publish(other);
            publish(own);
            Predicate<String> last = told -> isOwn(told) && told.contains("\"published\"");
            assertThat(stream.next(last)).contains(own.ids().get("device"));
        }
    }

    @Test
    void theEventSocketTellsOfTheOwnCommunity() throws Exception {
        try (var socket = new EventClient(server, "?after=0", "X-API-Key", key)) {
            publish(other);
            publish(own);
            assertThat(socket.next()).startsWith("{\"after\":");
            var told = socket.next();
            while (!isOwn(told) || !told.contains("\"published\"")) {
                told = socket.next();
            }
        }
    }

    @Test
    void refusesASocketForAnotherCommunityOrWithoutTheScope() {
        assertRefused("?community_id=" + other.ids().get("community"), key);
        assertRefused("", own.key(Role.OPERATOR, Scope.COMMANDS_SEND));
    }

    private static void assertRefused(String query, String with) {
        try (var _ = new EventClient(server, query, "X-API-Key", with)) {
            throw new AssertionError("let in");
        } catch (java.util.concurrent.CompletionException e) {
            assertThat(e).rootCause().hasMessageContaining("403");
        }
    }

    /// Delivered is what the interest wants, and it wants the own community's.
    @Test
    void subscribesToTheOwnCommunityOnly() {
        var operator = own.key(Role.OPERATOR);
        var made =
                server.call(
                        "POST",
                        "/api/v1/subscriptions",
                        "{\"sink\":{\"kind\":\"webhook\",\"url\":\"https://example.org/\"},\"active\":false}",
                        "Authorization",
                        "Bearer " + operator);
        assertThat(made.text("community_id")).isEqualTo(own.ids().get("community"));
    }

    private static Listening listen(String path) throws Exception {
        var stream = new Listening(server, path, "Authorization", "Bearer " + key);
        stream.next(block -> block.startsWith(":"));
        return stream;
    }

    private static void report(Tenant tenant) {
        assertThat(server.report(tenant.ids().get("token"), "{\"temperature\":22}").status())
                .isEqualTo(200);
    }

    private static void publish(Tenant tenant) {
        var event = "{\"type\":\"published\",\"device_id\":\"" + tenant.ids().get("device") + "\"}";
        assertThat(server.post("/api/v1/events", event).status()).isEqualTo(201);
    }
}
