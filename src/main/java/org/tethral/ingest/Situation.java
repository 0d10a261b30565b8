package org.tethral.ingest;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;
import org.tethral.device.DeviceId;
import org.tethral.device.Link;
import org.tethral.device.Protocol;
import org.tethral.device.Status;
import org.tethral.kernel.Document;
import org.tethral.state.Latest;
import org.tethral.state.StateName;

/// All that a decision about one device depends on: its rows in `devices` and `device_states`, as
/// last committed.
///
/// @param presence goes to `devices`; `values` to `device_states`
public record Situation(
        DeviceId device,
        @Nullable CommunityId community,
        boolean enabled,
        Duration offlineAfter,
        Presence presence,
        Values values) {

    /// @param link the open connection, the newest of several; null when none is
    /// @param connectedAt since when
    /// @param seenAt the last sign of life that was written; up to [Decision#SEEN_STEP] older than
    ///   the real last one
    /// @param heardBy while no connection is open: the protocol of its last one, or of what it has
    ///   sent since without one; null: not known
    public record Presence(
            Status status,
            @Nullable Link link,
            @Nullable Instant connectedAt,
            @Nullable Instant seenAt,
            @Nullable Protocol heardBy) {

        public Presence(
                Status status,
                @Nullable Link link,
                @Nullable Instant connectedAt,
                @Nullable Instant seenAt) {
            this(status, link, connectedAt, seenAt, null);
        }

        public Presence seen(@Nullable Instant at) {
            return new Presence(status, link, connectedAt, at, heardBy);
        }

        /// Of its connection, or by which it was heard last.
        public @Nullable Protocol protocol() {
            return link == null ? heardBy : link.protocol();
        }
    }

    /// @param revision counts every write of the row: a writer that finds another one was overtaken
    public record Values(
            StateName current,
            Instant since,
            Instant updatedAt,
            Latest latest,
            long reportedVersion,
            Document desired,
            long desiredVersion,
            Document configuration,
            long revision) {

        public Document reported() {
            return latest.values();
        }

        public Values moved(StateName next, Instant at) {
            return new Values(
                    next,
                    at,
                    at,
                    latest,
                    reportedVersion,
                    desired,
                    desiredVersion,
                    configuration,
                    revision);
        }

        public Values reporting(Latest next, Instant at) {
            return new Values(
                    current,
                    since,
                    at,
                    next,
                    reportedVersion + 1,
                    desired,
                    desiredVersion,
                    configuration,
                    revision);
        }

        public Values desiring(Document next) {
            return new Values(
                    current,
                    since,
                    updatedAt,
                    latest,
                    reportedVersion,
                    next,
                    desiredVersion + 1,
                    configuration,
                    revision);
        }

        public Values configured(Document next) {
            return new Values(
                    current,
                    since,
                    updatedAt,
                    latest,
                    reportedVersion,
                    desired,
                    desiredVersion,
                    next,
                    revision);
        }

        public Values written() {
            return new Values(
                    current,
                    since,
                    updatedAt,
                    latest,
                    reportedVersion,
                    desired,
                    desiredVersion,
                    configuration,
                    revision + 1);
        }
    }

    public Situation with(Presence next) {
        return new Situation(device, community, enabled, offlineAfter, next, values);
    }

    public Situation with(Values next) {
        return new Situation(device, community, enabled, offlineAfter, presence, next);
    }
}
