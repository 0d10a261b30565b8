package org.tethral.dispatch;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tethral.account.Actor;
import org.tethral.account.CommunityId;
import org.tethral.command.Command;
import org.tethral.command.CommandId;
import org.tethral.command.CommandLog;
import org.tethral.command.CommandStatus;
import org.tethral.command.CommandStore;
import org.tethral.command.Dispatch;
import org.tethral.command.DispatchStep;
import org.tethral.command.Doorbell;
import org.tethral.command.Target;
import org.tethral.command.Terms;
import org.tethral.device.DeviceFilter;
import org.tethral.device.DeviceId;
import org.tethral.device.DeviceStore;
import org.tethral.ingest.Answer;
import org.tethral.ingest.Ingest;
import org.tethral.ingest.Posting;
import org.tethral.kernel.Micros;
import org.tethral.kernel.Page;
import org.tethral.kernel.StorageException;
import org.tethral.kernel.TimeOrderedIds;

/// Issues commands: finds their devices, has them written, and only then sent. Its methods wait for
/// the database; any number of threads may call them.
public final class Issuing {

    /// Devices of one command.
    public static final int TARGETS_MAX = 100_000;

    /// Dispatches that one commit takes of a command, so that others are not kept waiting.
    static final int PART_MAX = 1_000;

    private static final Duration ROOM_WAIT_MAX = Duration.ofSeconds(5);
    private static final Duration COMMIT_WAIT_MAX = Duration.ofSeconds(30);
    private static final int BYTES_PER_DISPATCH = 200;

    public sealed interface Outcome {
        /// @param only how it was written, where it is for one device; null: it is for several
        record Issued(Command command, @Nullable Dispatch only) implements Outcome {
            public CommandId id() {
                return command.id();
            }
        }

        /// The issuer used the key before, for the same command: this one.
        record Repeated(CommandId id) implements Outcome {}

        /// The issuer used the key before, for another command.
        record KeyReused(CommandId id) implements Outcome {}

        record UnknownDevice(DeviceId device) implements Outcome {}

        /// No device is meant.
        record EmptyTarget() implements Outcome {}

        record TooManyTargets() implements Outcome {}

        /// The bounds of the terms.
        record Unacceptable(String reason) implements Outcome {}

        record Unstorable(String reason) implements Outcome {}

        /// The queue is full, or the database away: nothing is known to be issued. With a key, the
        /// same may be tried again without harm.
        record NotNow(String reason) implements Outcome {}
    }

    private final Ingest ingest;
    private final CommandStore store;
    private final DeviceStore devices;
    private final Dispatcher dispatcher;
    private final Rounds rounds;
    private final Doorbell doorbell;
    private final String node;
    private final InstantSource clock;
    private final TimeOrderedIds ids;

    public Issuing(
            Ingest ingest,
            CommandStore store,
            DeviceStore devices,
            Dispatcher dispatcher,
            Rounds rounds,
            Doorbell doorbell,
            String node,
            InstantSource clock,
            RandomGenerator random) {
        this.ingest = ingest;
        this.store = store;
        this.devices = devices;
        this.dispatcher = dispatcher;
        this.rounds = rounds;
        this.doorbell = doorbell;
        this.node = node;
        this.clock = clock;
        this.ids = new TimeOrderedIds(random);
    }

    /// Returns when the command is durable, or will never be.
    public Outcome issue(Order order) {
        return issue(order, nextId());
    }

    /// As [#issue(Order)], under an id that nobody used before and that rises with time.
    public Outcome issue(Order order, CommandId id) {
        var key = order.idempotencyKey();
        if (key != null) {
            var first = store.findByKey(order.by().actor(), order.by().community(), key);
            if (first.isPresent()) {
                return repeated(first.get(), order);
            }
        }
        return switch (targets(order)) {
            case Found(var targets, _, _) when targets.isEmpty() -> new Outcome.EmptyTarget();
            case Found(var targets, _, _) when targets.size() > TARGETS_MAX ->
                    new Outcome.TooManyTargets();
            case Found found -> issue(order, id, found);
            case Missing(var device) -> new Outcome.UnknownDevice(device);
        };
    }

    private sealed interface Targets {}

    /// @param community of all of them, if it is one
    private record Found(
            List<DeviceId> devices, @Nullable String deviceType, @Nullable CommunityId community)
            implements Targets {}

    private record Missing(DeviceId device) implements Targets {}

    private Targets targets(Order order) {
        return switch (order.target()) {
            case Target.One(var device) -> named(List.of(device), order);
            case Target.Listed(var some) -> named(some, order);
            case Target.OfType(var type) -> matching(DeviceFilter.ALL.ofType(type), order);
            case Target.OfProfile(var profile) ->
                    matching(DeviceFilter.ALL.ofProfile(profile), order);
            case Target.Matching(var filter) -> matching(filter, order);
        };
    }

    private Targets named(List<DeviceId> some, Order order) {
        var own = order.by().community();
        var found = store.recipients(some);
        for (var device : some) {
            var recipient = found.get(device);
            if (recipient == null || own != null && !own.equals(recipient.community())) {
                return new Missing(device);
            }
        }
        var only = some.size() == 1 ? found.get(some.getFirst()) : null;
        return new Found(
                some,
                only == null ? null : only.deviceType(),
                only(
                        found.values().stream()
                                .map(one -> Optional.ofNullable(one.community()))
                                .collect(Collectors.toSet())));
    }

    private Found matching(DeviceFilter filter, Order order) {
        var own = order.by().community();
        if (own != null && filter.community() != null && !own.equals(filter.community())) {
            return new Found(List.of(), filter.deviceType(), own);
        }
        var of = own == null ? filter : filter.of(own);
        var ids = new ArrayList<DeviceId>();
        var communities = new HashSet<Optional<CommunityId>>();
        Page.@Nullable Request next = Page.Request.first(PART_MAX);
        while (next != null && ids.size() <= TARGETS_MAX) {
            var page = devices.list(of, next);
            for (var device : page.items()) {
                ids.add(device.deviceId());
                communities.add(Optional.ofNullable(device.about().community()));
            }
            next = page.next().map(cursor -> new Page.Request(PART_MAX, cursor)).orElse(null);
        }
        return new Found(ids, filter.deviceType(), only(communities));
    }

    /// Null: several, or none.
    private static @Nullable CommunityId only(Set<Optional<CommunityId>> communities) {
        return communities.size() == 1 ? communities.iterator().next().orElse(null) : null;
    }

    private Outcome issue(Order order, CommandId id, Found found) {
        Command command;
        try {
            command = command(order, id, found);
        } catch (IllegalArgumentException e) {
            return new Outcome.Unacceptable(String.valueOf(e.getMessage()));
        }
        var parts = parts(found.devices());
        for (var part : parts.subList(0, parts.size() - 1)) {
            var dispatches = part.stream().map(device -> Dispatch.issued(command, device)).toList();
            var answer = post(new Posting.Issued(command, dispatches, false), dispatches);
            if (!(answer instanceof Answer.Stored)) {
                return outcome(answer, order, command, null);
            }
        }
        // what has one part only is claimed at once
        var last =
                parts.getLast().stream()
                        .map(device ->
                                parts.size() == 1
                                        ? dispatcher.reserve(command, device)
                                        : Dispatch.issued(command, device))
                        .toList();
        var answer = post(new Posting.Issued(command, last, true), last);
        if (answer instanceof Answer.Stored) {
            parts.subList(0, parts.size() - 1).forEach(part -> part.forEach(dispatcher::look));
            if (found.devices().stream().anyMatch(device -> !dispatcher.reaches(device))) {
                rounds.others().forEach(other -> doorbell.ring(other, Rings.issued(command.id())));
            }
        }
        return outcome(answer, order, command, command.targetCount() == 1 ? last.getFirst() : null);
    }

    private Command command(Order order, CommandId id, Found found) {
        var now = Micros.truncated(clock.instant());
        var terms =
                new Terms(
                        order.name(),
                        order.priority(),
                        order.by().community() == null ? found.community() : order.by().community(),
                        now,
                        now.plus(order.ttl()),
                        order.timeout(),
                        order.attemptsMax(),
                        order.oneWay(),
                        node);
        return new Command(
                id,
                terms,
                order.payload(),
                order.target(),
                order.by().actor(),
                order.idempotencyKey(),
                found.deviceType(),
                found.devices().size());
    }

    /// For [#issue(Order, CommandId)]: to know of a command before anybody does.
    public CommandId nextId() {
        synchronized (ids) {
            return new CommandId(ids.next(clock.instant()));
        }
    }

    private static List<List<DeviceId>> parts(List<DeviceId> devices) {
        var parts = new ArrayList<List<DeviceId>>();
        for (int from = 0; from < devices.size(); from += PART_MAX) {
            parts.add(devices.subList(from, Math.min(from + PART_MAX, devices.size())));
        }
        return parts;
    }

    /// Null: the queue is full.
    private @Nullable Answer post(Posting.Issued posting, List<Dispatch> dispatches) {
        var answered = new CompletableFuture<Answer>();
        Ingest.Reply reply =
                answer -> {
                    if (!(answer instanceof Answer.Stored)) {
                        dispatcher.notIssued(dispatches);
                    } else if (posting.last()) {
                        dispatcher.issued(dispatches);
                    }
                    answered.complete(answer);
                };
        var bytes = dispatches.size() * BYTES_PER_DISPATCH;
        try {
            var deadline = System.nanoTime() + ROOM_WAIT_MAX.toNanos();
            while (!ingest.post(posting, bytes, reply)) {
                if (System.nanoTime() - deadline >= 0) {
                    dispatcher.notIssued(dispatches);
                    return null;
                }
                var room = new CompletableFuture<Boolean>();
                ingest.whenRoomToPost(posting, () -> room.complete(true));
                room.completeOnTimeout(
                                false,
                                Math.max(1, deadline - System.nanoTime()),
                                TimeUnit.NANOSECONDS)
                        .join();
            }
            return answered.get(COMMIT_WAIT_MAX.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            return null;
        } catch (ExecutionException e) {
            throw new IllegalStateException("an answer never fails", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    private Outcome outcome(
            @Nullable Answer answer, Order order, Command command, @Nullable Dispatch only) {
        return switch (answer) {
            case null ->
                    new Outcome.NotNow(
                            "the command could not be stored in time; try again shortly");
            case Answer.Stored _ -> new Outcome.Issued(command, only);
            case Answer.Unstorable(var reason) -> {
                var key = order.idempotencyKey();
                var first =
                        key == null
                                ? Optional.<CommandLog>empty()
                                : store.findByKey(order.by().actor(), order.by().community(), key);
                yield first.map(log -> repeated(log, order))
                        .orElseGet(() -> new Outcome.Unstorable(reason));
            }
            case Answer.UnknownDevice _,
                    Answer.UnknownCommand _,
                    Answer.DisabledDevice _,
                    Answer.VersionIsNow _ ->
                    throw new IllegalStateException("no answer to a posting: " + answer);
        };
    }

    private Outcome repeated(CommandLog first, Order order) {
        return order.asks(first.terms())
                        && store.isFor(first.id(), order.target())
                        && store.payload(first.id()).equals(Optional.of(order.payload()))
                ? new Outcome.Repeated(first.id())
                : new Outcome.KeyReused(first.id());
    }

    /// Cancels what is still open of the command. What a device has already, it may do all the
    /// same.
    ///
    /// @return how many dispatches were cancelled
    /// @throws StorageException the database did not take it in time
    public int cancel(CommandId id, Actor by) {
        var cancelled = 0;
        for (var status :
                List.of(CommandStatus.PENDING, CommandStatus.SENT, CommandStatus.DELIVERED)) {
            List<Dispatch> some;
            int led;
            do {
                some = store.dispatches(id, status, Page.Request.first(PART_MAX)).items();
                led = cancel(some, by);
                cancelled += led;
            } while (some.size() == PART_MAX && led > 0);
        }
        return cancelled;
    }

    private int cancel(List<Dispatch> some, Actor by) {
        var answers =
                some.stream()
                        .map(dispatch ->
                                ingest.submit(
                                        dispatcher.message(
                                                dispatch.key(), new DispatchStep.Cancelled(by))))
                        .toList();
        var led = 0;
        for (var answer : answers) {
            try {
                if (Dispatcher.led(answer.get(COMMIT_WAIT_MAX.toSeconds(), TimeUnit.SECONDS))) {
                    led++;
                }
            } catch (ExecutionException | TimeoutException e) {
                throw new StorageException(
                        StorageException.Cause.UNAVAILABLE, "cancel a command", e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new StorageException(
                        StorageException.Cause.UNAVAILABLE, "cancel a command", e);
            }
        }
        return led;
    }
}
