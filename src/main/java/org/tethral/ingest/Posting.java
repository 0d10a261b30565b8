package org.tethral.ingest;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tethral.broker.SessionChange;
import org.tethral.command.Command;
import org.tethral.command.CommandEvents;
import org.tethral.command.Dispatch;
import org.tethral.event.Event;
import org.tethral.source.Progress;

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
    ///
    /// @param told the event that tells of it, with the last part; null: has no number yet
    record Issued(
            Command command, List<Dispatch> dispatches, boolean last, Event.@Nullable Logged told)
            implements Posting {
        public Issued {
            dispatches = List.copyOf(dispatches);
        }

        public Issued(Command command, List<Dispatch> dispatches, boolean last) {
            this(command, dispatches, last, null);
        }

        Issued numbered(Decision.Ledger ledger) {
            if (!last) {
                return this;
            }
            var event = CommandEvents.issued(command);
            var logged = new Event.Logged(ledger.nextEvent(event.id()), event);
            return new Issued(command, dispatches, true, logged);
        }
    }

    /// How far a channel of a source is read, and how that fares.
    record Read(Progress progress) implements Posting {}

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
