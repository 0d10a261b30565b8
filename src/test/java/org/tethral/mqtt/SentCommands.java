package org.tethral.mqtt;

import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tethral.account.Actor;
import org.tethral.account.CommunityId;
import org.tethral.command.CommandId;
import org.tethral.command.CommandLog;
import org.tethral.command.CommandStatus;
import org.tethral.command.CommandStore;
import org.tethral.command.Dispatch;
import org.tethral.command.Progress;
import org.tethral.command.Target;
import org.tethral.device.DeviceId;
import org.tethral.ingest.MemoryJournal;
import org.tethral.kernel.Document;
import org.tethral.kernel.Page;
import org.tethral.kernel.Value;

/// The commands that a journal in memory knows.
record SentCommands(MemoryJournal journal) implements CommandStore {

    @Override
    public Page<CommandLog> list(Filter filter, Page.Request page) {
        return new Page<>(
                journal.dispatches(Objects.requireNonNull(filter.device())).stream()
                        .map(SentCommands::log)
                        .toList(),
                null);
    }

    private static CommandLog log(Dispatch dispatch) {
        return new CommandLog(
                dispatch.command(),
                dispatch.terms(),
                Document.EMPTY,
                null,
                Actor.system("test"),
                null,
                new Progress(0, 1, 0, 0, 0, 0, 0, 0),
                null);
    }

    @Override
    public Optional<CommandLog> find(CommandId id) {
        throw new AssertionError("not used by an edge");
    }

    @Override
    public Optional<Value> payload(CommandId id) {
        throw new AssertionError("not used by an edge");
    }

    @Override
    public boolean isFor(CommandId id, Target target) {
        throw new AssertionError("not used by an edge");
    }

    @Override
    public Optional<CommandLog> findByKey(
            Actor issuer, @Nullable CommunityId community, String idempotencyKey) {
        throw new AssertionError("not used by an edge");
    }

    @Override
    public Page<Dispatch> dispatches(
            CommandId id, @Nullable CommandStatus status, Page.Request page) {
        throw new AssertionError("not used by an edge");
    }

    @Override
    public Optional<Dispatch> dispatch(Dispatch.Key key) {
        throw new AssertionError("not used by an edge");
    }

    @Override
    public Map<DeviceId, Recipient> recipients(Collection<DeviceId> devices) {
        throw new AssertionError("not used by an edge");
    }
}
