package org.tethral.device;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tethral.account.Actor;
import org.tethral.account.CommunityId;
import org.tethral.kernel.Page;

/// The registry, kept. Each act is one transaction that also appends its event
/// (`device.registered`, `device.updated`, `device.lifecycle`, `device.removed`) and its history
/// row.
public interface DeviceStore {

    sealed interface Addition {
        record Added(Device device) implements Addition {}

        /// Another device has it, or a removed one of another community has left its history under
        /// it.
        record IdTaken(DeviceId id) implements Addition {}

        /// The credential's identity serves another device; this one was not added either.
        record IdentityTaken() implements Addition {}
    }

    sealed interface Change {
        record Changed(Device device) implements Change {}

        /// Somebody else changed it first.
        record VersionIsNow(long version) implements Change {}

        record Unknown(DeviceId id) implements Change {}
    }

    /// What becomes of the history of a removed device.
    enum History {
        /// Snapshots, changes, connections and events stay, under its id.
        KEEP,
        /// Nothing stays but the event that tells of the removal.
        PURGE
    }

    /// Adds the device, its empty state and, where given, its first credential.
    Addition add(Device device, @Nullable Credential credential, Actor actor);

    /// Adds those whose ids are free, in as few transactions as it can; answers in the same order.
    List<Addition> addAll(List<Device> devices, Actor actor);

    Optional<Device> find(DeviceId id);

    /// In the order of their ids.
    Page<Device> list(DeviceFilter filter, Page.Request page);

    /// Stores `next` where the row's version is still `next.version() - 1`. If that is another
    /// community, what its former one has commanded and is not ended is cancelled with it.
    Change change(Device next, Actor actor);

    /// As `change`, for a move of the life cycle, with its reason. Alerts of a device that is
    /// decommissioned are resolved with it.
    Change move(Device next, String reason, Actor actor);

    /// Resolves its alerts, too. False when there is no such device.
    boolean remove(DeviceId id, History history, Actor actor, Instant at);

    List<LifecycleMove> lifecycle(DeviceId id);

    Statistics statistics(@Nullable CommunityId community);

    record LifecycleMove(Lifecycle from, Lifecycle to, String reason, Actor actor, Instant at) {}

    record Statistics(
            long total,
            Map<Status, Long> byStatus,
            Map<Lifecycle, Long> byLifecycle,
            Map<String, Long> byProtocol,
            Map<String, Long> byType) {}
}
