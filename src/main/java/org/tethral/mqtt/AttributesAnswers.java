package org.tethral.mqtt;

import org.tethral.json.Json;
import org.tethral.kernel.Document;
import org.tethral.kernel.StorageException;
import org.tethral.payload.Malformed;
import org.tethral.payload.ThingsBoardPayload;
import org.tethral.state.DeviceState;

/// Answers a device's questions for its attributes (ThingsBoard device API): client attributes are
/// its reported values, shared ones the desired. On the event loop; reads off it.
final class AttributesAnswers {

    /// Questions of a connection that wait for their answer.
    static final int ASKED_MAX = 16;

    private final DeviceTraffic traffic;
    private final Conversation conversation;
    private final Surroundings around;
    private int asked;

    AttributesAnswers(DeviceTraffic traffic, Surroundings around) {
        this.traffic = traffic;
        this.conversation = traffic.conversation();
        this.around = around;
    }

    void answer(
            Destination.AttributesRequest request, byte[] payload, Acknowledgement acknowledgement)
            throws Malformed {
        var question = ThingsBoardPayload.attributesQuestion(payload);
        var outbox = conversation.connection().loop().outbox();
        var device = traffic.device().id();
        Runnable read =
                () -> {
                    Runnable next;
                    try {
                        var answer =
                                around.states()
                                        .find(device)
                                        .map(state -> attributes(question, state))
                                        .orElse(Document.EMPTY);
                        next = () -> send(request, answer, acknowledgement);
                    } catch (StorageException e) {
                        next = () -> failed(acknowledgement);
                    }
                    outbox.addAndRing(next);
                };
        if (asked >= ASKED_MAX || !around.lookups().start(read)) {
            traffic.refuse(
                    acknowledgement,
                    new Refusal(
                            Reason.QUOTA_EXCEEDED, "at most " + ASKED_MAX + " requests at a time"));
            return;
        }
        asked++;
    }

    private static Document attributes(
            ThingsBoardPayload.AttributesQuestion question, DeviceState state) {
        return question.answer(state.reported(), state.desired());
    }

    private void send(
            Destination.AttributesRequest request,
            Document answer,
            Acknowledgement acknowledgement) {
        asked--;
        var topic = request.answerTopic();
        var subscriptions = conversation.session().matching(topic);
        if (!subscriptions.isEmpty() && conversation.open()) {
            conversation
                    .outgoing()
                    .send(new Outgoing.Message(topic, Json.write(answer), false, subscriptions));
        }
        acknowledgement.settle(null);
        conversation.flushLater();
    }

    private void failed(Acknowledgement acknowledgement) {
        asked--;
        traffic.refuse(
                acknowledgement, new Refusal(Reason.NOT_STORABLE, "the database does not answer"));
        conversation.flushLater();
    }
}
