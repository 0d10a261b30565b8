package org.tethral.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.tethral.device.ConnectingDevice;
import org.tethral.device.Provisioning;
import org.tethral.ingest.Inbound;
import org.tethral.kernel.Secret;
import org.tethral.payload.ClaimPayload;
import org.tethral.payload.Malformed;

/// A device lets itself be claimed. Off the event loop, because its secret is kept as a slow hash.
final class ClaimIntake {

    private final DeviceIntake intake;
    private final Provisioning provisioning;
    private final Writes writes;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final Api api;

    ClaimIntake(DeviceIntake intake, HttpEdge.Parts parts, Api api) {
        this.intake = intake;
        this.provisioning = parts.provisioning();
        this.writes = new Writes(parts.ingest());
        this.clock = parts.clock();
        this.random = parts.random();
        this.api = api;
    }

    void take(HttpServerRequest request, Optional<Secret> token) {
        intake.takeWhole(
                request,
                token,
                (body, device) ->
                        api.answer(request, "thingsBoardClaim", () -> store(body, device)));
    }

    private Reply store(Buffer body, ConnectingDevice device) {
        try {
            var claim = ClaimPayload.parse(body.getBytes());
            var secret = claim.secret();
            var hash = secret == null ? null : provisioning.hashed(secret);
            var now = clock.instant();
            writes.store(
                    new Inbound.EventReport(device, now, claim.event(device, hash, now, random)));
            return new Reply.Content(200, Map.of(), Buffer.buffer());
        } catch (Malformed e) {
            return Reply.of(Problem.of(400, "malformed-message", String.valueOf(e.getMessage())));
        }
    }
}
