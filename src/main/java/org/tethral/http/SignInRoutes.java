package org.tethral.http;

import io.netty.handler.codec.http.QueryStringDecoder;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.CookieSameSite;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tethral.account.Sessions;
import org.tethral.account.UserLogin;
import org.tethral.account.UserStore;
import org.tethral.json.Json;
import org.tethral.json.MalformedJson;
import org.tethral.kernel.Document;
import org.tethral.kernel.Secret;

/// Signing in, with a password or a one-time link, and out. A session is a cookie that scripts
/// cannot read and other sites cannot send.
final class SignInRoutes {

    private static final int BODY_BYTES_MAX = 4 * 1024;
    private static final String FORM = "application/x-www-form-urlencoded";
    private static final Logger LOG = LoggerFactory.getLogger(SignInRoutes.class);

    private final Api api;
    private final Sessions sessions;
    private final UserLogin login;
    private final UserStore users;
    private final HttpEdge.@Nullable Provider provider;
    private final SignInAudit audit;

    SignInRoutes(HttpEdge.Parts parts, Api api) {
        this.api = api;
        this.sessions = parts.sessions();
        this.login = parts.userLogin();
        this.users = parts.stores().users();
        this.provider = parts.provider();
        this.audit = new SignInAudit(parts);
    }

    Map<String, Handler<RoutingContext>> handlers() {
        return Map.of(
                "signIn", routing -> byLink(routing.request()),
                "signInMethods", routing -> methods(routing.request()),
                "signInWithPassword", routing -> byPassword(routing.request()),
                "signOut", routing -> signOut(routing.request()));
    }

    private void methods(HttpServerRequest request) {
        api.answer(
                request,
                "signInMethods",
                () ->
                        Reply.ok(
                                new Fields()
                                        .truth("password", users.hasAdministrator())
                                        .text(
                                                "provider",
                                                provider == null
                                                        ? null
                                                        : provider.login().providerName())
                                        .document()));
    }

    private void byLink(HttpServerRequest request) {
        var link = Credentials.secret(request.getParam("token"));
        var remote = request.remoteAddress().hostAddress();
        var tls = request.isSSL();
        api.answer(
                request,
                "signIn",
                () ->
                        link.flatMap(secret -> sessions.signIn(secret, remote))
                                .map(session -> {
                                    audit.opened(
                                            Sessions.ADMINISTRATOR, Sessions.LINK_METHOD, remote);
                                    return entered(
                                            session,
                                            Sessions.LINK_SESSION_VALID_FOR,
                                            tls,
                                            Reply.noContent(303).with("Location", "/"));
                                })
                                .orElseGet(() ->
                                        Reply.text(
                                                401,
                                                "text/plain; charset=utf-8",
                                                "This sign-in link was used before, or is too old. Ask the server for a new one.\n")));
    }

    private void byPassword(HttpServerRequest request) {
        if (isFromElsewhere(request)) {
            Send.problem(
                    request.response(),
                    Problem.of(403, "cross-site", "one signs in on pages of this server"));
            return;
        }
        new BodyReader(
                        request,
                        BODY_BYTES_MAX,
                        body -> byPassword(request, body),
                        close -> Send.tooLong(request, BODY_BYTES_MAX, close))
                .read();
    }

    /// Else another site could sign somebody in as somebody that it knows.
    private static boolean isFromElsewhere(HttpServerRequest request) {
        var headers = request.headers();
        return (headers.contains("Sec-Fetch-Site") || headers.contains("Origin"))
                && !Credentials.of(request).sameOrigin();
    }

    private void byPassword(HttpServerRequest request, Buffer body) {
        var type = request.getHeader("Content-Type");
        var isForm = type != null && type.toLowerCase(Locale.ROOT).startsWith(FORM);
        var remote = request.remoteAddress().hostAddress();
        var tls = request.isSSL();
        api.answer(
                request,
                "signInWithPassword",
                () -> {
                    var given = isForm ? form(body) : json(body);
                    var session = session(given, remote);
                    return entered(
                            session,
                            Sessions.SESSION_VALID_FOR,
                            tls,
                            isForm
                                    ? Reply.noContent(303).with("Location", "/")
                                    : Reply.noContent());
                });
    }

    /// @param email as it was typed
    private record Given(String email, Secret password) {}

    private Secret session(Given given, String remote) {
        return switch (login.signIn(given.email(), given.password(), remote)) {
            case UserLogin.Outcome.SignedIn(var user, var session) -> {
                LOG.atInfo()
                        .addKeyValue("user_id", user.id())
                        .addKeyValue("remote_address", remote)
                        .log("signed in");
                audit.opened(user.principal(), UserLogin.METHOD, remote);
                yield session;
            }
            case UserLogin.Outcome.Refused(var limit) -> {
                LOG.atInfo().addKeyValue("remote_address", remote).log("sign-in refused");
                if (limit != null) {
                    audit.reached(limit, remote);
                }
                throw new Refusal(
                        Problem.of(401, "wrong-password", "the address or the password is wrong"));
            }
            case UserLogin.Outcome.TooMany(var wait) ->
                    throw new Refusal(Problem.tooMany(1 + (int) wait.toSeconds()));
        };
    }

    private static Given json(Buffer body) {
        try {
            var document = body.length() == 0 ? Document.EMPTY : Json.parseObject(body.getBytes());
            return given(
                    document.text("email").orElse(null), document.text("password").orElse(null));
        } catch (MalformedJson e) {
            throw new Refusal(Problem.of(400, "malformed-json", String.valueOf(e.getMessage())));
        }
    }

    private static Given form(Buffer body) {
        try {
            var fields =
                    new QueryStringDecoder(
                                    body.toString(StandardCharsets.UTF_8),
                                    StandardCharsets.UTF_8,
                                    false)
                            .parameters();
            return given(first(fields.get("email")), first(fields.get("password")));
        } catch (IllegalArgumentException e) {
            throw new Refusal(Problem.of(400, "malformed-form", "the form is not encoded as such"));
        }
    }

    private static @Nullable String first(@Nullable List<String> values) {
        return values == null || values.isEmpty() ? null : values.getFirst();
    }

    private static Given given(@Nullable String email, @Nullable String password) {
        Optional<Secret> secret = Credentials.secret(password);
        if (email == null || email.isBlank()) {
            throw new Refusal(Problem.invalid("email", "is missing"));
        }
        return new Given(
                email,
                secret.orElseThrow(() -> new Refusal(Problem.invalid("password", "is missing"))));
    }

    private void signOut(HttpServerRequest request) {
        var credentials = Credentials.of(request);
        if (!credentials.sameOrigin()) {
            Send.problem(
                    request.response(),
                    Problem.of(403, "cross-site", "only pages of this server may sign out"));
            return;
        }
        var tls = request.isSSL();
        var remote = request.remoteAddress().hostAddress();
        api.answer(
                request,
                "signOut",
                () -> {
                    var session = credentials.session();
                    if (session != null) {
                        var who = sessions.look(session);
                        sessions.signOut(session);
                        who.ifPresent(principal -> audit.closed(principal, remote));
                    }
                    return withCookie(Reply.noContent(), "", Duration.ZERO, tls);
                });
    }

    static Reply.Content entered(
            Secret session, Duration validFor, boolean tls, Reply.Content reply) {
        return withCookie(reply, session.reveal(), validFor, tls)
                .with("Referrer-Policy", "no-referrer");
    }

    private static Reply.Content withCookie(
            Reply.Content reply, String value, Duration validFor, boolean tls) {
        return reply.with(
                "Set-Cookie",
                Cookie.cookie(Credentials.SESSION_COOKIE, value)
                        .setPath("/")
                        .setHttpOnly(true)
                        .setSecure(tls)
                        .setSameSite(CookieSameSite.STRICT)
                        .setMaxAge(validFor.toSeconds())
                        .encode());
    }
}
