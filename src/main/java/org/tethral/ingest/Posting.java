package org.tethral.ingest;

import java.util.List;
import org.tethral.broker.SessionChange;

/// What a commit writes as it is, because nothing about a device has to be decided for it: it goes
/// through the same queue and the same group commit as what devices report, and is answered when it
/// is durable.
public sealed interface Posting {

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
