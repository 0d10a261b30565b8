package org.tethral.mqtt;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.tethral.broker.Subscription;
import org.tethral.device.DeviceId;
import org.tethral.ingest.Fact;
import org.tethral.json.Json;
import org.tethral.kernel.Document;
import org.tethral.kernel.StorageException;
import org.tethral.kernel.Value;
import org.tethral.payload.NativePayload;
import org.tethral.payload.ThingsBoardPayload;

/// Tells a device what is wanted of it: its desired values, their delta to what it reported, and,
/// as ThingsBoard devices know them, changed shared attributes. Only the newest counts: while a
/// client has no room, changes replace each other instead of queueing up. On the event loop.
final class DesiredFeed {

    static final String ATTRIBUTES_TOPIC = Destination.ME + "attributes";
    private static final Duration READ_AGAIN_AFTER = Duration.ofSeconds(5);

    private final DeviceTraffic traffic;
    private final Conversation conversation;
    private final Surroundings around;
    private final String desiredTopic;
    private final String deltaTopic;
    private long version = -1;
    private Document desired = Document.EMPTY;
    private Document delta = Document.EMPTY;
    private boolean desiredDue;
    private boolean retained;
    private boolean deltaDue;
    private boolean attributesDue;

    /// What the device knows of its shared attributes, as far as they were told here; null: not
    /// looked at yet.
    private @Nullable Document attributesKnown;

    /// What is to be told once it is read.
    private record Wish(boolean desired, boolean delta, boolean attributes) {
        boolean nothing() {
            return !desired && !delta && !attributes;
        }
    }

    DesiredFeed(DeviceTraffic traffic, Surroundings around) {
        this.traffic = traffic;
        this.conversation = traffic.conversation();
        this.around = around;
        this.desiredTopic = Destination.DEVICES + device() + "/desired";
        this.deltaTopic = Destination.DEVICES + device() + "/delta";
    }

    /// The session was there before the connection: what changed meanwhile is told.
    void resumed(List<Subscription> subscriptions) {
        subscribed(subscriptions);
    }

    void subscribed(List<Subscription> subscriptions) {
        var wish =
                new Wish(
                        wanted(subscriptions, desiredTopic),
                        wanted(subscriptions, deltaTopic),
                        wanted(subscriptions, ATTRIBUTES_TOPIC));
        if (!wish.nothing()) {
            read(wish);
        }
    }

    private static boolean wanted(List<Subscription> subscriptions, String topic) {
        return subscriptions.stream().anyMatch(one -> one.filter().matches(topic));
    }

    private void read(Wish wish) {
        var device = device();
        var outbox = conversation.connection().loop().outbox();
        var started =
                around.lookups()
                        .start(() -> {
                            try {
                                var state = around.states().find(device);
                                outbox.addAndRing(() ->
                                        state.ifPresent(one ->
                                                told(
                                                        wish,
                                                        one.desiredVersion(),
                                                        one.desired(),
                                                        one.delta())));
                            } catch (StorageException e) {
                                outbox.addAndRing(() -> readLater(wish));
                            }
                        });
        if (!started) {
            readLater(wish);
        }
    }

    private void readLater(Wish wish) {
        if (conversation.open()) {
            conversation
                    .connection()
                    .loop()
                    .events()
                    .schedule(() -> read(wish), READ_AGAIN_AFTER.toSeconds(), TimeUnit.SECONDS);
        }
    }

    private void told(Wish wish, long readVersion, Document readDesired, Document readDelta) {
        if (readVersion >= version) { // else a change was told while this was read
            version = readVersion;
            desired = readDesired;
            delta = readDelta;
        }
        desiredDue |= wish.desired() && version > 0;
        retained |= wish.desired();
        deltaDue |= wish.delta() && !delta.isEmpty();
        if (wish.attributes() && attributesKnown == null && !attributesDue) {
            attributesKnown = desired;
        }
        pump();
    }

    /// A change was committed.
    void changed(Fact.DesiredChanged change) {
        if (change.version() <= version) {
            return;
        }
        version = change.version();
        desired = change.desired();
        delta = change.delta();
        desiredDue = true;
        deltaDue = true;
        attributesDue = true;
        pump();
    }

    /// Sends what is due, as far as the client has room.
    void pump() {
        if (desiredDue
                && send(desiredTopic, () -> NativePayload.desired(version, desired), retained)) {
            desiredDue = false;
            retained = false;
        }
        if (deltaDue && send(deltaTopic, () -> NativePayload.delta(version, delta), false)) {
            deltaDue = false;
        }
        if (attributesDue) {
            sendAttributes();
        }
        conversation.flushLater();
    }

    private void sendAttributes() {
        var before = attributesKnown == null ? Document.EMPTY : attributesKnown;
        var changed = new LinkedHashMap<String, Value>();
        desired.values()
                .forEach((name, value) -> {
                    if (!value.equals(before.values().get(name))) {
                        changed.put(name, value);
                    }
                });
        var deleted = new ArrayList<String>(before.values().keySet());
        deleted.removeAll(desired.values().keySet());
        if (!changed.isEmpty() && !send(ATTRIBUTES_TOPIC, () -> new Document(changed), false)) {
            return;
        }
        if (!deleted.isEmpty()
                && !send(
                        ATTRIBUTES_TOPIC,
                        () -> ThingsBoardPayload.deletedAttributes(deleted),
                        false)) {
            attributesKnown = before.merged(new Document(changed));
            return;
        }
        attributesKnown = desired;
        attributesDue = false;
    }

    /// True when it is done with: sent, or nobody asked for it.
    private boolean send(
            String topic, java.util.function.Supplier<Document> payload, boolean asRetained) {
        var subscriptions = conversation.session().matching(topic);
        if (subscriptions.isEmpty()) {
            return true;
        }
        if (!conversation.outgoing().ready()) {
            return false;
        }
        conversation
                .outgoing()
                .send(
                        new Outgoing.Message(
                                topic, Json.write(payload.get()), asRetained, subscriptions));
        return true;
    }

    private DeviceId device() {
        return traffic.device().id();
    }
}
