package org.tethral.ingest;

import java.util.List;
import org.tethral.broker.SessionChange;
import org.tethral.command.Command;
import org.tethral.command.Dispatch;

/// What a commit writes as it is, because nothing about a device has to be decided for it: it goes
/// through the same queue and the same group commit as what devices report, and is answered when it
/// is durable.
public sealed interface Posting {

    /// A command to these devices, or a part of one.
    ///
    /// @param dispatches of the command, each as it stands: waiting, or claimed already
    /// @param last false: more of the same command follows, and until its last part is written
    ///   there is nothing to be seen of it. The last one is refused where the command's issuer used
    ///   its key before.
    record Issued(Command command, List<Dispatch> dispatches, boolean last) implements Posting {
        public Issued {
            dispatches = List.copyOf(dispatches);
        }
    }

    /// What changed of the broker's sessions and retained messages.
    record Sessions(List<SessionChange> changes) implements Posting {
        public Sessions {
            changes = List.copyOf(changes);
        }

        public static Sessions of(SessionChange... changes) {
            return new Sessions(List.of(changes));
        }
    }
}
