package org.tethral.http;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.tethral.command.CommandId;
import org.tethral.command.Instruction;
import org.tethral.command.SentNumbers;
import org.tethral.command.Switchboard;
import org.tethral.device.ConnectingDevice;
import org.tethral.ingest.Inbound;
import org.tethral.kernel.Document;
import org.tethral.payload.CommandPayload;
import org.tethral.payload.Encoding;
import org.tethral.payload.Malformed;
import org.tethral.payload.NativePayload;
import org.tethral.payload.RpcPayload;
import org.tethral.payload.ThingsBoardRpc;

/// Commands for devices that ask for them: `/device/v1/commands`, and ThingsBoard's
/// `/api/v1/{token}/rpc`.
final class CommandChannel {

    private static final Reply.Content STORED = new Reply.Content(200, Map.of(), Buffer.buffer());

    private final DeviceIntake intake;
    private final Switchboard switchboard;
    private final SentNumbers numbers;
    private final Set<CommandWait> waiting;
    private final Vertx vertx;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final Set<String> names;

    /// @param waiting the requests that wait, of all event loops
    /// @param names that the API uses in place of the token
    CommandChannel(
            DeviceIntake intake,
            HttpEdge.Parts parts,
            Set<CommandWait> waiting,
            Vertx vertx,
            Set<String> names) {
        this.intake = intake;
        this.switchboard = parts.commands().switchboard();
        this.numbers = parts.commands().numbers();
        this.waiting = waiting;
        this.vertx = vertx;
        this.clock = parts.clock();
        this.random = parts.random();
        this.names = Set.copyOf(names);
    }

    Map<String, Handler<RoutingContext>> handlers() {
        return Map.of(
                "deviceCommands", routing -> commands(routing.request()),
                "deviceCommandAck", routing -> acknowledge(routing.request(), id(routing)),
                "thingsBoardRpc", routing -> withToken(routing, this::ask),
                "thingsBoardRpcAnswer", routing -> withToken(routing, this::answered),
                "thingsBoardRpcRequest", routing -> withToken(routing, this::requested));
    }

    private void withToken(RoutingContext routing, Consumer<RoutingContext> to) {
        if (names.contains(routing.pathParam("token"))) {
            routing.next();
        } else {
            to.accept(routing);
        }
    }

    private void commands(HttpServerRequest request) {
        intake.authenticateToWait(
                request,
                CommandPayload.WAIT_DEFAULT,
                (device, patience) -> begin(request, device, patience, CommandChannel::told));
    }

    private void begin(
            HttpServerRequest request,
            ConnectingDevice device,
            Duration patience,
            Function<@Nullable Instruction, Reply.Content> told) {
        intake.heartbeat(device);
        CommandWait.begin(
                device.id(),
                request.response(),
                switchboard,
                waiting,
                vertx,
                patience,
                instruction -> {
                    if (instruction != null) {
                        intake.sent();
                    }
                    return told.apply(instruction);
                });
    }

    private static Reply.Content told(@Nullable Instruction instruction) {
        return Reply.ok(
                CommandPayload.told(instruction == null ? List.of() : List.of(instruction)));
    }

    private void acknowledge(HttpServerRequest request, String id) {
        intake.take(
                request,
                Credentials.bearer(request),
                (body, device, now) -> {
                    if (!(Encoding.JSON.parse(body) instanceof Document answer)) {
                        throw new Malformed(
                                "an answer is {\"status\": \"success\", \"result\": …}");
                    }
                    return List.of(
                            new Inbound.CommandStep(
                                    device,
                                    now,
                                    id(id),
                                    NativePayload.commandAnswer(answer, "result")));
                },
                _ -> Reply.noContent());
    }

    private static String id(RoutingContext routing) {
        return Objects.requireNonNullElse(routing.pathParam("id"), "");
    }

    private static CommandId id(String text) throws Malformed {
        try {
            return CommandId.parse(text);
        } catch (IllegalArgumentException e) {
            throw new Malformed("the path names a command by the UUID that came with it");
        }
    }

    private void ask(RoutingContext routing) {
        var request = routing.request();
        intake.authenticate(
                request,
                Credentials.secret(routing.pathParam("token")),
                device ->
                        begin(
                                request,
                                device,
                                ThingsBoardChannel.timeout(request.getParam("timeout")),
                                instruction -> asked(device, instruction)));
    }

    private Reply.Content asked(ConnectingDevice device, @Nullable Instruction instruction) {
        if (instruction == null) {
            return Reply.of(Problem.of(408, "nothing-new", "no command came meanwhile"));
        }
        numbers.sent(device.id(), instruction.command());
        return Reply.ok(CommandPayload.asked(instruction));
    }

    private void answered(RoutingContext routing) {
        var request = routing.request();
        var id = id(routing);
        intake.takeWhole(
                request,
                Credentials.secret(routing.pathParam("token")),
                (body, device) -> {
                    var known = numbers.remembered(device.id(), id);
                    if (known.isPresent()) {
                        answered(request, body, device, known.get());
                    } else {
                        intake.lookUp(
                                request,
                                () -> numbers.find(device.id(), id),
                                found -> answered(request, body, device, found));
                    }
                });
    }

    private void answered(
            HttpServerRequest request, Buffer whole, ConnectingDevice from, CommandId command) {
        intake.offer(
                request,
                whole,
                from,
                (body, device, now) -> {
                    var result = body.length == 0 ? Document.EMPTY : Encoding.JSON.parse(body);
                    return List.of(
                            new Inbound.CommandStep(
                                    device, now, command, ThingsBoardRpc.answer(result)));
                },
                _ -> STORED);
    }

    private void requested(RoutingContext routing) {
        var request = routing.request();
        intake.takeWhole(
                request,
                Credentials.secret(routing.pathParam("token")),
                (body, device) -> {
                    var known = knownAnswer(body);
                    if (known.isPresent()) {
                        intake.heartbeat(device);
                        Send.reply(request.response(), Reply.ok(known.get()));
                    } else {
                        intake.offer(
                                request,
                                body,
                                device,
                                this::asked,
                                sequences -> Reply.ok(RpcPayload.kept(sequences.getFirst())));
                    }
                });
    }

    /// What is wrong with it is said when it is offered.
    private Optional<Document> knownAnswer(Buffer body) {
        try {
            return RpcPayload.parse(Encoding.JSON.parse(body.getBytes())).answer(clock.instant());
        } catch (Malformed e) {
            return Optional.empty();
        }
    }

    private List<Inbound> asked(byte[] body, ConnectingDevice device, Instant now)
            throws Malformed {
        var call = RpcPayload.parse(Encoding.JSON.parse(body));
        return List.of(new Inbound.EventReport(device, now, call.event(device, now, random)));
    }
}
