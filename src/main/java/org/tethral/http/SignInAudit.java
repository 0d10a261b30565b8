package org.tethral.http;

import org.tethral.account.Actor;
import org.tethral.account.Principal;
import org.tethral.account.User;
import org.tethral.account.UserLogin;

/// Keeps who came and went in the audit log, before they are answered; and when somebody may be
/// guessing. An attempt that merely fails leaves no row: else anybody could fill the log.
final class SignInAudit {

    private static final String OPEN = "session.open";
    private static final String CLOSE = "session.close";
    private static final String LIMIT = "session.limit";
    private static final String ADD_USER = "user.add";
    private static final Actor GUARD = Actor.system("sign_in");
    private static final Actor PROVIDER = Actor.system("identity_provider");

    private final Audit audit;

    SignInAudit(HttpEdge.Parts parts) {
        this.audit = new Audit(parts.stores().audit(), parts.clock(), parts.random());
    }

    /// @param method how, as it is kept with the session
    void opened(Principal who, String method, String remoteAddress) {
        var session =
                new Fields().text("role", who.role().word()).text("method", method).document();
        audit.add(
                OPEN,
                who.actor(),
                who.community(),
                remoteAddress,
                Act.added(who.actor().name(), who.community(), session));
    }

    void closed(Principal who, String remoteAddress) {
        var session = new Fields().text("role", who.role().word()).document();
        audit.add(
                CLOSE,
                who.actor(),
                who.community(),
                remoteAddress,
                Act.removed(who.actor().name(), who.community(), session));
    }

    /// Administrators of the community whose user it would have been may read it. What was typed
    /// and is no address is not kept: it may be a password.
    void reached(UserLogin.Limit limit, String remoteAddress) {
        var community = limit.user() == null ? null : limit.user().community();
        var email = limit.email();
        audit.add(
                LIMIT,
                GUARD,
                community,
                remoteAddress,
                Act.added(
                        email == null ? "unknown" : email.value(),
                        community,
                        new Fields()
                                .text("limit", limit.what())
                                .truth("known", limit.user() != null)
                                .document()));
    }

    /// The identity provider vouches for somebody who was no user yet.
    void added(User user, String remoteAddress) {
        audit.add(
                ADD_USER,
                PROVIDER,
                user.community(),
                remoteAddress,
                Act.added(user.id(), user.community(), UserRoutes.document(user)));
    }
}
