package org.tethral.account;

import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.tethral.kernel.Page;

/// People, kept. Whoever changes in what they may do, or in how they prove who they are, is signed
/// out everywhere in the same transaction; and API keys that a person made end when they may do
/// more than that person.
public interface UserStore {

    Outcome add(User user);

    Optional<User> find(UUID id);

    Optional<User> find(EmailAddress email);

    /// Who is named so in histories; empty: nobody any more, or no user.
    default Optional<User> find(Actor actor) {
        try {
            return find(new EmailAddress(actor.name())).filter(user -> user.actor().equals(actor));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /// In the order of their addresses.
    Page<User> list(Filter filter, Page.Request page);

    /// Takes the role, the community, whether active, and the password; fails where the version is
    /// not the newest.
    Outcome change(User next, Instant at);

    /// False when there is no such user.
    boolean remove(UUID id, Instant at);

    /// Whether anybody active may administer the whole platform.
    boolean hasAdministrator();

    /// What is null does not matter.
    record Filter(@Nullable CommunityId community, @Nullable Role role, @Nullable Boolean active) {

        public static final Filter ALL = new Filter(null, null, null);
    }

    sealed interface Outcome {
        record Stored(User user) implements Outcome {}

        record EmailTaken(EmailAddress email) implements Outcome {}

        record Unknown(UUID id) implements Outcome {}

        record VersionIsNow(long version) implements Outcome {}
    }
}
