package org.tethral.mqtt;

import org.jspecify.annotations.Nullable;
import org.tethral.ingest.Inbound;
import org.tethral.payload.ClaimPayload;
import org.tethral.payload.Malformed;

/// A device lets itself be claimed (ThingsBoard device API). Its secret is kept as a slow hash,
/// which is made off the event loop; nothing more is read meanwhile, so that the messages stay in
/// their order.
final class ClaimRequest {

    private ClaimRequest() {}

    static void take(
            DeviceTraffic traffic,
            Surroundings around,
            byte[] payload,
            Acknowledgement acknowledgement)
            throws Malformed {
        var claim = ClaimPayload.parse(payload);
        var secret = claim.secret();
        if (secret == null) {
            offer(traffic, around, claim, null, acknowledgement);
            return;
        }
        var connection = traffic.conversation().connection();
        var started =
                around.hashes()
                        .start(() -> {
                            var hash = around.provisioning().hashed(secret);
                            connection
                                    .loop()
                                    .outbox()
                                    .addAndRing(() -> {
                                        offer(traffic, around, claim, hash, acknowledgement);
                                        connection.intake().resume(Intake.Pause.LOOKUP);
                                    });
                        });
        if (started) {
            connection.intake().pause(Intake.Pause.LOOKUP);
        } else {
            traffic.refuse(
                    acknowledgement,
                    new Refusal(Reason.QUOTA_EXCEEDED, "too many claims at a time"));
        }
    }

    private static void offer(
            DeviceTraffic traffic,
            Surroundings around,
            ClaimPayload claim,
            @Nullable String hash,
            Acknowledgement acknowledgement) {
        var device = traffic.device();
        var now = around.clock().instant();
        var event = claim.event(device, hash, now, around.random());
        traffic.offer(new Inbound.EventReport(device, now, event), 0, acknowledgement);
    }
}
