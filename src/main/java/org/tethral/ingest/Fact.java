package org.tethral.ingest;

import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;
import org.tethral.command.Dispatch;
import org.tethral.device.ConnectionLog;
import org.tethral.device.DeviceId;
import org.tethral.event.Event;
import org.tethral.kernel.Document;
import org.tethral.state.Snapshot;
import org.tethral.state.StateChange;

/// Something that a decision found to be so. Facts are what a commit writes, and, once it has, what
/// is handed on, in the order of the device's messages.
public sealed interface Fact {

    DeviceId device();

    @Nullable CommunityId community();

    record Reported(Snapshot snapshot, @Nullable CommunityId community) implements Fact {
        @Override
        public DeviceId device() {
            return snapshot.device();
        }
    }

    record StateMoved(StateChange change, @Nullable CommunityId community) implements Fact {
        @Override
        public DeviceId device() {
            return change.device();
        }
    }

    record Happened(DeviceId device, Event.Logged logged) implements Fact {
        @Override
        public @Nullable CommunityId community() {
            return logged.event().community();
        }
    }

    record Linked(DeviceId device, ConnectionLog.Entry entry, @Nullable CommunityId community)
            implements Fact {}

    record DesiredChanged(
            DeviceId device,
            Document desired,
            long version,
            Document delta,
            @Nullable CommunityId community)
            implements Fact {}

    /// A command got further on its way to the device.
    record DispatchMoved(Dispatch before, Dispatch after, @Nullable CommunityId community)
            implements Fact {
        @Override
        public DeviceId device() {
            return after.device();
        }

        /// It has come to its end by this.
        public boolean ended() {
            return !before.stage().isFinal() && after.stage().isFinal();
        }
    }

    record Configured(DeviceId device, Document configuration, @Nullable CommunityId community)
            implements Fact {}
}
