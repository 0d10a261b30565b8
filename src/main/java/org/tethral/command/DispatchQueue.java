package org.tethral.command;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tethral.device.DeviceId;
import org.tethral.kernel.Value;

/// What is to be carried on, found by index in the database.
public interface DispatchQueue {

    /// @param bytes of its text
    record Payload(Value value, int bytes) {}

    /// A dispatch for which the time has come.
    ///
    /// @param connectedTo the node that holds the device's connection, as last heard
    record Due(Dispatch.Key key, CommandStatus status, @Nullable String connectedTo) {}

    /// What may be sent to each of the devices now, of each the most urgent first, then the oldest,
    /// up to a limit for each.
    ///
    /// @param returned the devices have just become reachable: also what was to be tried again
    ///   later
    List<Dispatch> waiting(
            Collection<DeviceId> devices, Instant now, boolean returned, int limitPerDevice);

    /// Of commands that are there. They are kept in memory while they are used: ask for few.
    Map<CommandId, Payload> payloads(Collection<CommandId> commands);

    /// Longest due first.
    ///
    /// @param others nodes that live: what they hold, or their devices wait for, is theirs to see
    ///   to
    List<Due> due(Instant now, Collection<String> others, int limit);

    /// What a node has claimed and is not known to be delivered.
    List<Dispatch> claimedBy(String node, int limit);

    /// Ends what is open for devices that are not there any more, though it was issued when they
    /// were.
    void endOf(Collection<DeviceId> removed, Instant at);

    /// Removes parts of commands that were never issued as a whole, and will not be: those that
    /// have been there since that time.
    void clearUnissued(Instant before);
}
