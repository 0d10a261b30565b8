package org.tethral.cli;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;
import org.tethral.account.EmailAddress;
import org.tethral.account.Role;
import org.tethral.kernel.Document;
import org.tethral.kernel.Secret;
import org.tethral.kernel.Value;

/// Users of a running server.
final class RemotePeople implements People {

    private static final String USERS = "/api/v1/users";

    private final Api api;

    RemotePeople(ServerOptions.Server server) {
        this.api = new Api(server);
    }

    @Override
    public Secret add(EmailAddress email, Role role, @Nullable CommunityId community) {
        var wanted =
                Document.of("email", Value.of(email.value())).with("role", Value.of(role.word()));
        if (community != null) {
            wanted = wanted.with("community_id", Value.of(community.toString()));
        }
        return new Secret(Lines.text(done(201, "POST", USERS, wanted), "password"));
    }

    @Override
    public List<Document> list() {
        var all = new ArrayList<Document>();
        var path = USERS + "?limit=1000";
        while (true) {
            var page = done(200, "GET", path, null);
            all.addAll(Lines.objects(page, "items"));
            var cursor = page.text("next_cursor");
            if (cursor.isEmpty()) {
                return all;
            }
            path = USERS + "?limit=1000&cursor=" + encoded(cursor.get());
        }
    }

    @Override
    public void deactivate(EmailAddress email) {
        done(200, "PATCH", path(email), Document.of("active", Value.of(false)));
    }

    @Override
    public Secret newPassword(EmailAddress email) {
        return new Secret(
                Lines.text(
                        done(200, "POST", path(email) + "/password", Document.EMPTY), "password"));
    }

    private String path(EmailAddress email) {
        var found = done(200, "GET", USERS + "?email=" + encoded(email.value()), null);
        return Lines.objects(found, "items").stream()
                .findFirst()
                .map(user -> USERS + "/" + Lines.text(user, "id"))
                .orElseThrow(() -> People.unknown(email));
    }

    private Document done(int status, String method, String path, @Nullable Document body) {
        var response = api.call(method, path, body);
        if (response.status() != status) {
            throw Api.refused(response);
        }
        return response.body();
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        api.close();
    }
}
