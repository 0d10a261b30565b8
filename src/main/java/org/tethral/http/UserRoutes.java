package org.tethral.http;

import java.time.InstantSource;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;
import org.tethral.account.EmailAddress;
import org.tethral.account.Ownership;
import org.tethral.account.PasswordHash;
import org.tethral.account.PasswordRule;
import org.tethral.account.Principal;
import org.tethral.account.Role;
import org.tethral.account.User;
import org.tethral.account.UserLogin;
import org.tethral.account.UserStore;
import org.tethral.kernel.Document;
import org.tethral.kernel.Micros;
import org.tethral.kernel.Secret;
import org.tethral.kernel.Value;

/// `/api/v1/users`: people who sign in. An administrator of a community has to do with its people
/// only, and nobody gives a role above their own.
final class UserRoutes {

    private static final String PASSWORD = "password";
    private static final String COMMUNITY = "community_id";

    private final UserStore users;
    private final Ownership ownership;
    private final PasswordHash passwords;
    private final UserLogin login;
    private final InstantSource clock;
    private final RandomGenerator random;

    UserRoutes(HttpEdge.Parts parts) {
        this.users = parts.stores().users();
        this.ownership = parts.stores().ownership();
        this.passwords = parts.passwords();
        this.login = parts.userLogin();
        this.clock = parts.clock();
        this.random = parts.random();
    }

    void on(Operations.Target operations) {
        operations.on("listUsers", this::list);
        operations.on("addUser", this::add);
        operations.on("getUser", request -> reply(find(request)));
        operations.on("changeUser", this::change);
        operations.on("removeUser", this::remove);
        operations.on("resetPassword", this::resetPassword);
        operations.on("changeOwnPassword", this::changeOwnPassword);
    }

    private Reply list(ApiRequest request) {
        var own = request.community();
        var email = request.query("email", EmailAddress::new);
        if (email != null) {
            return Reply.ok(
                    Fields.whole(
                            users
                                    .find(email)
                                    .filter(user -> own == null || own.equals(user.community()))
                                    .stream()
                                    .toList(),
                            UserRoutes::document));
        }
        var filter =
                new UserStore.Filter(
                        request.community(),
                        request.query("role", Role::parse),
                        request.query("active", Boolean::valueOf));
        return Reply.ok(Fields.page(users.list(filter, request.page()), UserRoutes::document));
    }

    private Reply add(ApiRequest request) {
        var role = request.field("role", Role::parse);
        var email = request.field("email", EmailAddress::new);
        var asked = request.optionalField(COMMUNITY, CommunityId::parse);
        var community = community(request.principal(), role, asked, CommunityId.DEFAULT);
        var password = password(request, email);
        var user =
                User.add(
                        Ids.next(random),
                        email,
                        password == null ? null : passwords.hash(password.secret()),
                        role,
                        community,
                        Micros.truncated(clock.instant()));
        return switch (users.add(user)) {
            case UserStore.Outcome.Stored(var stored) ->
                    Reply.created("/api/v1/users/" + stored.id(), shown(stored, password))
                            .with("ETag", Reply.etag(stored.version()))
                            .audited(Act.added(stored.id(), stored.community(), document(stored)));
            case UserStore.Outcome other -> refused(other);
        };
    }

    /// @param made by the platform, and to be shown this once
    private record NewPassword(Secret secret, boolean made) {}

    /// What the request gives, or a new one where it gives none; null where it says null: no
    /// password.
    private @Nullable NewPassword password(ApiRequest request, EmailAddress email) {
        return switch (request.body().find(PASSWORD).orElse(Value.of(""))) {
            case Value.Text(var text) when text.isEmpty() ->
                    new NewPassword(Secret.generate("", random), true);
            case Value.Text(var text) -> new NewPassword(chosen(PASSWORD, text, email), false);
            default -> null;
        };
    }

    private static Secret chosen(String field, String text, EmailAddress email) {
        return ApiRequest.parsed(field, text, given -> PasswordRule.checked(given, email));
    }

    private static Document shown(User user, @Nullable NewPassword password) {
        return document(user)
                .with(
                        PASSWORD,
                        password != null && password.made()
                                ? Value.of(password.secret().reveal())
                                : Value.Null.NULL);
    }

    private Reply change(ApiRequest request) {
        var before = find(request);
        var given = request.optionalField("role", Role::parse);
        var role = given == null ? before.role() : given;
        var active =
                request.body()
                        .find("active")
                        .map(value -> value == Value.Bool.TRUE)
                        .orElse(before.active());
        var asked = request.optionalField(COMMUNITY, CommunityId::parse);
        var kept = before.community() == null ? CommunityId.DEFAULT : before.community();
        var community = community(request.principal(), role, asked, kept);
        checkOther(request, before);
        return changed(
                before,
                before.changed(role, community, active, request.ifMatch().orElse(before.version())),
                null);
    }

    private Reply remove(ApiRequest request) {
        var before = find(request);
        checkOther(request, before);
        return users.remove(before.id(), clock.instant())
                ? Reply.noContent()
                        .audited(Act.removed(before.id(), before.community(), document(before)))
                : Reply.of(unknown(request));
    }

    /// A new password for somebody who lost theirs.
    private Reply resetPassword(ApiRequest request) {
        var before = find(request);
        checkOther(request, before);
        var password = password(request, before.email());
        return changed(
                before,
                before.withPasswordHash(
                        password == null ? null : passwords.hash(password.secret())),
                password);
    }

    private Reply changeOwnPassword(ApiRequest request) {
        var before = self(request.principal());
        var next =
                chosen("new_password", request.field("new_password", text -> text), before.email());
        var right = login.confirms(before, request.field("current_password", Secret::new));
        if (right.isEmpty()) {
            throw new Refusal(Problem.tooMany((int) UserLogin.PAUSE_PER_ACCOUNT.toSeconds()));
        }
        if (!right.get()) {
            throw new Refusal(Problem.invalid("current_password", "is not your password"));
        }
        return changed(before, before.withPasswordHash(passwords.hash(next)), null);
    }

    private Reply changed(User before, User next, @Nullable NewPassword password) {
        return switch (users.change(next, clock.instant())) {
            case UserStore.Outcome.Stored(var stored) ->
                    Reply.ok(password == null ? document(stored) : shown(stored, password))
                            .with("ETag", Reply.etag(stored.version()))
                            .audited(
                                    Act.changed(
                                            stored.id(),
                                            stored.community(),
                                            document(before),
                                            document(stored)));
            case UserStore.Outcome other -> refused(other);
        };
    }

    private static Reply refused(UserStore.Outcome outcome) {
        return switch (outcome) {
            case UserStore.Outcome.Stored(var user) -> reply(user);
            case UserStore.Outcome.EmailTaken(var email) ->
                    Reply.of(
                            Problem.of(
                                    409, "email-taken", "there is a user " + email + " already"));
            case UserStore.Outcome.Unknown(var id) -> Reply.of(Problem.unknown("user", id));
            case UserStore.Outcome.VersionIsNow(var version) ->
                    Reply.of(
                            Problem.of(
                                    412,
                                    "version-conflict",
                                    "version " + version + " is the newest"));
        };
    }

    /// The community that somebody of that role is to be of.
    private @Nullable CommunityId community(
            Principal by, Role role, @Nullable CommunityId asked, CommunityId otherwise) {
        if (!by.role().covers(role)) {
            throw new Refusal(
                    Problem.of(
                            403,
                            "forbidden",
                            "you are " + by.role().word() + " and give no role above that"));
        }
        if (role == Role.SUPERADMIN) {
            if (asked != null) {
                throw new Refusal(
                        Problem.invalid(COMMUNITY, "a superadmin is of no single community"));
            }
            return null;
        }
        var own = by.community();
        var community = asked == null ? (own == null ? otherwise : own) : asked;
        if (own != null && !own.equals(community)
                || ownership.find(Ownership.Kind.COMMUNITY, community.toString()).isEmpty()) {
            throw new Refusal(Problem.invalid(COMMUNITY, "there is no community " + community));
        }
        return community;
    }

    /// Nobody takes their own rights away: an administrator always remains.
    private static void checkOther(ApiRequest request, User user) {
        if (request.principal().actor().equals(user.actor())) {
            throw new Refusal(
                    Problem.of(
                            409,
                            "yourself",
                            "what you are, somebody else has to change; your password: whoami/password"));
        }
    }

    private User self(Principal principal) {
        return users.find(principal.actor())
                .orElseThrow(() ->
                        new Refusal(
                                Problem.of(
                                        409,
                                        "no-user",
                                        "only who signed in as a user has a password")));
    }

    /// Of another community it is as if there were none.
    private User find(ApiRequest request) {
        var own = request.principal().community();
        return users.find(request.id())
                .filter(user -> own == null || own.equals(user.community()))
                .orElseThrow(() -> new Refusal(unknown(request)));
    }

    private static Problem unknown(ApiRequest request) {
        return Problem.unknown("user", request.id());
    }

    private static Reply.Content reply(User user) {
        return Reply.ok(document(user)).with("ETag", Reply.etag(user.version()));
    }

    static Document document(User user) {
        return new Fields()
                .word("id", user.id())
                .word("email", user.email())
                .text("role", user.role().word())
                .word(COMMUNITY, user.community())
                .truth("active", user.active())
                .truth("has_password", user.passwordHash() != null)
                .number("version", user.version())
                .time("created_at", user.createdAt())
                .time("last_login_at", user.lastLoginAt())
                .document();
    }
}
