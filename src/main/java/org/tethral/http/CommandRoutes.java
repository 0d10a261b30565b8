package org.tethral.http;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;
import org.tethral.command.Command;
import org.tethral.command.CommandId;
import org.tethral.command.CommandLog;
import org.tethral.command.CommandName;
import org.tethral.command.CommandStatus;
import org.tethral.command.CommandStore;
import org.tethral.command.Dispatch;
import org.tethral.command.Target;
import org.tethral.command.Terms;
import org.tethral.device.DeviceFilter;
import org.tethral.device.DeviceId;
import org.tethral.device.Lifecycle;
import org.tethral.device.ProfileId;
import org.tethral.device.Protocol;
import org.tethral.device.Status;
import org.tethral.dispatch.Ends;
import org.tethral.dispatch.Issuing;
import org.tethral.dispatch.Order;
import org.tethral.event.Priority;
import org.tethral.json.Json;
import org.tethral.kernel.Document;
import org.tethral.kernel.Page;
import org.tethral.kernel.Value;

/// Commands: issued, waited for, followed, cancelled.
final class CommandRoutes {

    static final Duration WAIT_MAX = Duration.ofSeconds(60);

    /// Requests that wait for the end of a command; others still get through.
    static final int WAITING_MAX = 128;

    private static final Duration PAUSE = Duration.ofMillis(200);
    private static final Duration HEARTBEAT_EVERY = Duration.ofSeconds(15);
    private static final Pattern WAIT = Pattern.compile("([0-9]{1,6})(ms|s|m)");

    private final CommandStore store;
    private final Issuing issuing;
    private final Ends ends;
    private final Semaphore waiting = new Semaphore(WAITING_MAX);

    CommandRoutes(HttpEdge.Commands commands) {
        this.store = commands.store();
        this.issuing = commands.issuing();
        this.ends = commands.ends();
    }

    void on(Operations.Target operations) {
        operations.on(
                "commandDevice", request -> issue(request, new Target.One(request.deviceId())));
        operations.on("command", request -> issue(request, target(request)));
        operations.on("listCommands", this::list);
        operations.on("getCommand", this::get);
        operations.on("cancelCommand", this::cancel);
        operations.on(
                "commandProgress",
                request -> {
                    var id = find(request).id();
                    return new Reply.Streamed("text/event-stream", output -> follow(id, output));
                });
    }

    private Reply issue(ApiRequest request, Target target) {
        var wait = wait(request);
        var order = order(request, target);
        if (wait == null) {
            return answer(issuing.issue(order), null, null);
        }
        var id = issuing.nextId();
        try (var course = new Course(ends, id)) {
            return answer(issuing.issue(order, id), wait, course);
        }
    }

    /// @param course of the command, where somebody waits for it
    private Reply answer(
            Issuing.Outcome outcome, @Nullable Duration wait, @Nullable Course course) {
        return switch (outcome) {
            case Issuing.Outcome.Issued(var command, var only) when only != null ->
                    answer(
                            command,
                            wait == null || course == null ? only : await(only, wait, course),
                            wait);
            case Issuing.Outcome.Issued(var command, _) -> answer(command.id(), wait);
            case Issuing.Outcome.Repeated(var id) ->
                    answer(id, wait).with("Idempotency-Replayed", "true");
            case Issuing.Outcome.KeyReused(var id) ->
                    throw refusal(
                            422,
                            "idempotency-key-reused",
                            "the Idempotency-Key was used for another command: " + id);
            case Issuing.Outcome.UnknownDevice(var device) ->
                    throw new Refusal(Problem.unknown("device", device));
            case Issuing.Outcome.EmptyTarget _ ->
                    throw refusal(422, "empty-target", "no device is meant: none is so");
            case Issuing.Outcome.TooManyTargets _ ->
                    throw refusal(
                            422,
                            "too-many-targets",
                            "a command is for " + Issuing.TARGETS_MAX + " devices at most");
            case Issuing.Outcome.Unacceptable(var reason) ->
                    throw refusal(400, "invalid-request", reason);
            case Issuing.Outcome.Unstorable(var reason) ->
                    throw refusal(422, "not-storable", reason);
            case Issuing.Outcome.NotNow(var reason) ->
                    throw new Refusal(Problem.busy("busy", reason, 1));
        };
    }

    private static Refusal refusal(int status, String kind, String detail) {
        return new Refusal(Problem.of(status, kind, detail));
    }

    private Reply.Content answer(CommandId id, @Nullable Duration wait) {
        var log = wait == null ? find(id) : await(id, wait);
        return answer(log, payload(id), store.dispatches(id, null, Page.Request.first(1)), wait);
    }

    /// What is known here need not be read again.
    private static Reply.Content answer(Command command, Dispatch only, @Nullable Duration wait) {
        return answer(
                CommandLog.of(command, only),
                command.payload(),
                new Page<>(List.of(only), null),
                wait);
    }

    private static Reply.Content answer(
            CommandLog log, Value payload, Page<Dispatch> dispatches, @Nullable Duration wait) {
        var status = wait != null && log.progress().isComplete() ? 200 : 202;
        return Reply.json(status, CommandJson.whole(log, payload, dispatches))
                .with("Location", "/api/v1/command-logs/" + log.id());
    }

    private static @Nullable Duration wait(ApiRequest request) {
        var text = request.query("wait");
        if (text.isEmpty()) {
            return null;
        }
        var matcher = WAIT.matcher(text.get().toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            throw new Refusal(Problem.invalid("wait", "is a time such as 5s or 500ms"));
        }
        var number = Long.parseLong(matcher.group(1));
        var wait =
                switch (matcher.group(2)) {
                    case "ms" -> Duration.ofMillis(number);
                    case "s" -> Duration.ofSeconds(number);
                    default -> Duration.ofMinutes(number);
                };
        if (wait.compareTo(WAIT_MAX) > 0) {
            throw new Refusal(Problem.invalid("wait", "is " + WAIT_MAX.toSeconds() + "s at most"));
        }
        return wait;
    }

    private Order order(ApiRequest request, Target target) {
        var payload = request.body().find("payload").orElse(Document.EMPTY);
        if (Json.bytes(payload).length > Command.PAYLOAD_BYTES_MAX) {
            throw refusal(
                    413,
                    "too-long",
                    "a payload has " + Command.PAYLOAD_BYTES_MAX + " bytes of JSON at most");
        }
        var priority = request.optionalField("priority", Priority::parse);
        var attempts = request.body().find("max_attempts");
        var key = request.header("Idempotency-Key").orElse(null);
        if (key != null && (key.isBlank() || key.length() > Command.IDEMPOTENCY_KEY_LENGTH_MAX)) {
            throw new Refusal(Problem.invalid("Idempotency-Key", "has 1 to 255 characters"));
        }
        return new Order(
                request.field("command_name", CommandName::new),
                payload,
                target,
                priority == null ? Priority.NORMAL : priority,
                seconds(request, "ttl").orElse(Terms.TTL_DEFAULT),
                seconds(request, "timeout").orElse(Terms.TIMEOUT_DEFAULT),
                attempts.orElse(Value.of(Terms.ATTEMPTS_DEFAULT))
                                instanceof Value.Numeric(var number)
                        ? number.intValue()
                        : Terms.ATTEMPTS_DEFAULT,
                request.body().find("one_way").orElse(Value.Bool.FALSE) == Value.Bool.TRUE,
                request.principal(),
                key);
    }

    private static Optional<Duration> seconds(ApiRequest request, String name) {
        return request.body().find(name).orElse(Value.Null.NULL) instanceof Value.Numeric number
                ? Optional.of(
                        Duration.ofMillis(
                                Math.round(Math.clamp(number.asDouble(), -1e9, 1e10) * 1e3)))
                : Optional.empty();
    }

    /// Exactly one of the ways to name devices.
    private static Target target(ApiRequest request) {
        var targets = new ArrayList<Target>();
        try {
            var body = request.body();
            body.text("device_id").ifPresent(id -> targets.add(new Target.One(new DeviceId(id))));
            body.text("device_type").ifPresent(type -> targets.add(new Target.OfType(type)));
            body.text("profile_id")
                    .ifPresent(id -> targets.add(new Target.OfProfile(ProfileId.parse(id))));
            if (body.find("device_ids").orElse(null) instanceof Value.Array(var items)) {
                targets.add(
                        new Target.Listed(
                                items.stream()
                                        .filter(Value.Text.class::isInstance)
                                        .map(item -> new DeviceId(((Value.Text) item).value()))
                                        .toList()));
            }
            if (body.find("filter").orElse(null) instanceof Document filter) {
                targets.add(new Target.Matching(filter(filter)));
            }
        } catch (IllegalArgumentException e) {
            throw new Refusal(Problem.invalid("target", String.valueOf(e.getMessage())));
        }
        if (targets.size() != 1) {
            throw new Refusal(
                    Problem.invalid(
                            "target",
                            "name devices in one way: device_type, device_ids, device_id, profile_id or filter"));
        }
        return targets.getFirst();
    }

    private static DeviceFilter filter(Document filter) {
        return new DeviceFilter(
                filter.text("community_id").map(CommunityId::parse).orElse(null),
                filter.text("status").map(Status::parse).orElse(null),
                filter.text("protocol").map(Protocol::parse).orElse(null),
                filter.text("lifecycle").map(Lifecycle::parse).orElse(null),
                filter.text("manufacturer").orElse(null),
                filter.text("model").orElse(null),
                filter.text("device_type").orElse(null),
                filter.text("capability").orElse(null),
                filter.text("profile_id").map(ProfileId::parse).orElse(null),
                filter.text("metadata_key").orElse(null),
                filter.text("metadata_value").orElse(null),
                filter.text("search").orElse(null));
    }

    private Reply list(ApiRequest request) {
        var filter =
                new CommandStore.Filter(
                        request.community(),
                        request.query("status", CommandStatus::parse),
                        request.query("device_type").orElse(null),
                        request.query("device_id", DeviceId::new));
        return Reply.ok(Fields.page(store.list(filter, request.page()), CommandJson::log));
    }

    private Reply get(ApiRequest request) {
        var log = find(request);
        var dispatches =
                store.dispatches(
                        log.id(), request.query("status", CommandStatus::parse), request.page());
        return Reply.ok(CommandJson.whole(log, payload(log.id()), dispatches));
    }

    private Reply cancel(ApiRequest request) {
        var before = find(request);
        issuing.cancel(before.id(), request.principal().actor());
        var after = find(before.id());
        return Reply.ok(CommandJson.log(after))
                .audited(
                        Act.changed(
                                after.id(),
                                after.terms().community(),
                                CommandJson.log(before),
                                CommandJson.log(after)));
    }

    private CommandLog find(ApiRequest request) {
        return find(request.path("command_id", CommandId::parse));
    }

    private CommandLog find(CommandId id) {
        return store.find(id).orElseThrow(() -> new Refusal(Problem.unknown("command", id)));
    }

    private Value payload(CommandId id) {
        return store.payload(id).orElse(Document.EMPTY);
    }

    /// Returns when all dispatches have ended, or the time is over.
    private CommandLog await(CommandId id, Duration wait) {
        takePlace(id);
        try (var course = new Course(ends, id)) {
            var deadline = System.nanoTime() + wait.toNanos();
            var left = wait.toNanos();
            var log = find(id);
            while (left > 0 && !log.progress().isComplete()) {
                var _ = course.await(left);
                left = deadline - System.nanoTime();
                log = find(id);
            }
            return log;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return find(id);
        } finally {
            waiting.release();
        }
    }

    /// As it is when it has ended, or the time is over.
    private Dispatch await(Dispatch only, Duration wait, Course course) {
        takePlace(only.command());
        var now = only;
        try {
            var deadline = System.nanoTime() + wait.toNanos();
            var left = wait.toNanos();
            while (left > 0 && !now.stage().isFinal()) {
                var told = course.await(left);
                now = told.isPresent() ? told.get() : store.dispatch(only.key()).orElse(now);
                left = deadline - System.nanoTime();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            waiting.release();
        }
        return now;
    }

    private void takePlace(CommandId id) {
        if (!waiting.tryAcquire()) {
            throw new Refusal(
                    Problem.busy(
                            "busy", "too many wait for commands; the command is issued: " + id, 1));
        }
    }

    /// The counts each time they change, until all have ended.
    private void follow(CommandId id, Output output) throws InterruptedException {
        var moved = new Semaphore(0);
        try (var _ = ends.watch(id, _ -> moved.release())) {
            var told = "";
            var toldNanos = System.nanoTime();
            while (true) {
                var log = find(id);
                var text = "event: progress\ndata: " + Json.write(CommandJson.log(log)) + "\n\n";
                if (!text.equals(told)) {
                    output.write(text);
                    told = text;
                    toldNanos = System.nanoTime();
                } else if (System.nanoTime() - toldNanos >= HEARTBEAT_EVERY.toNanos()) {
                    output.write(": heartbeat\n\n");
                    toldNanos = System.nanoTime();
                }
                if (log.progress().isComplete()) {
                    return;
                }
                output.await(() -> {
                    Thread.sleep(PAUSE);
                    return moved.tryAcquire(Ends.LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS);
                });
                moved.drainPermits();
            }
        }
    }
}
