package org.tethral.delivery;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;
import org.tethral.kernel.Page;

/// Subscriptions, as people and programs make them.
public interface SubscriptionStore {

    sealed interface Outcome {
        record Stored(Standing standing) implements Outcome {}

        record NameTaken(SubscriptionId name) implements Outcome {}

        /// @param community whose share is used up; null: there is no room for anybody's
        record TooMany(int most, @Nullable CommunityId community) implements Outcome {}

        record Unknown(SubscriptionId name) implements Outcome {}

        /// Somebody else changed it first.
        record VersionIsNow(long version) implements Outcome {}
    }

    record Filter(
            @Nullable CommunityId community,
            @Nullable String subscriber,
            @Nullable Boolean active) {}

    /// @param after the sequence after which its events begin
    Outcome add(Subscription subscription, long after);

    Optional<Standing> find(SubscriptionId name);

    /// By name.
    Page<Standing> list(Filter filter, Page.Request page);

    /// Keeps how far it has come.
    ///
    /// @param next of the version that is changed
    Outcome change(Subscription next);

    /// With its deliveries.
    boolean remove(SubscriptionId name);

    /// Goes back, or forth, to the place behind that sequence. What waits for a retry behind that
    /// place is forgotten, as it comes again.
    Outcome replay(SubscriptionId name, long after);
}
