package org.tethral.mqtt;

import java.util.Set;
import java.util.function.Supplier;
import org.tethral.account.CommunityId;
import org.tethral.broker.TopicName;
import org.tethral.delivery.Sink;
import org.tethral.delivery.SinkKind;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// `mqtt`: a topic of our own broker, for applications. Settings `topic`, in which `{type}`,
/// `{device_id}` and `{community_id}` stand for what the event says, `qos` and `retain`.
final class TopicKind implements SinkKind {

    static final String TOPIC_DEFAULT = Identity.COMMUNITIES + "/{community_id}/events/{type}";

    private static final int QOS_DEFAULT = 1;
    private static final Set<String> SETTINGS = Set.of("topic", "qos", "retain");

    /// As short as they may be, to see what a topic comes to.
    private static final TopicSink.Names EXAMPLE = new TopicSink.Names("t", "d", "c");

    private final Broker broker;

    TopicKind(Broker broker) {
        this.broker = broker;
    }

    @Override
    public String name() {
        return "mqtt";
    }

    @Override
    public Document checked(Document given, Surroundings surroundings) {
        for (var name : given.values().keySet()) {
            if (!SETTINGS.contains(name)) {
                throw new IllegalArgumentException(
                        name + " is no setting of an MQTT topic: topic, qos, retain");
            }
        }
        var topic = setting("topic", given.text("topic").orElse(TOPIC_DEFAULT));
        if (!(given.find("qos").orElse(Value.of((long) QOS_DEFAULT))
                        instanceof Value.Numeric(var qos))
                || qos.longValue() < 0
                || qos.longValue() > 2) {
            throw new IllegalArgumentException("qos is 0, 1 or 2");
        }
        if (!(given.find("retain").orElse(Value.Bool.FALSE) instanceof Value.Bool retain)) {
            throw new IllegalArgumentException("retain is true or false");
        }
        return Document.of("topic", Value.of(topic))
                .with("qos", Value.of(qos.longValue()))
                .with("retain", retain);
    }

    /// What devices publish and are told is not for others to say.
    private static String setting(String name, String topic) {
        TopicName example;
        try {
            example = new TopicName(TopicSink.filled(topic, EXAMPLE));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(name + ": " + e.getMessage(), e);
        }
        var levels = example.levels();
        var first = levels.getFirst();
        var told = first.equals(Identity.COMMUNITIES);
        if (told && !(levels.size() > 2 && levels.get(2).equals("events"))) {
            throw new IllegalArgumentException(
                    name + ": below communities, only communities/{community_id}/events/… is free");
        }
        if (!told && !first.equals(Identity.APPS) && Identity.RESERVED.contains(first)) {
            throw new IllegalArgumentException(
                    name + ": topics below " + first + " mean something else");
        }
        return topic;
    }

    /// Where an application of the community might publish or be told, too.
    @Override
    public void checkWithin(CommunityId community, Document settings) {
        var topic =
                settings.text("topic").orElse("").replace("{community_id}", community.toString());
        if (!topic.startsWith(Identity.COMMUNITIES + "/" + community + "/events/")
                && !topic.startsWith(Identity.APPS + "/" + community + "/")) {
            throw new IllegalArgumentException(
                    "topic: yours are communities/"
                            + community
                            + "/events/… and apps/"
                            + community
                            + "/…");
        }
    }

    @Override
    public Sink open(Document settings, Surroundings surroundings) {
        Supplier<IllegalStateException> none =
                () -> new IllegalStateException("a topic was checked when it was given");
        var qos =
                settings.find("qos").orElseThrow(none) instanceof Value.Numeric(var number)
                        ? number.intValue()
                        : QOS_DEFAULT;
        return new TopicSink(
                broker,
                settings.text("topic").orElseThrow(none),
                qos,
                settings.find("retain").filter(Value.Bool.TRUE::equals).isPresent(),
                surroundings.clock());
    }
}
