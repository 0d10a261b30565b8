package org.tethral.coap;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.random.RandomGenerator;
import org.eclipse.californium.core.coap.CoAP;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.MediaTypeRegistry;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.californium.core.network.Exchange;
import org.eclipse.californium.core.server.MessageDeliverer;
import org.tethral.device.ConnectingDevice;
import org.tethral.ingest.Inbound;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;
import org.tethral.payload.DeviceMessages;
import org.tethral.payload.Encoding;
import org.tethral.payload.Malformed;
import org.tethral.payload.RpcPayload;
import org.tethral.payload.ThingsBoardPayload;

/// Brings each request to whom its path names. On the exchange's own thread, which must not be
/// kept.
final class Router implements MessageDeliverer {

    private static final String DIRECTORY =
            """
            </device/v1/report>;ct="50 60",</device/v1/state>;ct="50 60",</device/v1/event>;ct="50 60",\
            </device/v1/desired>;ct="50 60";obs,</device/v1/commands>;ct="50 60";obs,\
            </device/v1/register>;ct="50 60"\
            """;

    private final Door door;
    private final Intake intake;
    private final Wanted wanted;
    private final Commands commands;
    private final Admissions admissions;
    private final RandomGenerator random;
    private final Meters meters;
    private volatile boolean closed;

    Router(
            Door door,
            Intake intake,
            Wanted wanted,
            Commands commands,
            Admissions admissions,
            RandomGenerator random,
            Meters meters) {
        this.door = door;
        this.intake = intake;
        this.wanted = wanted;
        this.commands = commands;
        this.admissions = admissions;
        this.random = random;
        this.meters = meters;
    }

    @Override
    public void deliverRequest(Exchange exchange) {
        meters.request();
        var call = new Call(exchange, meters);
        if (closed) {
            call.busy("the platform stops; try again shortly", 5);
        } else if (call.answerEncoding().isEmpty()) {
            call.refuse(ResponseCode.NOT_ACCEPTABLE, "there is JSON (Accept 50) and CBOR (60)");
        } else {
            deliver(call);
        }
    }

    /// From now on, requests are answered with 5.03.
    void close() {
        closed = true;
    }

    private void deliver(Call call) {
        switch (Destination.of(call.request().getOptions().getUriPath())) {
            case Destination.Native resource -> ownApi(call, resource);
            case Destination.CommandAnswer(var command) ->
                    take(
                            call,
                            (body, encoding, device, now) ->
                                    commands.answered(command, encoding.parse(body), device, now));
            case Destination.RpcAnswer(_, var number) -> rpcAnswered(call, number);
            case Destination.ThingsBoard(_, var resource) -> thingsBoard(call, resource);
            case Destination.Provision.PROVISION -> {
                if (mayBe(call, CoAP.Code.POST)) {
                    admissions.provision(call);
                }
            }
            case Destination.Directory.DIRECTORY -> directory(call);
            case Destination.Nowhere.NOWHERE ->
                    call.refuse(
                            ResponseCode.NOT_FOUND,
                            "nothing is served there: see /.well-known/core");
        }
    }

    /// We send no requests, so that no answers are expected.
    @Override
    public void deliverResponse(Exchange exchange, Response response) {}

    private void ownApi(Call call, Destination.Native resource) {
        switch (resource) {
            case REPORT -> take(call, DeviceMessages::report);
            case STATE -> take(call, DeviceMessages::states);
            case EVENT ->
                    take(
                            call,
                            (body, encoding, device, now) ->
                                    DeviceMessages.events(body, encoding, device, now, random));
            case DESIRED -> {
                if (mayBe(call, CoAP.Code.GET)) {
                    door.authenticate(call, device -> wanted.desired(call, device));
                }
            }
            case COMMANDS -> {
                if (mayBe(call, CoAP.Code.GET)) {
                    door.authenticate(call, device -> commands.ask(call, device));
                }
            }
            case REGISTER -> {
                if (mayBe(call, CoAP.Code.POST)) {
                    admissions.register(call);
                }
            }
        }
    }

    private void take(Call call, Intake.Parser parser) {
        if (mayBe(call, CoAP.Code.POST)) {
            door.authenticate(
                    call,
                    device -> intake.take(call, device, parser, numbers -> stored(call, numbers)));
        }
    }

    /// The numbers only for those who say how they want them: most devices have no use for them,
    /// and pay for each byte.
    private static Response stored(Call call, List<Long> sequences) {
        if (!call.namesAnswerEncoding()) {
            return new Response(ResponseCode.CHANGED);
        }
        var numbers = sequences.stream().map(Value::of).toList();
        return call.content(
                ResponseCode.CHANGED, Document.of("sequences", new Value.Array(numbers)));
    }

    private void thingsBoard(Call call, Destination.ThingsBoard.Resource resource) {
        switch (resource) {
            case TELEMETRY ->
                    publish(
                            call,
                            (body, encoding, device, now) ->
                                    List.of(
                                            new Inbound.Report(
                                                    device,
                                                    now,
                                                    ThingsBoardPayload.telemetry(
                                                            encoding.parse(body), now))));
            case RPC -> rpc(call);
            case CLAIM -> {
                if (mayBe(call, CoAP.Code.POST)) {
                    door.authenticate(call, device -> admissions.claim(call, device));
                }
            }
            case ATTRIBUTES -> {
                if (call.method() == CoAP.Code.GET) {
                    door.authenticate(call, device -> wanted.attributes(call, device));
                } else {
                    publish(
                            call,
                            (body, encoding, device, now) ->
                                    List.of(
                                            new Inbound.Report(
                                                    device,
                                                    now,
                                                    List.of(
                                                            ThingsBoardPayload.attributes(
                                                                    encoding.parse(body), now)))));
                }
            }
        }
    }

    private void rpc(Call call) {
        if (call.method() == CoAP.Code.GET) {
            door.authenticate(call, device -> commands.askRpc(call, device));
        } else if (mayBe(call, CoAP.Code.POST)) {
            door.authenticate(call, device -> called(call, device));
        }
    }

    private void called(Call call, ConnectingDevice device) {
        var known = commands.knownAnswer(call);
        if (known.isPresent()) {
            intake.heartbeat(device);
            call.answer(call.content(ResponseCode.CONTENT, known.get()));
        } else {
            intake.take(
                    call,
                    device,
                    this::asked,
                    numbers ->
                            call.content(
                                    ResponseCode.CONTENT, RpcPayload.kept(numbers.getFirst())));
        }
    }

    private List<Inbound> asked(
            byte[] body, Encoding encoding, ConnectingDevice device, Instant now) throws Malformed {
        return List.of(
                new Inbound.EventReport(
                        device,
                        now,
                        RpcPayload.parse(encoding.parse(body)).event(device, now, random)));
    }

    private void rpcAnswered(Call call, String number) {
        if (mayBe(call, CoAP.Code.POST)) {
            door.authenticate(
                    call,
                    from ->
                            commands.find(
                                    call,
                                    from,
                                    number,
                                    command ->
                                            intake.take(
                                                    call,
                                                    from,
                                                    (body, encoding, device, now) ->
                                                            Commands.rpcAnswered(
                                                                    command,
                                                                    body.length == 0
                                                                            ? Document.EMPTY
                                                                            : encoding.parse(body),
                                                                    device,
                                                                    now),
                                                    _ -> new Response(ResponseCode.CREATED))));
        }
    }

    /// ThingsBoard says 2.01 where we would say 2.04.
    private void publish(Call call, Intake.Parser parser) {
        if (mayBe(call, CoAP.Code.POST)) {
            door.authenticate(
                    call,
                    device ->
                            intake.take(
                                    call, device, parser, _ -> new Response(ResponseCode.CREATED)));
        }
    }

    private static boolean mayBe(Call call, CoAP.Code method) {
        if (call.method() == method) {
            return true;
        }
        call.refuse(ResponseCode.METHOD_NOT_ALLOWED, method + " is what is served there");
        return false;
    }

    private static void directory(Call call) {
        if (mayBe(call, CoAP.Code.GET)) {
            var response = new Response(ResponseCode.CONTENT);
            response.setPayload(DIRECTORY.getBytes(StandardCharsets.UTF_8));
            response.getOptions().setContentFormat(MediaTypeRegistry.APPLICATION_LINK_FORMAT);
            call.answer(response);
        }
    }
}
