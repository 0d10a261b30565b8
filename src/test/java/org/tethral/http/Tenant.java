package org.tethral.http;

import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.tethral.account.ApiKey;
import org.tethral.account.CommunityId;
import org.tethral.account.Role;
import org.tethral.account.Scope;
import org.tethral.kernel.Secret;

/// A community with one of everything in it.
///
/// @param ids of what is in it, by the kinds that `x-tenancy` names
/// @param mark a part of each of its names
record Tenant(ApiServer server, String mark, Map<String, String> ids) {

    /// What operations are called with, where `{}` will not do. `${…}` is an id, `${new}` a fresh
    /// name.
    private static final Map<String, String> BODIES =
            Map.ofEntries(
                    Map.entry("addDevice", "{'device_id':'${new}'}"),
                    Map.entry("moveLifecycle", "{'lifecycle':'testing','reason':'new'}"),
                    Map.entry(
                            "addCredential",
                            "{'device_id':'${device}','type':'password','user_name':'${new}'}"),
                    Map.entry("addProfile", "{'name':'${new}'}"),
                    Map.entry("publishEvent", "{'type':'a.b','device_id':'${device}'}"),
                    Map.entry(
                            "addSubscription",
                            "{'subscription_id':'${new}','active':false,'sink':{'kind':'webhook','url':'http://127.0.0.1:9/'}}"),
                    Map.entry("replaySubscription", "{'after':0}"),
                    Map.entry("redriveSubscription", "{'sequences':[1]}"),
                    Map.entry(
                            "addAlertRule",
                            "{'name':'${new}','scope':'device','scope_id':'${device}','condition':'battery'}"),
                    Map.entry(
                            "previewAlertRule",
                            "{'name':'${new}','scope':'device','scope_id':'${device}','condition':'battery'}"),
                    Map.entry("testCodec", "{'language':'raw','bytes':'01'}"),
                    Map.entry("resolveAlert", "{'reason':'mended'}"),
                    Map.entry("addChannel", "{'device_id':'${device}','channel_id':9}"),
                    Map.entry("backfillChannel", "{'from':'2026-01-01T00:00:00Z'}"),
                    Map.entry("addLocation", "{'name':'${new}','kind':'site'}"),
                    Map.entry("addSpace", "{'code':'${new}'}"),
                    Map.entry("importSpaces", "{'csv':'space\\n${new}'}"),
                    Map.entry("assignDevice", "{'part':'sensor','device_id':null}"),
                    Map.entry("overrideSpace", "{'state':'free'}"),
                    Map.entry("maintainSpace", "{'maintenance':true}"),
                    Map.entry(
                            "addReservation",
                            "{'space_id':'${space}','starts_at':'2098-01-01T00:00:00Z','ends_at':'2098-01-02T00:00:00Z'}"),
                    Map.entry("commandDevice", "{'command_name':'open'}"),
                    Map.entry("command", "{'command_name':'open','device_ids':['${device}']}"),
                    Map.entry("addApiKey", "{'name':'${new}','role':'viewer','scopes':['admin']}"),
                    Map.entry("changeSettings", "{'log-level':'info'}"),
                    Map.entry("addCommunity", "{'name':'${new}'}"),
                    Map.entry("addDistributor", "{'name':'${new}'}"),
                    Map.entry("addCustomer", "{'name':'${new}'}"),
                    Map.entry("addUser", "{'email':'${new}@example.org','role':'viewer'}"),
                    Map.entry(
                            "changeOwnPassword",
                            "{'current_password':'from-f-1 one','new_password':'from-f-1 another'}"));

    private static final Map<String, String> QUERIES =
            Map.of(
                    "removeDevice", "history=keep",
                    "aggregates", "metric=temperature&interval=1m",
                    "series", "metric=temperature",
                    "tellChirpStack", "event=up",
                    "listCredentials", "device_id=${device}");

    private static final Pattern PARAMETER = Pattern.compile("\\{([a-z_]+)}");
    private static final Random RANDOM = new Random();

    /// What is asked of the server.
    record Call(String method, String path, @Nullable String body) {}

    static Tenant fill(ApiServer server, String name) {
        var mark = name + Long.toHexString(RANDOM.nextLong());
        var tenant = new Tenant(server, mark, new HashMap<>());
        tenant.fill();
        return tenant;
    }

    /// Nothing there is has these ids.
    static Tenant nowhere(Tenant like) {
        var ids = new HashMap<String, String>();
        like.ids.forEach((kind, id) ->
                ids.put(
                        kind,
                        id.startsWith(like.mark)
                                ? id.replace(like.mark, "no" + like.mark)
                                : UUID.randomUUID().toString()));
        return new Tenant(like.server, "no" + like.mark, ids);
    }

    CommunityId community() {
        return CommunityId.parse(ids.get("community"));
    }

    private void fill() {
        made("community", "/api/v1/communities", "{'name':'${mark}'}");
        made("profile", "/api/v1/profiles", "{'name':'${mark}-p','community_id':'${community}'}");
        for (var kind : new String[] {"distributor", "customer"}) {
            made(
                    kind,
                    "/api/v1/" + kind + "s",
                    "{'name':'${mark}-b','community_id':'${community}'}");
        }
        ids.put("device", mark + "-d");
        var token =
                post(
                                "/api/v1/devices",
                                """
                                {'device_id':'${device}','community_id':'${community}','profile_id':'${profile}',
                                 'distributor_id':'${distributor}','customer_id':'${customer}','device_type':'${mark}'}
                                """)
                        .text("token");
        ids.put("token", token);
        var authorization = Map.of("Authorization", "Bearer " + token);
        server.send("POST", "/device/v1/report", "{\"temperature\":21.5}", authorization);
        server.send("POST", "/device/v1/state", "{\"state\":\"" + mark + "\"}", authorization);
        made("credential", "/api/v1/credentials", "{'device_id':'${device}','type':'password'}");
        ids.put("subscription", mark + "-s");
        post(
                "/api/v1/subscriptions",
                """
                {'subscription_id':'${subscription}','community_id':'${community}','active':false,
                 'sink':{'kind':'webhook','url':'http://127.0.0.1:9/${mark}'}}
                """);
        fillMore();
    }

    private void fillMore() {
        ids.put("event", mark + "-e");
        post("/api/v1/events", "{'type':'a.b','event_id':'${event}','device_id':'${device}'}");
        made(
                "alert_rule",
                "/api/v1/alert-rules",
                """
                {'name':'${mark}-r','scope':'device','scope_id':'${device}','condition':'metric','metric':'t',
                 'operator':'>','threshold':90}
                """);
        ids.put(
                "alert",
                Alarm.of(server, UUID.fromString(ids.get("alert_rule")), ids.get("device"))
                        .toString());
        ids.put(
                "command",
                post("/api/v1/devices/${device}/command", "{'command_name':'open'}")
                        .text("command_id"));
        made(
                "api_key",
                "/api/v1/api-keys",
                "{'name':'${mark}-k','role':'viewer','community_id':'${community}'}");
        made(
                "user",
                "/api/v1/users",
                "{'email':'${mark}@example.org','role':'viewer','community_id':'${community}'}");
        made(
                "channel",
                "/api/v1/thingspeak/channels",
                "{'device_id':'${device}','channel_id':9,'enabled':false}");
        fillSpaces();
    }

    private void fillSpaces() {
        put("/api/v1/sensors/${device}");
        put("/api/v1/displays/${device}");
        made(
                "location",
                "/api/v1/locations",
                "{'name':'${mark}-l','kind':'site','community_id':'${community}'}");
        made(
                "space",
                "/api/v1/spaces",
                """
                {'code':'${mark}-sp','community_id':'${community}','location_id':'${location}',
                 'sensor_device_id':'${device}','display_device_id':'${device}'}
                """);
        made(
                "reservation",
                "/api/v1/reservations",
                "{'space_id':'${space}','starts_at':'2099-01-01T00:00:00Z','ends_at':'2099-01-02T00:00:00Z'}");
        post("/api/v1/spaces/${space}/override", "{'state':'occupied'}");
        var actuations = server.get(filled("/api/v1/actuations?space_id=${space}"));
        ids.put("actuation", actuations.items().getFirst().text("id").orElseThrow());
    }

    private void put(String path) {
        var key = Map.of("Authorization", "Bearer " + server.key);
        var answer = server.send("PUT", filled(path), "{}", key);
        if (answer.status() >= 300) {
            throw new AssertionError(path + ": " + answer.raw().body());
        }
    }

    private void made(String kind, String path, String body) {
        ids.put(kind, post(path, body).text("id"));
    }

    private ApiServer.Answer post(String path, String body) {
        var answer = server.post(filled(path), filled(body).replace('\'', '"'));
        if (answer.status() >= 300) {
            throw new AssertionError(path + ": " + answer.raw().body());
        }
        return answer;
    }

    private String filled(String text) {
        var filled = text.replace("${mark}", mark);
        for (var id : ids.entrySet()) {
            filled = filled.replace("${" + id.getKey() + "}", id.getValue());
        }
        return filled.replace("${new}", "new" + Long.toHexString(RANDOM.nextLong()));
    }

    /// The operation, done to what is in this community.
    Call call(Conformance.Described operation) {
        var path =
                PARAMETER
                        .matcher(operation.path())
                        .replaceAll(found -> id(operation, found.group(1)));
        var query = QUERIES.get(operation.id());
        if (!operation.id().equals("dashboardAlerts")
                && operation.model().encode().contains("\"name\":\"limit\"")) {
            query = (query == null ? "" : query + "&") + "limit=1000";
        }
        var body = BODIES.get(operation.id());
        if (body == null && operation.model().containsKey("requestBody")) {
            body = "{}";
        }
        return new Call(
                operation.method(),
                query == null ? path : path + "?" + filled(query),
                body == null ? null : filled(body).replace('\'', '"'));
    }

    private String id(Conformance.Described operation, String parameter) {
        if (parameter.equals("identity")) {
            return "nobody";
        }
        var named = parameter.replaceAll("_?id$", "");
        if (!named.isEmpty()) {
            return ids.get(named);
        }
        var tenancy = operation.model().getString(Access.TENANCY).split(":", -1);
        return ids.get(tenancy.length > 1 ? tenancy[1] : "community");
    }

    /// The same call, with another community named in its body.
    static Call naming(Call call, @Nullable String community) {
        var body = new JsonObject(call.body() == null ? "{}" : call.body());
        return new Call(call.method(), call.path(), body.put("community_id", community).encode());
    }

    /// What the platform shows of all that is in it: the same as before if nobody touched it.
    Map<String, String> shown() {
        var shown = new HashMap<String, String>();
        for (var path :
                new String[] {
                    "communities/${community}",
                    "profiles/${profile}",
                    "distributors/${distributor}",
                    "customers/${customer}",
                    "devices/${device}",
                    "devices/${device}/state",
                    "devices/${device}/lifecycle",
                    "credentials?device_id=${device}",
                    "subscriptions/${subscription}",
                    "events?community_id=${community}",
                    "alert-rules/${alert_rule}",
                    "alerts/${alert}",
                    "command-logs?device_id=${device}",
                    "command-logs/${command}",
                    "api-keys?community_id=${community}",
                    "users?community_id=${community}",
                    "thingspeak/channels?community_id=${community}",
                    "sensors/${device}",
                    "displays/${device}",
                    "locations/${location}",
                    "spaces/${space}",
                    "spaces/${space}/assignments",
                    "reservations/${reservation}",
                    "actuations?space_id=${space}"
                }) {
            var answer = server.get("/api/v1/" + filled(path));
            if (answer.status() != 200) {
                throw new AssertionError(path + ": " + answer.raw().body());
            }
            shown.put(path, answer.raw().body());
        }
        return shown;
    }

    /// The secret of a new key of the community.
    String key(Role role, Scope... scopes) {
        return key(server, role, community(), scopes);
    }

    static String key(
            ApiServer server, Role role, @Nullable CommunityId community, Scope... scopes) {
        var secret = Secret.generate(ApiKey.SECRET_PREFIX, RANDOM);
        server.accounts.addApiKey(
                new ApiKey(
                        UUID.randomUUID(),
                        "key of a " + role.word(),
                        secret.sha256(),
                        role,
                        community,
                        Set.of(scopes),
                        null,
                        null,
                        null,
                        Instant.now()),
                null);
        return secret.reveal();
    }
}
