package org.tethral.coap;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import java.util.function.Function;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.Response;
import org.jspecify.annotations.Nullable;
import org.tethral.command.CommandId;
import org.tethral.command.Instruction;
import org.tethral.command.SentNumbers;
import org.tethral.command.Switchboard;
import org.tethral.device.ConnectingDevice;
import org.tethral.device.DeviceId;
import org.tethral.ingest.Inbound;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;
import org.tethral.payload.CommandPayload;
import org.tethral.payload.Malformed;
import org.tethral.payload.NativePayload;
import org.tethral.payload.RpcPayload;
import org.tethral.payload.ThingsBoardRpc;

/// Commands for devices, which observe them or ask for them, and their answers.
final class Commands {

    /// Requests that wait for a command, of all devices together; of those that come at the same
    /// moment, a few more.
    static final int WAITING_MAX = 10_000;

    private final Switchboard switchboard;
    private final SentNumbers numbers;
    private final Observations observations;
    private final Door door;
    private final Intake intake;
    private final ScheduledExecutorService stage;
    private final InstantSource clock;
    private final Set<CommandWait> waiting = ConcurrentHashMap.newKeySet();

    Commands(
            Switchboard switchboard,
            SentNumbers numbers,
            Observations observations,
            Door door,
            Intake intake,
            ScheduledExecutorService stage,
            InstantSource clock) {
        this.switchboard = switchboard;
        this.numbers = numbers;
        this.observations = observations;
        this.door = door;
        this.intake = intake;
        this.stage = stage;
        this.clock = clock;
    }

    /// `{"commands": […]}`: to an observer none at first, and then each by itself; else the one
    /// that comes while the request waits, or none.
    void ask(Call call, ConnectingDevice device) {
        Function<@Nullable Instruction, Response> told =
                instruction ->
                        call.content(
                                ResponseCode.CONTENT,
                                CommandPayload.told(
                                        instruction == null ? List.of() : List.of(instruction)));
        try {
            var wait = call.query("wait");
            carry(
                    call,
                    device,
                    wait.isEmpty() ? CommandPayload.WAIT_DEFAULT : CommandPayload.wait(wait.get()),
                    told);
        } catch (Malformed e) {
            call.refuse(ResponseCode.BAD_REQUEST, String.valueOf(e.getMessage()));
        }
    }

    /// As ThingsBoard's devices ask: `{"id": 7, "method": "…", "params": …}`; without payload when
    /// there is nothing (yet).
    void askRpc(Call call, ConnectingDevice device) {
        carry(
                call,
                device,
                CommandPayload.WAIT_MAX,
                instruction -> {
                    if (instruction == null) {
                        return new Response(ResponseCode.CONTENT);
                    }
                    numbers.sent(device.id(), instruction.command());
                    return call.content(ResponseCode.CONTENT, CommandPayload.asked(instruction));
                });
    }

    private void carry(
            Call call,
            ConnectingDevice device,
            Duration patience,
            Function<@Nullable Instruction, Response> told) {
        intake.heartbeat(device);
        var feed = new CommandFeed(device.id(), switchboard, stage, told);
        if (observations.consider(call, device, feed)) {
            var first = told.apply(null);
            first.getOptions().setMaxAge(device.heartbeatInterval().toSeconds());
            call.answer(first);
        } else if (waiting.size() >= WAITING_MAX) {
            call.busy("too many devices wait", 5);
        } else {
            new CommandWait(call, device.id(), switchboard, waiting, told).begin(stage, patience);
        }
    }

    List<Inbound> answered(String command, Value body, ConnectingDevice device, Instant now)
            throws Malformed {
        if (!(body instanceof Document answer)) {
            throw new Malformed("an answer is {\"status\": \"success\", \"result\": …}");
        }
        return List.of(
                new Inbound.CommandStep(
                        device, now, id(command), NativePayload.commandAnswer(answer, "result")));
    }

    private static CommandId id(String text) throws Malformed {
        try {
            return CommandId.parse(text);
        } catch (IllegalArgumentException e) {
            throw new Malformed("the path names a command by the UUID that came with it");
        }
    }

    /// What the platform answers by itself to what a device asks. What is wrong with the question
    /// is said when it is stored.
    Optional<Document> knownAnswer(Call call) {
        try {
            var encoding = call.bodyEncoding();
            return encoding.isEmpty()
                    ? Optional.empty()
                    : RpcPayload.parse(encoding.get().parse(call.body())).answer(clock.instant());
        } catch (Malformed e) {
            return Optional.empty();
        }
    }

    static List<Inbound> rpcAnswered(
            CommandId command, Value result, ConnectingDevice device, Instant now) {
        return List.of(
                new Inbound.CommandStep(device, now, command, ThingsBoardRpc.answer(result)));
    }

    /// Goes on with the command that the device means by the number; on the exchange's own thread.
    void find(Call call, ConnectingDevice device, String number, Consumer<CommandId> next) {
        var known = numbers.remembered(device.id(), number);
        if (known.isPresent()) {
            next.accept(known.get());
        } else {
            door.look(
                    call,
                    () -> {
                        var found = numbers.find(device.id(), number);
                        call.exchange().execute(() -> next.accept(found));
                    });
        }
    }

    /// Requests that wait are answered at once: the device's, as it may not have what comes.
    void evict(DeviceId device, String reason) {
        waiting.forEach(wait -> wait.evict(device, reason));
    }

    void close() {
        waiting.forEach(CommandWait::stop);
    }
}
