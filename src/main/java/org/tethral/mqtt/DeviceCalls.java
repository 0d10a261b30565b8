package org.tethral.mqtt;

import org.jspecify.annotations.Nullable;
import org.tethral.account.Actor;
import org.tethral.account.CommunityId;
import org.tethral.broker.TopicName;
import org.tethral.device.DeviceId;
import org.tethral.ingest.Inbound;
import org.tethral.json.Json;
import org.tethral.json.MalformedJson;
import org.tethral.kernel.Value;
import org.tethral.payload.Malformed;
import org.tethral.payload.RpcPayload;

/// Calls that a device makes (ThingsBoard's client-side RPC). What time it is, the platform says;
/// every other call is an event, and an application that hears of it may answer. Answers are passed
/// on to connections of this node, and kept nowhere: a device that hears none asks again.
final class DeviceCalls {

    private static final String ANSWERS = Destination.ME + "rpc/response/";

    private DeviceCalls() {}

    /// Where an application answers:
    /// `communities/{community}/devices/{device_id}/rpc/response/{request_id}`.
    record AnswerTopic(CommunityId community, DeviceId device, String request) {

        /// Null: another topic.
        static @Nullable AnswerTopic of(TopicName topic) {
            var levels = topic.levels();
            if (levels.size() != 7
                    || !levels.get(0).equals(Identity.COMMUNITIES)
                    || !levels.get(2).equals("devices")
                    || !levels.get(4).equals("rpc")
                    || !levels.get(5).equals("response")) {
                return null;
            }
            try {
                return new AnswerTopic(
                        CommunityId.parse(levels.get(1)),
                        new DeviceId(levels.get(3)),
                        levels.get(6));
            } catch (IllegalArgumentException e) {
                return null;
            }
        }
    }

    static void take(
            DeviceTraffic traffic,
            Surroundings around,
            Destination.Call to,
            byte[] payload,
            Acknowledgement acknowledgement)
            throws Malformed {
        var call = RpcPayload.parse(parsed(payload));
        var device = traffic.device();
        var now = traffic.conversation().connection().receivedAt();
        var known = call.answer(now);
        if (known.isPresent()) {
            answer(traffic.conversation(), to.id(), Json.write(known.get()));
            acknowledgement.settle(null);
            traffic.conversation().flushLater();
        } else {
            var event = call.event(device, to.id(), now, around.random());
            traffic.offer(
                    new Inbound.EventReport(device, now, event), payload.length, acknowledgement);
        }
    }

    private static Value parsed(byte[] payload) throws Malformed {
        try {
            return Json.parse(payload);
        } catch (MalformedJson e) {
            throw new Malformed(String.valueOf(e.getMessage()));
        }
    }

    private static void answer(Conversation conversation, String request, String answer) {
        var topic = ANSWERS + request;
        var subscriptions = conversation.session().matching(topic);
        if (!subscriptions.isEmpty()) {
            conversation.outgoing().send(new Outgoing.Message(topic, answer, false, subscriptions));
        }
    }

    /// An application has answered. From any thread.
    static void answered(Surroundings around, AnswerTopic to, String answer) {
        var owner = Actor.device(to.device().value());
        for (var connection : around.sessions().connections(owner)) {
            connection
                    .loop()
                    .outbox()
                    .addAndRing(() -> {
                        var conversation = connection.conversation();
                        if (conversation != null
                                && conversation.identity() instanceof Identity.OfDevice(var device)
                                && to.community().equals(device.community())) {
                            answer(conversation, to.request(), answer);
                            conversation.flushLater();
                        }
                    });
        }
    }
}
