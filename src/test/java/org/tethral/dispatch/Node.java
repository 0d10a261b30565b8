package org.tethral.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.tethral.account.Actor;
import org.tethral.account.Principal;
import org.tethral.account.Role;
import org.tethral.command.CommandId;
import org.tethral.command.CommandName;
import org.tethral.command.CommandStatus;
import org.tethral.command.Dispatch;
import org.tethral.command.Doorbell;
import org.tethral.command.Progress;
import org.tethral.command.Stage;
import org.tethral.command.Target;
import org.tethral.device.DeviceId;
import org.tethral.event.Priority;
import org.tethral.ingest.Ingest;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;
import org.tethral.sql.Database;
import org.tethral.sql.SqlCommandStore;
import org.tethral.sql.SqlDeviceStore;
import org.tethral.sql.SqlDispatchQueue;
import org.tethral.sql.SqlJournal;
import org.tethral.sql.SqlNodes;

/// All that carries commands, on a real database, with a clock that stands until it is moved.
final class Node implements AutoCloseable {

    static final Principal OPS = new Principal(Actor.apiKey("ops"), Role.OPERATOR, null);

    private final AtomicReference<Instant> now =
            new AtomicReference<>(Instant.parse("2026-07-14T12:00:00Z"));
    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    final SqlCommandStore store;
    final Ingest ingest;
    final Dispatcher dispatcher;
    final Rounds rounds;
    final Issuing issuing;
    final Ends ends;
    final Tally tally;

    Node(Database database, String name, Doorbell doorbell, Duration deadAfter) {
        InstantSource clock = now::get;
        var random = new SplittableRandom(name.hashCode());
        store = new SqlCommandStore(database);
        ingest =
                new Ingest(
                        SqlJournal.lanes(database),
                        lane -> SqlJournal.open(database, name, lane, random.split()),
                        clock,
                        meters);
        var queue = new SqlDispatchQueue(database);
        tally = new Tally(meters);
        dispatcher = new Dispatcher(ingest, queue, name, clock, tally);
        rounds =
                new Rounds(
                        ingest, dispatcher, queue, new SqlNodes(database), name, clock, deadAfter);
        ends = new Ends(ingest, name, doorbell);
        issuing =
                new Issuing(
                        ingest,
                        store,
                        new SqlDeviceStore(database),
                        dispatcher,
                        rounds,
                        doorbell,
                        name,
                        clock,
                        random.split());
        doorbell.answer(new Rung(store, dispatcher, ends)::answer);
        ingest.start();
        rounds.start();
        dispatcher.start();
    }

    static Node alone(Database database, String name) {
        return new Node(database, name, Doorbell.NONE, Rounds.DEAD_AFTER);
    }

    Instant now() {
        return now.get();
    }

    void pass(Duration time) {
        now.updateAndGet(at -> at.plus(time));
    }

    static Order order(Target target) {
        return order(target, Priority.NORMAL, null);
    }

    static Order order(Target target, Priority priority, @Nullable String key) {
        return new Order(
                new CommandName("open"),
                Document.of("valve", Value.of(3)),
                target,
                priority,
                Duration.ofHours(1),
                Duration.ofSeconds(30),
                2,
                false,
                OPS,
                key);
    }

    CommandId issue(Target target) {
        return issued(order(target));
    }

    CommandId issued(Order order) {
        var outcome = issuing.issue(order);
        assertThat(outcome).isInstanceOf(Issuing.Outcome.Issued.class);
        return ((Issuing.Outcome.Issued) outcome).id();
    }

    Stage stage(CommandId command, DeviceId device) {
        return store.dispatch(new Dispatch.Key(command, device)).orElseThrow().stage();
    }

    Progress progress(CommandId command) {
        return store.find(command).orElseThrow().progress();
    }

    void awaitStatus(CommandId command, CommandStatus status) {
        await(() -> "is " + progress(command).status(), () -> progress(command).status() == status);
    }

    static void await(
            java.util.function.Supplier<String> what,
            java.util.function.BooleanSupplier condition) {
        var deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(40);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError(what.get());
            }
            try {
                TimeUnit.MILLISECONDS.sleep(5);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError(e);
            }
        }
    }

    /// As if it was killed: what it holds stays claimed.
    void die() {
        dispatcher.close();
        rounds.stop();
        ingest.close();
    }

    @Override
    public void close() {
        dispatcher.close();
        rounds.close();
        ingest.close();
    }
}
