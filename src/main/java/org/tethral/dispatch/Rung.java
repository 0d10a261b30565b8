package org.tethral.dispatch;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tethral.command.CommandId;
import org.tethral.command.CommandStatus;
import org.tethral.command.CommandStore;
import org.tethral.kernel.Page;
import org.tethral.kernel.StorageException;

/// What this node does when another one rings.
public final class Rung {

    private static final Logger LOG = LoggerFactory.getLogger(Rung.class);

    private final CommandStore store;
    private final Dispatcher dispatcher;
    private final Ends ends;

    public Rung(CommandStore store, Dispatcher dispatcher, Ends ends) {
        this.store = store;
        this.dispatcher = dispatcher;
        this.ends = ends;
    }

    /// On a thread of the bell; may take a while.
    public void answer(String message) {
        var ring = Rings.parse(message);
        if (ring.isPresent()) {
            switch (ring.get()) {
                case Rings.Issued(var command) -> issued(command);
                case Rings.Ended(var command) -> ends.tell(command);
            }
        }
    }

    /// What nobody looks at now, the next round does.
    private void issued(CommandId command) {
        try {
            Page.@Nullable Request next = Page.Request.first(Page.Request.LIMIT_MAX);
            while (next != null) {
                var page = store.dispatches(command, CommandStatus.PENDING, next);
                page.items().forEach(dispatch -> dispatcher.look(dispatch.device()));
                next =
                        page.next()
                                .map(cursor -> new Page.Request(Page.Request.LIMIT_MAX, cursor))
                                .orElse(null);
            }
        } catch (StorageException e) {
            LOG.atDebug()
                    .addKeyValue("command_id", command)
                    .addKeyValue("reason", e.getMessage())
                    .log("rung, but cannot look now");
        }
    }
}
