package org.tethral.cli;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;
import org.tethral.account.EmailAddress;
import org.tethral.account.Ownership;
import org.tethral.account.Role;
import org.tethral.account.User;
import org.tethral.account.UserStore;
import org.tethral.kernel.Document;
import org.tethral.kernel.Micros;
import org.tethral.kernel.Page;
import org.tethral.kernel.Secret;
import org.tethral.kernel.Value;

/// Users in the database itself, for as long as no server runs on it.
final class LocalPeople implements People {

    private final Programs.Stores stores;
    private final Terminal terminal;
    private final LocalAudit audit;

    LocalPeople(Programs.Stores stores, Terminal terminal) {
        this.stores = stores;
        this.terminal = terminal;
        this.audit = new LocalAudit(stores.audit(), terminal);
    }

    @Override
    public Secret add(EmailAddress email, Role role, @Nullable CommunityId community) {
        var given = community == null ? CommunityId.DEFAULT : community;
        if (stores.ownership().find(Ownership.Kind.COMMUNITY, given.toString()).isEmpty()) {
            throw Failure.failed("there is no community " + given);
        }
        var password = Secret.generate("", terminal.random());
        var user =
                User.add(
                        new UUID(terminal.random().nextLong(), terminal.random().nextLong()),
                        email,
                        stores.passwords(terminal.random()).hash(password),
                        role,
                        role == Role.SUPERADMIN ? null : given,
                        now());
        return switch (stores.users().add(user)) {
            case UserStore.Outcome.Stored(var stored) -> {
                audit.add(
                        "user.add",
                        stored.id().toString(),
                        stored.community(),
                        null,
                        document(stored));
                yield password;
            }
            case UserStore.Outcome other -> throw refused(email, other);
        };
    }

    @Override
    public List<Document> list() {
        var all = new ArrayList<Document>();
        var page = stores.users().list(UserStore.Filter.ALL, Page.Request.first(1_000));
        while (true) {
            page.items().forEach(user -> all.add(document(user)));
            if (page.nextCursor() == null) {
                return all;
            }
            page =
                    stores.users()
                            .list(UserStore.Filter.ALL, new Page.Request(1_000, page.nextCursor()));
        }
    }

    @Override
    public void deactivate(EmailAddress email) {
        change(
                email,
                "user.update",
                user -> user.changed(user.role(), user.community(), false, user.version()));
    }

    @Override
    public Secret newPassword(EmailAddress email) {
        var password = Secret.generate("", terminal.random());
        var hash = stores.passwords(terminal.random()).hash(password);
        change(email, "user.reset_password", user -> user.withPasswordHash(hash));
        return password;
    }

    private void change(EmailAddress email, String action, UnaryOperator<User> change) {
        var before = stores.users().find(email).orElseThrow(() -> People.unknown(email));
        switch (stores.users().change(change.apply(before), now())) {
            case UserStore.Outcome.Stored(var stored) ->
                    audit.add(
                            action,
                            stored.id().toString(),
                            stored.community(),
                            document(before),
                            document(stored));
            case UserStore.Outcome other -> throw refused(email, other);
        }
    }

    private static Failure refused(EmailAddress email, UserStore.Outcome outcome) {
        return switch (outcome) {
            case UserStore.Outcome.EmailTaken _ ->
                    Failure.failed("there is a user " + email + " already");
            case UserStore.Outcome.Unknown _ -> People.unknown(email);
            case UserStore.Outcome.VersionIsNow _, UserStore.Outcome.Stored _ ->
                    Failure.failed("somebody else changed " + email + " at this moment; try again");
        };
    }

    private static Document document(User user) {
        var community = user.community();
        var login = user.lastLoginAt();
        return Document.of("email", Value.of(user.email().value()))
                .with("role", Value.of(user.role().word()))
                .with("community_id", Lines.orNull(community == null ? null : community.toString()))
                .with("active", Value.of(user.active()))
                .with("last_login_at", Lines.orNull(login == null ? null : login.toString()));
    }

    private Instant now() {
        return Micros.truncated(terminal.clock().instant());
    }

    @Override
    public void close() {
        stores.close();
    }
}
