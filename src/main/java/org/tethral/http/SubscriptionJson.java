package org.tethral.http;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;
import org.tethral.delivery.DataFilter;
import org.tethral.delivery.Delivery;
import org.tethral.delivery.Interest;
import org.tethral.delivery.SinkKinds;
import org.tethral.delivery.SinkSettings;
import org.tethral.delivery.Standing;
import org.tethral.delivery.Subscription;
import org.tethral.delivery.SubscriptionId;
import org.tethral.device.DeviceId;
import org.tethral.event.Priority;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// Subscriptions and deliveries between the API and the domain.
final class SubscriptionJson {

    private SubscriptionJson() {}

    static Document document(Standing standing, SinkKinds kinds) {
        var subscription = standing.subscription();
        var interest = subscription.interest();
        var terms = subscription.terms();
        return new Fields()
                .word("subscription_id", subscription.name())
                .text("subscriber_id", subscription.subscriber())
                .list("event_types", interest.types(), Value::of)
                .list("sources", interest.sources(), Value::of)
                .word("device_id", interest.device())
                .word("community_id", interest.community())
                .text("priority", interest.minimumPriority().word())
                .text("filter", interest.filter().text())
                .value("sink", sink(subscription.sink(), kinds))
                .number("batch", terms.batch())
                .number("in_flight", terms.inFlight())
                .number("max_attempts", terms.attemptsMax())
                .number("timeout_seconds", terms.timeout().toSeconds())
                .truth("tracked", terms.tracked())
                .truth("active", subscription.active())
                .number("version", subscription.version())
                .time("created_at", subscription.createdAt())
                .text("state", state(standing))
                .number("cursor", standing.cursor())
                .number("delivered", standing.counts().delivered())
                .number("failed_attempts", standing.counts().failed())
                .number("expired", standing.counts().expired())
                .number("dead", standing.counts().dead())
                .time("last_delivered_at", standing.lastDeliveredAt())
                .text("last_error", standing.lastError())
                .time("failing_since", standing.failingSince())
                .text("node", standing.worker())
                .document();
    }

    private static String state(Standing standing) {
        if (!standing.subscription().active()) {
            return "paused";
        }
        if (standing.worker() == null) {
            return "starting";
        }
        return standing.failingSince() == null ? "delivering" : "failing";
    }

    static Document sink(SinkSettings sink, SinkKinds kinds) {
        var document = Document.of("kind", Value.of(sink.kind()));
        for (var entry : kinds.shown(sink).values().entrySet()) {
            document = document.with(entry.getKey(), entry.getValue());
        }
        return document;
    }

    static Document delivery(Delivery delivery) {
        return new Fields()
                .number("sequence", delivery.sequence())
                .text("event_id", delivery.eventId())
                .text("status", delivery.status().word())
                .number("attempts", delivery.attempts())
                .time("next_attempt_at", delivery.nextAttemptAt())
                .text("last_error", delivery.lastError())
                .time("delivered_at", delivery.deliveredAt())
                .time("updated_at", delivery.updatedAt())
                .document();
    }

    static Interest interest(Document given) {
        try {
            return new Interest(
                    texts(given, "event_types"),
                    texts(given, "sources"),
                    given.text("device_id")
                            .map(text -> ApiRequest.parsed("device_id", text, DeviceId::new))
                            .orElse(null),
                    given.text("community_id")
                            .map(text ->
                                    ApiRequest.parsed("community_id", text, CommunityId::parse))
                            .orElse(null),
                    given.text("priority").map(Priority::parse).orElse(Priority.LOW),
                    given.text("filter")
                            .map(text -> ApiRequest.parsed("filter", text, DataFilter::parse))
                            .orElse(DataFilter.NONE));
        } catch (IllegalArgumentException e) {
            throw new Refusal(Problem.invalid("event_types", String.valueOf(e.getMessage())));
        }
    }

    static Subscription.Terms terms(Document given, int batchDefault) {
        var standard = Subscription.Terms.standard(batchDefault);
        return new Subscription.Terms(
                number(given, "batch").orElse(standard.batch()),
                number(given, "in_flight").orElse(standard.inFlight()),
                number(given, "max_attempts").orElse(standard.attemptsMax()),
                number(given, "timeout_seconds")
                        .map(Duration::ofSeconds)
                        .orElse(standard.timeout()),
                given.find("tracked").filter(Value.Bool.TRUE::equals).isPresent());
    }

    static SinkKinds.Checked sink(
            SubscriptionId name,
            Document given,
            @Nullable SinkSettings before,
            @Nullable CommunityId limitedTo,
            SinkKinds kinds) {
        var kind = given.text("kind").orElseGet(() -> before == null ? "" : before.kind());
        var settings = given.merged(Document.of("kind", Value.Null.NULL));
        try {
            return kinds.checked(name, kind, settings, before, limitedTo);
        } catch (IllegalArgumentException e) {
            throw new Refusal(Problem.invalid("sink", String.valueOf(e.getMessage())));
        }
    }

    static List<Long> numbers(Document given, String name) {
        var numbers = new ArrayList<Long>();
        if (given.find(name).orElse(Value.Null.NULL) instanceof Value.Array(var items)) {
            for (var item : items) {
                if (item instanceof Value.Numeric(var number)) {
                    numbers.add(number.longValue());
                }
            }
        }
        return numbers;
    }

    private static Optional<Integer> number(Document given, String name) {
        return given.find(name).orElse(Value.Null.NULL) instanceof Value.Numeric(var number)
                ? Optional.of(number.intValue())
                : Optional.empty();
    }

    private static List<String> texts(Document given, String name) {
        var texts = new ArrayList<String>();
        if (given.find(name).orElse(Value.Null.NULL) instanceof Value.Array(var items)) {
            for (var item : items) {
                if (item instanceof Value.Text(var text)) {
                    texts.add(text);
                }
            }
        }
        return texts;
    }
}
