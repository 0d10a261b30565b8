package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.tethral.account.Actor;
import org.tethral.account.CommunityId;
import org.tethral.command.Command;
import org.tethral.command.CommandId;
import org.tethral.command.CommandName;
import org.tethral.command.Dispatch;
import org.tethral.command.DispatchStep;
import org.tethral.command.Progress;
import org.tethral.command.Stage;
import org.tethral.command.Target;
import org.tethral.command.Terms;
import org.tethral.device.ConnectingDevice;
import org.tethral.device.DeviceId;
import org.tethral.event.Priority;
import org.tethral.ingest.Answer;
import org.tethral.ingest.Inbound;
import org.tethral.ingest.Ingest;
import org.tethral.ingest.Posting;
import org.tethral.kernel.Document;
import org.tethral.kernel.TimeOrderedIds;
import org.tethral.kernel.Value;

/// Issues commands and moves them, through the queue and its commits.
final class CommandRig implements AutoCloseable {

    static final Instant NOW = Instant.parse("2026-07-14T12:00:00.5Z");
    static final Actor OPS = Actor.apiKey("ops");

    private final SqlCommandStore store;
    private final TimeOrderedIds ids;
    private final String name;
    private final Ingest ingest;

    CommandRig(Database database, String name) {
        var random = new SplittableRandom(name.hashCode());
        this.store = new SqlCommandStore(database);
        this.ids = new TimeOrderedIds(random.split());
        this.name = name;
        this.ingest =
                new Ingest(
                        SqlJournal.lanes(database),
                        lane -> SqlJournal.open(database, name, lane, random.split()),
                        InstantSource.fixed(NOW),
                        new SimpleMeterRegistry());
        ingest.start();
    }

    Ingest ingest() {
        return ingest;
    }

    @Override
    public void close() {
        ingest.close();
    }

    Command command(Target target, int devices, Priority priority, @Nullable String key) {
        return new Command(
                new CommandId(ids.next(NOW)),
                new Terms(
                        new CommandName("open"),
                        priority,
                        CommunityId.DEFAULT,
                        NOW,
                        NOW.plusSeconds(3_600),
                        Duration.ofSeconds(30),
                        2,
                        false,
                        name),
                Document.of("valve", Value.of(3)),
                target,
                OPS,
                key,
                null,
                devices);
    }

    Answer issue(Command command, List<DeviceId> devices) {
        return post(
                new Posting.Issued(
                        command,
                        devices.stream().map(device -> Dispatch.issued(command, device)).toList(),
                        true));
    }

    Answer post(Posting posting) {
        var answer = new CompletableFuture<Answer>();
        assertThat(ingest.post(posting, 0, answer::complete)).isTrue();
        return answer.orTimeout(30, TimeUnit.SECONDS).join();
    }

    Answer step(CommandId command, DeviceId device, DispatchStep step, long second) {
        return ingest.submit(
                        new Inbound.CommandStep(
                                ConnectingDevice.named(device),
                                NOW.plusSeconds(second),
                                command,
                                step))
                .orTimeout(30, TimeUnit.SECONDS)
                .join();
    }

    Stage stage(CommandId command, DeviceId device) {
        return store.dispatch(new Dispatch.Key(command, device)).orElseThrow().stage();
    }

    Progress progress(CommandId command) {
        return store.find(command).orElseThrow().progress();
    }

    /// To be posted: a command to a type of which there is one device.
    Posting issued(Command command, String type, DeviceId device) {
        return new Posting.Issued(
                new Command(
                        command.id(),
                        command.terms(),
                        command.payload(),
                        command.target(),
                        OPS,
                        null,
                        type,
                        1),
                List.of(Dispatch.issued(command, device)),
                true);
    }
}
