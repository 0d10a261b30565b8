package org.tethral.account;

import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.tethral.kernel.Page;

/// Communities, distributors and customers, kept.
public interface OrganizationStore {

    sealed interface Outcome {
        record Stored(Organization organization) implements Outcome {}

        record NameTaken(String name) implements Outcome {}

        record Unknown(UUID id) implements Outcome {}

        /// Something belongs to it still, or to what is said to be its community nothing does: it
        /// is not there.
        record Referred() implements Outcome {}
    }

    Outcome add(Organization organization);

    Outcome change(Organization next);

    /// Revoked keys of a community go with it.
    Outcome remove(Organization.Kind kind, UUID id);

    Optional<Organization> find(Organization.Kind kind, UUID id);

    /// In the order of their ids. Those of that community, and of none; null: all.
    Page<Organization> list(
            Organization.Kind kind, @Nullable CommunityId community, Page.Request page);
}
