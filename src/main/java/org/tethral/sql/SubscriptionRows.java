package org.tethral.sql;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.tethral.delivery.Counts;
import org.tethral.delivery.DataFilter;
import org.tethral.delivery.Interest;
import org.tethral.delivery.SinkSettings;
import org.tethral.delivery.Standing;
import org.tethral.delivery.Subscription;
import org.tethral.delivery.SubscriptionId;
import org.tethral.device.DeviceId;
import org.tethral.event.Priority;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// The rows of `event_subscriptions`.
final class SubscriptionRows {

    static final String SELECT =
            """
            SELECT id, subscription_id, subscriber_id, community_id, event_types, sources, device_id, priority_filter,
                   filter, sink, terms, active, version, created_at, cursor, read_to, unsettled, delivered,
                   failed_attempts, expired, dead, last_delivered_at, last_error, failing_since, worker
            FROM event_subscriptions {where}
            """;

    private SubscriptionRows() {}

    /// The columns that people set, in the order of `INSERT` and `UPDATE`: from `subscriber_id` to
    /// `active`.
    static Sql bind(Sql sql, Subscription subscription) throws SQLException {
        var interest = subscription.interest();
        var sink = subscription.sink();
        var terms = subscription.terms();
        return sql.set(subscription.subscriber())
                .set(interest.community())
                .setTexts(interest.types())
                .setTexts(interest.sources())
                .set(interest.device())
                .set(interest.minimumPriority().word())
                .set(interest.filter().text())
                .set(Document.of("kind", Value.of(sink.kind())).with("settings", sink.settings()))
                .set(
                        Document.of("batch", Value.of(terms.batch()))
                                .with("in_flight", Value.of(terms.inFlight()))
                                .with("max_attempts", Value.of(terms.attemptsMax()))
                                .with("timeout_seconds", Value.of(terms.timeout().toSeconds()))
                                .with("tracked", Value.of(terms.tracked())))
                .set(subscription.active());
    }

    static Standing standing(Row row) throws SQLException {
        return new Standing(
                subscription(row),
                row.number("cursor"),
                new Counts(
                        row.number("delivered"),
                        row.number("failed_attempts"),
                        row.number("expired"),
                        row.number("dead")),
                row.maybeText("worker"),
                row.maybeTime("last_delivered_at"),
                row.maybeText("last_error"),
                row.maybeTime("failing_since"));
    }

    static Subscription subscription(Row row) throws SQLException {
        var device = row.maybeText("device_id");
        return new Subscription(
                row.uuid("id"),
                new SubscriptionId(row.text("subscription_id")),
                row.text("subscriber_id"),
                new Interest(
                        row.texts("event_types"),
                        row.texts("sources"),
                        device == null ? null : new DeviceId(device),
                        row.maybeCommunity(),
                        Priority.parse(row.text("priority_filter")),
                        DataFilter.parse(row.text("filter"))),
                sink(row.document("sink")),
                terms(row.document("terms")),
                row.flag("active"),
                row.number("version"),
                row.time("created_at"));
    }

    private static SinkSettings sink(Document kept) {
        var settings =
                kept.find("settings").orElse(Document.EMPTY) instanceof Document document
                        ? document
                        : Document.EMPTY;
        return new SinkSettings(kept.text("kind").orElse(""), settings);
    }

    private static Subscription.Terms terms(Document kept) {
        return new Subscription.Terms(
                number(kept, "batch", 1),
                number(kept, "in_flight", Subscription.Terms.IN_FLIGHT_DEFAULT),
                number(kept, "max_attempts", Subscription.Terms.ATTEMPTS_DEFAULT),
                Duration.ofSeconds(
                        number(
                                kept,
                                "timeout_seconds",
                                (int) Subscription.Terms.TIMEOUT_DEFAULT.toSeconds())),
                kept.find("tracked").filter(Value.Bool.TRUE::equals).isPresent());
    }

    private static int number(Document kept, String name, int byDefault) {
        return kept.find(name).orElse(Value.Null.NULL) instanceof Value.Numeric(var number)
                ? number.intValue()
                : byDefault;
    }

    static List<Long> numbers(Row row, String column) throws SQLException {
        return row.json(column) instanceof Value.Array(var items)
                ? items.stream()
                        .filter(Value.Numeric.class::isInstance)
                        .map(item -> ((Value.Numeric) item).value().longValue())
                        .toList()
                : List.of();
    }

    static Value.Array array(List<Long> numbers) {
        return new Value.Array(numbers.stream().<Value>map(Value::of).toList());
    }
}
