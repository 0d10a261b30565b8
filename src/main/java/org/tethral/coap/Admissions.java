package org.tethral.coap;

import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.random.RandomGenerator;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.Response;
import org.tethral.device.ConnectingDevice;
import org.tethral.device.Protocol;
import org.tethral.device.Provisioning;
import org.tethral.device.Provisioning.Outcome;
import org.tethral.device.Rejections;
import org.tethral.ingest.Inbound;
import org.tethral.json.Json;
import org.tethral.payload.ClaimPayload;
import org.tethral.payload.Malformed;
import org.tethral.payload.ProvisioningPayload;

/// Devices that register themselves, and devices that let themselves be claimed. Both make slow
/// hashes, so few are looked at at a time: whoever sends a datagram may say that he is anybody.
final class Admissions {

    static final int AT_A_TIME_MAX = 4;

    private final Provisioning provisioning;
    private final Rejections rejections;
    private final Door door;
    private final Intake intake;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final Semaphore hashes = new Semaphore(AT_A_TIME_MAX);

    Admissions(
            Provisioning provisioning,
            Rejections rejections,
            Door door,
            Intake intake,
            InstantSource clock,
            RandomGenerator random) {
        this.provisioning = provisioning;
        this.rejections = rejections;
        this.door = door;
        this.intake = intake;
        this.clock = clock;
        this.random = random;
    }

    @FunctionalInterface
    private interface Admitting {
        void run() throws Malformed;
    }

    /// Off the exchange's own thread.
    private void slowly(Call call, Admitting task) {
        door.look(
                call,
                () -> {
                    if (!hashes.tryAcquire()) {
                        call.busy("too many devices register themselves; try again shortly", 2);
                        return;
                    }
                    try {
                        task.run();
                    } catch (Malformed e) {
                        call.refuse(ResponseCode.BAD_REQUEST, String.valueOf(e.getMessage()));
                    } finally {
                        hashes.release();
                    }
                });
    }

    /// `POST /device/v1/register`
    void register(Call call) {
        slowly(
                call,
                () -> {
                    var asked = ProvisioningPayload.ours(json(call));
                    var outcome = ask(call, asked);
                    switch (outcome) {
                        case Outcome.Admitted admitted ->
                                call.answer(
                                        call.content(
                                                ResponseCode.CREATED,
                                                ProvisioningPayload.answer(admitted)));
                        case Outcome.WrongKey _ -> refuse(call, ResponseCode.FORBIDDEN, outcome);
                        case Outcome.DeviceTaken _, Outcome.IdentityTaken _ ->
                                refuse(call, ResponseCode.CONFLICT, outcome);
                    }
                });
    }

    private static void refuse(Call call, ResponseCode code, Outcome outcome) {
        call.refuse(code, Provisioning.reason(outcome).orElse("not admitted"));
    }

    /// `POST /api/v1/provision`: ThingsBoard says in the answer how it went.
    void provision(Call call) {
        slowly(
                call,
                () -> {
                    var asked = ProvisioningPayload.thingsBoard(json(call));
                    call.answer(
                            call.content(
                                    ResponseCode.CONTENT,
                                    asked.thingsBoardAnswer(ask(call, asked))));
                });
    }

    private Outcome ask(Call call, ProvisioningPayload asked) {
        var outcome = provisioning.ask(asked.request());
        Provisioning.reason(outcome)
                .ifPresent(reason ->
                        rejections.rejected(
                                asked.name().orElse("device from " + call.address()),
                                Protocol.COAP,
                                call.address(),
                                reason));
        return outcome;
    }

    /// `POST /api/v1/{token}/claim`
    void claim(Call call, ConnectingDevice device) {
        slowly(
                call,
                () -> {
                    var claim =
                            ClaimPayload.parse(call.body().length == 0 ? call.body() : json(call));
                    var secret = claim.secret();
                    var hash = secret == null ? null : provisioning.hashed(secret);
                    var event = claim.event(device, hash, clock.instant(), random);
                    call.exchange()
                            .execute(() ->
                                    intake.take(
                                            call,
                                            device,
                                            (_, _, from, now) ->
                                                    List.of(
                                                            new Inbound.EventReport(
                                                                    from, now, event)),
                                            _ -> new Response(ResponseCode.CREATED)));
                });
    }

    private static byte[] json(Call call) throws Malformed {
        var encoding = call.bodyEncoding();
        if (encoding.isEmpty()) {
            throw new Malformed("send JSON (Content-Format 50) or CBOR (60)");
        }
        return Json.bytes(encoding.get().parse(call.body()));
    }
}
