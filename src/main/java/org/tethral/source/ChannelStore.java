package org.tethral.source;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;
import org.tethral.device.DeviceId;
import org.tethral.kernel.Page;

/// The channels, kept; and who reads which.
public interface ChannelStore {

    /// How long a lease lasts, by the clock of the database; on SQLite, as long as the process.
    Duration LEASE = Duration.ofSeconds(5);

    sealed interface Outcome {
        record Stored(Standing standing) implements Outcome {}

        record Unknown() implements Outcome {}

        /// There is no such device.
        record UnknownDevice(DeviceId device) implements Outcome {}

        /// The device has this channel already.
        record Taken() implements Outcome {}

        /// @param community whose share is used up; null: there is no room for anybody's
        record TooMany(int most, @Nullable CommunityId community) implements Outcome {}

        /// Somebody else changed it first.
        record VersionIsNow(long version) implements Outcome {}

        /// Its history is being read already.
        record Busy() implements Outcome {}
    }

    /// @param community channels of its devices; null: of all
    /// @param device null: of all devices
    /// @param enabled null: both
    record Filter(
            @Nullable CommunityId community, @Nullable DeviceId device, @Nullable Boolean enabled) {

        public static final Filter ALL = new Filter(null, null, null);
    }

    Outcome add(Channel channel, Position start);

    Optional<Standing> find(UUID id);

    /// In the order in which they were added.
    Page<Standing> list(Filter filter, Page.Request page);

    /// Stores `next` where the row's version is still `next.version()`.
    Outcome change(Channel next);

    boolean remove(UUID id);

    /// Has it read at once, also where its circuit is open.
    Outcome hurry(UUID id);

    /// Has the history before its first entry read.
    Outcome backfill(UUID id, Position.History history);

    /// How many enabled channels cannot be read at the moment, and why the first cannot.
    record Trouble(long enabled, long failing, @Nullable String reason) {}

    Trouble trouble();

    // --- who reads which

    /// @param revision rises when its reader must begin anew
    /// @param fence higher than that of whoever read it before
    record Held(UUID channel, long revision, long fence) {}

    /// Keeps for `node` what it holds, and takes enabled channels that nobody holds any more.
    ///
    /// @param held with which fence; what was taken by others meanwhile is not among the answer
    List<Held> claim(String node, Map<UUID, Long> held);

    /// Gives these up at once.
    void release(String node, Map<UUID, Long> held);
}
