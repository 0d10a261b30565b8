package org.tethral.device;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;

/// Profiles, kept.
public interface ProfileStore {

    sealed interface Outcome {
        record Stored(Profile profile) implements Outcome {}

        record NameTaken(String name) implements Outcome {}

        record Unknown(ProfileId id) implements Outcome {}

        /// Devices still have it.
        record InUse(long devices) implements Outcome {}
    }

    Outcome add(Profile profile);

    Outcome change(Profile profile);

    Outcome remove(ProfileId id);

    Optional<Profile> find(ProfileId id);

    Optional<Profile> findByName(String name);

    Optional<Profile> findByProvisioningKey(String key);

    /// By name: those of that community, and those of none, which all share; null: all.
    List<Profile> list(@Nullable CommunityId community);
}
