package org.tethral.mqtt;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.tethral.broker.BrokerMessage;
import org.tethral.broker.MessageProperties;
import org.tethral.broker.TopicName;
import org.tethral.delivery.CloudEvent;
import org.tethral.delivery.Sink;
import org.tethral.event.Event;
import org.tethral.ingest.Answer;
import org.tethral.json.Json;

/// Publishes events on our own broker. "I have it" means: who is connected was handed it, and for
/// each kept session of a subscriber it is durable.
final class TopicSink implements Sink {

    private static final MessageProperties CLOUD_EVENT =
            new MessageProperties(true, CloudEvent.CONTENT_TYPE, null, null, List.of());
    private static final String COMMUNITY = "{community_id}";
    private static final String DEVICE = "{device_id}";
    private static final String TYPE = "{type}";

    private final Broker broker;
    private final String topic;
    private final int qos;
    private final boolean retain;
    private final InstantSource clock;

    /// What stands in place of the names in a topic.
    record Names(String type, String device, String community) {}

    TopicSink(Broker broker, String topic, int qos, boolean retain, InstantSource clock) {
        this.broker = broker;
        this.topic = topic;
        this.qos = qos;
        this.retain = retain;
        this.clock = clock;
    }

    static String filled(String topic, Names names) {
        return topic.replace(TYPE, names.type())
                .replace(COMMUNITY, names.community())
                .replace(DEVICE, names.device());
    }

    @Override
    public Outcome deliver(List<Event.Logged> events) throws InterruptedException {
        waitForRoom();
        var answers = new ArrayList<CompletableFuture<Answer>>();
        for (var logged : events) {
            var event = logged.event();
            if (topic.contains(COMMUNITY) && event.community() == null
                    || topic.contains(DEVICE) && event.device() == null) {
                return events.size() == 1
                        ? new Outcome.Refused("the topic names what the event does not have")
                        : failed("one of them has no place in the topic"); // each alone, then
            }
            var answer = new CompletableFuture<Answer>();
            switch (broker.publish(message(logged), null, 0, answer::complete)) {
                case AT_ONCE -> answer.complete(Answer.Stored.NOTHING_TO_NUMBER);
                case WHEN_DURABLE -> {}
                case NO_ROOM -> {
                    return failed("the broker has no room to retain it");
                }
            }
            answers.add(answer);
        }
        for (var answer : answers) {
            if (!(stored(answer) instanceof Answer.Stored)) {
                return failed("the broker could not keep it");
            }
        }
        return Outcome.DELIVERED;
    }

    private static Outcome failed(String why) {
        return new Outcome.Failed(why, null);
    }

    private void waitForRoom() throws InterruptedException {
        var room = new CompletableFuture<Answer>();
        broker.postings().whenRoom(() -> room.complete(Answer.Stored.NOTHING_TO_NUMBER));
        var _ = stored(room);
    }

    private static Answer stored(CompletableFuture<Answer> answer) throws InterruptedException {
        try {
            return answer.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("nothing completes it with a failure", e);
        }
    }

    private BrokerMessage message(Event.Logged logged) {
        var event = logged.event();
        var names =
                new Names(
                        event.type().value(),
                        event.device() == null ? "" : event.device().value(),
                        event.community() == null ? "" : event.community().toString());
        return new BrokerMessage(
                new TopicName(filled(topic, names)),
                Json.bytes(CloudEvent.of(logged)),
                qos,
                retain,
                CLOUD_EVENT,
                clock.instant(),
                event.ttl() == null ? null : event.timestamp().plus(event.ttl()));
    }

    @Override
    public void close() {}
}
