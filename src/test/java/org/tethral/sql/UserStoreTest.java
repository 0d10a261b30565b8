package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.sql.Devices.NOW;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.tethral.account.AccountStore;
import org.tethral.account.Actor;
import org.tethral.account.ApiKey;
import org.tethral.account.CommunityId;
import org.tethral.account.EmailAddress;
import org.tethral.account.Role;
import org.tethral.account.User;
import org.tethral.account.UserSessionStore;
import org.tethral.account.UserStore;
import org.tethral.account.UserStore.Outcome;
import org.tethral.kernel.Page;

@EachEngine
class UserStoreTest {

    private final Database database;
    private final UserStore users;
    private final UserSessionStore sessions;
    private final AccountStore accounts;

    UserStoreTest(TestDatabase test) {
        this.database = test.database();
        this.users = new SqlUserStore(database);
        this.sessions = new SqlUserSessionStore(database);
        this.accounts = new SqlAccountStore(database);
        database.write("clear", session -> session.sql("DELETE FROM users").update());
    }

    @Test
    void keepsAUserAsItWasAdded() {
        var ada = added("ada@example.org", Role.SUPERADMIN);
        assertThat(users.find(ada.id())).contains(ada);
        assertThat(users.find(new EmailAddress("ADA@example.org"))).contains(ada);
        assertThat(users.find(Actor.session("ada@example.org"))).contains(ada);
        assertThat(users.find(Actor.apiKey("ada@example.org"))).isEmpty();
        assertThat(users.find(Actor.session("administrator"))).isEmpty();
        assertThat(users.find(UUID.randomUUID())).isEmpty();
    }

    @Test
    void keepsTheFirstOfTwoUsersWithOneAddress() {
        var ada = added("ada@example.org", Role.VIEWER);
        assertThat(users.add(user("Ada@Example.org", Role.OPERATOR)))
                .isEqualTo(new Outcome.EmailTaken(ada.email()));
        assertThat(users.find(ada.email())).contains(ada);
    }

    @Test
    void listsByAddressInPartsAndByWhatIsAskedFor() {
        var all =
                IntStream.range(0, 12)
                        .mapToObj(i ->
                                added(
                                        "user-%02d@example.org".formatted(i),
                                        i % 3 == 0 ? Role.SUPERADMIN : Role.VIEWER))
                        .toList();
        var seen = new ArrayList<User>();
        var page = users.list(UserStore.Filter.ALL, Page.Request.first(5));
        while (true) {
            seen.addAll(page.items());
            if (page.nextCursor() == null) {
                break;
            }
            page = users.list(UserStore.Filter.ALL, new Page.Request(5, page.nextCursor()));
        }
        assertThat(seen).containsExactlyElementsOf(all);
        assertThat(list(new UserStore.Filter(CommunityId.DEFAULT, null, null)))
                .hasSize(8)
                .allMatch(user -> user.role() == Role.VIEWER);
        assertThat(list(new UserStore.Filter(null, Role.SUPERADMIN, true))).hasSize(4);
        assertThat(list(new UserStore.Filter(null, null, false))).isEmpty();
    }

    @Test
    void changesTheNewestVersionOnly() {
        var ada = added("ada@example.org", Role.VIEWER);
        var operator = ada.changed(Role.OPERATOR, ada.community(), true, 1);
        assertThat(users.change(operator, NOW))
                .isInstanceOfSatisfying(
                        Outcome.Stored.class,
                        stored -> {
                            assertThat(stored.user().role()).isEqualTo(Role.OPERATOR);
                            assertThat(stored.user().version()).isEqualTo(2);
                        });
        assertThat(users.change(ada.changed(Role.SUPERADMIN, null, true, 1), NOW))
                .isEqualTo(new Outcome.VersionIsNow(2));
        var nobody = user("nobody@example.org", Role.VIEWER);
        assertThat(users.change(nobody, NOW)).isEqualTo(new Outcome.Unknown(nobody.id()));
    }

    @Test
    void signsOutWhoseRoleOrPasswordChangesAndWhoIsDeactivated() {
        for (var change :
                List.<java.util.function.UnaryOperator<User>>of(
                        user -> user.changed(Role.VIEWER, user.community(), true, user.version()),
                        user -> user.changed(user.role(), user.community(), false, user.version()),
                        user -> user.withPasswordHash("another"),
                        user -> user.withPasswordHash(null))) {
            var ada = added("ada-" + UUID.randomUUID() + "@example.org", Role.OPERATOR);
            var bob = added("bob-" + UUID.randomUUID() + "@example.org", Role.OPERATOR);
            opened(ada, "of-ada" + ada.id());
            opened(bob, "of-bob" + bob.id());
            users.change(change.apply(ada), NOW);
            assertThat(sessions.find("of-ada" + ada.id())).isEmpty();
            assertThat(sessions.find("of-bob" + bob.id())).isPresent();
        }
    }

    @Test
    void leavesSignedInWhoDoesNotChange() {
        var ada = added("ada@example.org", Role.OPERATOR);
        opened(ada, "stays");
        users.change(ada.changed(ada.role(), ada.community(), true, 1), NOW);
        assertThat(sessions.find("stays")).isPresent();
    }

    @Test
    void endsKeysThatMayDoMoreThanWhoMadeThem() {
        var ada = added("ada@example.org", Role.SUPERADMIN);
        var platform = key(Role.SUPERADMIN, null, ada);
        var operator = key(Role.OPERATOR, CommunityId.DEFAULT, ada);
        var foreign = key(Role.VIEWER, null, ada);
        var nobodys = key(Role.SUPERADMIN, null, null);
        users.change(ada.changed(Role.OPERATOR, CommunityId.DEFAULT, true, 1), NOW);
        assertThat(ended(platform)).isTrue();
        assertThat(ended(operator)).isFalse();
        assertThat(ended(foreign)).as("of all communities").isTrue();
        users.change(
                users.find(ada.id())
                        .orElseThrow()
                        .changed(Role.OPERATOR, CommunityId.DEFAULT, false, 2),
                NOW);
        assertThat(ended(operator)).isTrue();
        assertThat(ended(nobodys)).isFalse();
    }

    @Test
    void removesAUserWithSessionsAndKeys() {
        var ada = added("ada@example.org", Role.OPERATOR);
        opened(ada, "gone");
        var key = key(Role.VIEWER, CommunityId.DEFAULT, ada);
        assertThat(users.remove(ada.id(), NOW)).isTrue();
        assertThat(users.remove(ada.id(), NOW)).isFalse();
        assertThat(users.find(ada.id())).isEmpty();
        assertThat(sessions.find("gone")).isEmpty();
        assertThat(ended(key)).isTrue();
    }

    @Test
    void knowsWhetherThereIsAnAdministrator() {
        assertThat(users.hasAdministrator()).isFalse();
        added("bob@example.org", Role.COMMUNITY_ADMIN);
        assertThat(users.hasAdministrator()).isFalse();
        var ada = added("ada@example.org", Role.SUPERADMIN);
        assertThat(users.hasAdministrator()).isTrue();
        users.change(ada.changed(Role.SUPERADMIN, null, false, 1), NOW);
        assertThat(users.hasAdministrator()).isFalse();
    }

    @Test
    void opensFindsAndEndsASession() {
        var ada = added("ada@example.org", Role.OPERATOR);
        opened(ada, "first");
        var kept = sessions.find("first").orElseThrow();
        assertThat(kept.user()).isEqualTo(users.find(ada.id()).orElseThrow());
        assertThat(kept.user().lastLoginAt()).isEqualTo(NOW);
        assertThat(kept.method()).isEqualTo("password");
        sessions.seen("first", NOW.plusSeconds(60));
        assertThat(sessions.find("first").orElseThrow().lastSeenAt())
                .isEqualTo(NOW.plusSeconds(60));
        sessions.end("first");
        assertThat(sessions.find("first")).isEmpty();
    }

    @Test
    void keepsOnlySoManySessionsOfAUserAndForgetsThoseThatAreOver() {
        var ada = added("ada@example.org", Role.OPERATOR);
        for (int i = 0; i <= UserSessionStore.SESSIONS_PER_USER_MAX; i++) {
            sessions.open(session(ada, "many-" + i, i));
            sessions.open(session(null, "link-" + i, i));
        }
        assertThat(sessions.find("many-0")).isEmpty();
        assertThat(sessions.find("many-1")).isPresent();
        assertThat(sessions.find("link-0")).isEmpty();
        assertThat(sessions.find("link-1").orElseThrow().user()).isNull();
        sessions.open(session(ada, "late", 1_000));
        assertThat(sessions.find("many-5")).as("was good for 100 s").isEmpty();
    }

    @Test
    void findsAndListsByAnIndex() {
        database.write(
                "fill",
                session -> {
                    var sql =
                            session.sql(
                                    "INSERT INTO users (id, email, role, community_id, active, created_at) VALUES (?, ?, ?, ?, ?, ?)");
                    for (int i = 0; i < 5_000; i++) {
                        sql.set(new UUID(7, i))
                                .set("plan-%05d@example.org".formatted(i))
                                .set(i % 2 == 0 ? "viewer" : "operator")
                                .set(CommunityId.DEFAULT)
                                .set(true)
                                .set(NOW)
                                .add();
                    }
                    return sql.batch().length;
                });
        if (database.dialect() == Dialect.POSTGRESQL) {
            database.write("analyze", session -> session.sql("ANALYZE users").update());
        }
        for (var filter :
                List.of(
                        UserStore.Filter.ALL,
                        new UserStore.Filter(CommunityId.DEFAULT, null, null),
                        new UserStore.Filter(CommunityId.DEFAULT, Role.VIEWER, null),
                        new UserStore.Filter(null, Role.VIEWER, true))) {
            assertThat(plan(filter)).doesNotContain("SCAN u\n", "Seq Scan", "TEMP B-TREE", "Sort");
        }
    }

    private String plan(UserStore.Filter filter) {
        var explain = database.dialect().choose("EXPLAIN QUERY PLAN ", "EXPLAIN ");
        var column =
                switch (database.dialect()) {
                    case SQLITE -> "detail";
                    case POSTGRESQL -> "QUERY PLAN";
                    case COCKROACHDB -> "info";
                };
        return database.read(
                "explain",
                session ->
                        String.join(
                                        "\n",
                                        SqlUserStore.where(filter)
                                                .in(session, explain + SqlUserStore.statement())
                                                .set(10)
                                                .list(row -> row.text(column)))
                                + "\n");
    }

    private List<User> list(UserStore.Filter filter) {
        return users.list(filter, Page.Request.first(100)).items();
    }

    private void opened(User user, String secretHash) {
        sessions.open(session(user, secretHash, 0));
    }

    private static UserSessionStore.Kept session(
            @Nullable User user, String secretHash, int second) {
        return new UserSessionStore.Kept(
                secretHash,
                user,
                user == null ? "link" : "password",
                NOW.plusSeconds(second),
                NOW.plusSeconds(second),
                NOW.plusSeconds(second + 100),
                "10.0.0.1");
    }

    private UUID key(Role role, @Nullable CommunityId community, @Nullable User by) {
        var id = UUID.randomUUID();
        accounts.addApiKey(
                new ApiKey(
                        id, "key", "hash-" + id, role, community, Set.of(), null, null, null, NOW),
                by == null ? null : by.id());
        return id;
    }

    private boolean ended(UUID key) {
        return accounts.findApiKey("hash-" + key).orElseThrow().revokedAt() != null;
    }

    private User added(String email, Role role) {
        var user = user(email, role);
        assertThat(users.add(user)).isEqualTo(new Outcome.Stored(user));
        return user;
    }

    private static User user(String email, Role role) {
        return User.add(
                UUID.randomUUID(),
                new EmailAddress(email),
                "hash",
                role,
                role == Role.SUPERADMIN ? null : CommunityId.DEFAULT,
                NOW);
    }
}
