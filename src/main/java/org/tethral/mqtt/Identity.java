package org.tethral.mqtt;

import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.tethral.account.Actor;
import org.tethral.account.Principal;
import org.tethral.account.Role;
import org.tethral.account.Scope;
import org.tethral.broker.TopicFilter;
import org.tethral.broker.TopicName;
import org.tethral.device.ConnectingDevice;

/// Who a client is, and so which topics it may use: the one place where that is decided.
sealed interface Identity {

    /// What the platform tells applications stands below this.
    String COMMUNITIES = "communities";

    /// What applications tell each other stands below this.
    String APPS = "apps";

    /// Kinds of owners.
    String DEVICE = "device";

    String API_KEY = "api_key";
    String OPEN = "open";

    /// First levels that mean something to the platform.
    Set<String> RESERVED = Set.of("devices", "v1", COMMUNITIES, APPS, "$SYS", "$share");

    record OfDevice(ConnectingDevice device) implements Identity {}

    /// A program with an API key.
    record OfApplication(UUID key, Principal principal) implements Identity {}

    /// Nobody in particular, where general topics are open.
    enum Anybody implements Identity {
        ANYBODY
    }

    /// To whom its sessions belong.
    default Actor owner() {
        return switch (this) {
            case OfDevice(var device) -> Actor.device(device.id().value());
            case OfApplication(var key, _) -> Actor.apiKey(key.toString());
            case Anybody _ -> new Actor(OPEN, "anybody");
        };
    }

    /// How many sessions it may have at a time.
    default int sessionsMax() {
        return switch (this) {
            case OfDevice _ -> Sessions.CONNECTIONS_PER_DEVICE_MAX;
            case OfApplication _ -> Sessions.CONNECTIONS_PER_KEY_MAX;
            case Anybody _ -> Sessions.CONNECTIONS_OF_ANYBODY_MAX;
        };
    }

    /// Null: it may.
    default @Nullable Refusal subscribing(TopicFilter filter) {
        return switch (this) {
            case OfDevice(var device) -> {
                if (filter.shared()) {
                    yield new Refusal(
                            Reason.SHARED_SUBSCRIPTIONS_NOT_SUPPORTED,
                            "shared subscriptions are not for devices");
                }
                var own =
                        filter.staysBelow(List.of("devices", device.id().value()))
                                || filter.staysBelow(List.of("v1", "devices", "me"))
                                || filter.staysBelow(List.of("v1", "gateway"));
                yield own ? null : no("device " + device.id() + " must not subscribe to " + filter);
            }
            case OfApplication(_, var principal) -> {
                var community = principal.community();
                var own =
                        community == null
                                ? principal.role() == Role.SUPERADMIN
                                : filter.staysBelow(List.of(COMMUNITIES, community.toString()))
                                        || filter.staysBelow(List.of(APPS, community.toString()));
                yield own && principal.may(Scope.READ)
                        ? null
                        : no("this API key must not subscribe to " + filter);
            }
            case Anybody _ ->
                    RESERVED.contains(filter.levels().getFirst())
                            ? no("log in to subscribe to " + filter)
                            : null;
        };
    }

    /// Null: it may. Not asked of devices, whose topics are what they mean.
    default @Nullable Refusal publishing(TopicName topic) {
        var first = topic.levels().getFirst();
        return switch (this) {
            case OfDevice _ -> no("a device must not publish to " + topic);
            case OfApplication(_, var principal) -> {
                var community = principal.community();
                var answer = DeviceCalls.AnswerTopic.of(topic) != null;
                var own =
                        community == null
                                ? principal.role() == Role.SUPERADMIN
                                        && (first.equals(APPS)
                                                || answer
                                                || !RESERVED.contains(first))
                                : (first.equals(APPS) || answer)
                                        && topic.levels().size() > 2
                                        && topic.levels().get(1).equals(community.toString());
                yield own
                                && principal.role().covers(Role.OPERATOR)
                                && principal.may(answer ? Scope.COMMANDS_SEND : Scope.EVENTS_WRITE)
                        ? null
                        : no("this API key must not publish to " + topic);
            }
            case Anybody _ -> RESERVED.contains(first) ? no("log in to publish to " + topic) : null;
        };
    }

    /// Where its answers may come to (MQTT 5, 3.1.2.11.6); null: nothing to suggest.
    default @Nullable String responseTopics() {
        return this instanceof OfApplication(_, var principal) && principal.community() != null
                ? APPS + "/" + principal.community() + "/responses"
                : null;
    }

    /// Whether an owner gets messages of that topic at all, whatever its wildcards say.
    static boolean mayReceive(Actor owner, TopicName topic) {
        return !owner.kind().equals(OPEN) || !RESERVED.contains(topic.levels().getFirst());
    }

    private static Refusal no(String text) {
        return new Refusal(Reason.NOT_AUTHORIZED, text);
    }
}
