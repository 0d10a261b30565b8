package org.tethral.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.tethral.account.CommunityId;
import org.tethral.account.Role;
import org.tethral.account.Sessions;
import org.tethral.account.User;
import org.tethral.device.DeviceId;
import org.tethral.device.Evictions;
import org.tethral.sql.SqlUserSessionStore;

/// Streams last as long as what let their receiver in. What ends them is written to the database,
/// as another node would.
class StreamEndTest {

    private static final String EVENTS = "/api/v1/events/stream";

    private static ApiServer server;

    @BeforeAll
    static void start() throws Exception {
        server = new ApiServer();
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    @Test
    void endsWithAKeyThatWasRevokedOrHasExpired() throws Exception {
        var revoked = server.apiKey("revoked", Role.VIEWER, null);
        var expiring = server.apiKey("expiring", Role.VIEWER, Instant.now().plusSeconds(600));
        var lasting = server.apiKey("lasting", Role.VIEWER, null);
        try (var events = byKey(EVENTS, revoked);
                var live = byKey("/api/v1/live", revoked);
                var socket = new EventClient(server, "", "X-API-Key", revoked);
                var shortly = byKey(EVENTS, expiring);
                var goesOn = byKey(EVENTS, lasting)) {
            assertThat(socket.next()).startsWith("{\"after\":");
            for (var key : server.accounts.apiKeys(null)) {
                if (key.name().equals("revoked")) {
                    server.accounts.revokeApiKey(key.id(), Instant.now());
                }
            }
            expire("expiring");
            events.next("over"::equals);
            live.next("over"::equals);
            assertThat(socket.next()).isEqualTo("closed 1008");
            shortly.next("over"::equals);
            assertThat(goesOn.waiting()).doesNotContain("over");
        }
    }

    @Test
    void endsWithTheSessionOrTheRoleOfItsUser() throws Exception {
        var streams = new HashMap<String, Listening>();
        var users = new HashMap<String, User>();
        for (var name : new String[] {"stays", "leaves", "goes", "rises", "moves", "removed"}) {
            var user = server.user(name + "@example.org", Role.VIEWER, null);
            users.put(name, user);
            var session = server.sessions.open(user, "password", null);
            streams.put(name, bySession(session.reveal()));
            if (name.equals("leaves")) {
                server.sessions.signOut(session);
            }
        }
        var at = Instant.now();
        var elsewhere =
                CommunityId.parse(
                        server.post("/api/v1/communities", "{\"name\":\"elsewhere\"}").text("id"));
        var goes = users.get("goes");
        server.users.change(goes.changed(Role.VIEWER, goes.community(), false, 1), at);
        server.users.change(
                users.get("rises").changed(Role.OPERATOR, goes.community(), true, 1), at);
        server.users.change(users.get("moves").changed(Role.VIEWER, elsewhere, true, 1), at);
        server.users.remove(users.get("removed").id(), at);
        var ended = new ArrayList<String>();
        for (var stream : streams.entrySet()) {
            if (!stream.getKey().equals("stays")) {
                stream.getValue().next("over"::equals);
                ended.add(stream.getKey());
            }
        }
        assertThat(ended).hasSize(5);
        assertThat(streams.get("stays").waiting()).doesNotContain("over");
        for (var stream : streams.values()) {
            stream.close();
        }
    }

    /// Not a minute later, with what is wanted of it then.
    @Test
    void endsTheWaitOfADeviceForDesiredValuesWithItsDevice() throws Exception {
        var token = server.device("waits");
        var shown = Map.of("Authorization", "Bearer " + token);
        var known =
                server.send("GET", "/device/v1/desired", null, shown).header("ETag").orElseThrow();
        var headers = Map.of("Authorization", "Bearer " + token, "If-None-Match", known);
        var waiting =
                CompletableFuture.supplyAsync(
                        () -> server.send("GET", "/device/v1/desired?wait=60s", null, headers));
        // whether it waits already, is being let in, or not yet
        server.call("DELETE", "/api/v1/devices/waits?history=purge", null);
        assertThat(waiting.get(30, TimeUnit.SECONDS).status()).isEqualTo(401);
    }

    @Test
    void tellsEachThatWaitsForADeviceOnceWhyItMayNot() {
        var evictions = new Evictions();
        var watch = new DesiredWatch(server.ingest, evictions);
        var heard = new ArrayList<String>();
        for (int i = 0; i < 2; i++) {
            watch.await(
                    new DeviceId("mine"),
                    new DesiredWatch.Waiter(_ -> heard.add("told"), heard::add));
            watch.await(
                    new DeviceId("other"),
                    new DesiredWatch.Waiter(_ -> heard.add("told"), _ -> heard.add("wrong")));
        }
        evictions.evict(new DeviceId("mine"), "removed");
        evictions.evict(new DeviceId("mine"), "again");
        assertThat(heard).containsExactly("removed", "removed");
    }

    /// Else who only listens would never be idle.
    @Test
    void isNoUseOfTheSession() throws Exception {
        var user = server.user("listens@example.org", Role.VIEWER, null);
        var session = server.sessions.open(user, "password", null);
        var store = new SqlUserSessionStore(server.database);
        var later =
                new Sessions(store, () -> Instant.now().plus(Duration.ofMinutes(5)), new Random(7));
        var seen = store.find(session.sha256()).orElseThrow().lastSeenAt();
        assertThat(later.look(session)).contains(user.principal());
        assertThat(store.find(session.sha256()).orElseThrow().lastSeenAt()).isEqualTo(seen);
        assertThat(later.find(session)).contains(user.principal());
        assertThat(store.find(session.sha256()).orElseThrow().lastSeenAt()).isAfter(seen);
    }

    private static void expire(String key) throws SQLException {
        var file = server.folder().resolve("tethral.db");
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                var update =
                        connection.prepareStatement(
                                "UPDATE api_keys SET expires_at = created_at WHERE name = ?")) {
            update.setString(1, key);
            assertThat(update.executeUpdate()).isOne();
        }
    }

    private static Listening byKey(String path, String key) throws Exception {
        return begun(new Listening(server, path, "Authorization", "Bearer " + key));
    }

    private static Listening bySession(String session) throws Exception {
        return begun(
                new Listening(
                        server,
                        EVENTS,
                        "Authorization",
                        "none",
                        "Cookie",
                        "tethral_session=" + session));
    }

    private static Listening begun(Listening stream) throws Exception {
        stream.next(block -> block.startsWith(":"));
        return stream;
    }
}
