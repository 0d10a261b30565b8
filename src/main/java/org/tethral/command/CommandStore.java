package org.tethral.command;

import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tethral.account.Actor;
import org.tethral.account.CommunityId;
import org.tethral.device.DeviceId;
import org.tethral.kernel.Page;
import org.tethral.kernel.Value;

/// Reads of commands and their dispatches. They are written by the ingest pipeline alone.
public interface CommandStore {

    /// All that is given must hold; null asks for nothing.
    ///
    /// @param device one of its devices
    record Filter(
            @Nullable CommunityId community,
            @Nullable CommandStatus status,
            @Nullable String deviceType,
            @Nullable DeviceId device) {}

    /// Newest first.
    Page<CommandLog> list(Filter filter, Page.Request page);

    Optional<CommandLog> find(CommandId id);

    Optional<Value> payload(CommandId id);

    /// The command that the issuer gave this key.
    ///
    /// @param community the issuer's, as names of issuers are unique in one only; null: of none
    Optional<CommandLog> findByKey(
            Actor issuer, @Nullable CommunityId community, String idempotencyKey);

    /// True: that is what the command was issued for.
    boolean isFor(CommandId id, Target target);

    /// In the order of device ids; null: in any status.
    Page<Dispatch> dispatches(CommandId id, @Nullable CommandStatus status, Page.Request page);

    Optional<Dispatch> dispatch(Dispatch.Key key);

    /// A device that a command may go to.
    record Recipient(
            DeviceId device, @Nullable CommunityId community, @Nullable String deviceType) {}

    /// Those of the devices that are there.
    Map<DeviceId, Recipient> recipients(Collection<DeviceId> devices);
}
