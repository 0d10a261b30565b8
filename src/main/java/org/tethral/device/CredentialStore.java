package org.tethral.device;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// Credentials, kept, and looked up when a device connects.
public interface CredentialStore {

    sealed interface Addition {
        record Added(Credential credential) implements Addition {}

        /// The identity serves another device, or this one already.
        record IdentityTaken() implements Addition {}

        record UnknownDevice(DeviceId id) implements Addition {}
    }

    Addition add(Credential credential);

    List<Credential> list(DeviceId device);

    Optional<Credential> find(UUID id);

    /// Sets the end of a credential's validity (rotation), or revokes it now; false when there is
    /// none to change.
    boolean end(UUID id, Instant at);

    boolean revoke(UUID id, Instant at);

    /// The credential of that type and identity with what a session needs to know of its device, in
    /// one look-up.
    Optional<Found> find(Credential.Type type, String identity);

    void used(UUID id, Instant at);

    record Found(Credential credential, ConnectingDevice device) {}
}
