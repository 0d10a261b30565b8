package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.tethral.account.CommunityId;
import org.tethral.account.Organization;
import org.tethral.alert.AlertRule;
import org.tethral.alert.AlertStore;
import org.tethral.alert.Condition;
import org.tethral.alert.Severity;
import org.tethral.delivery.DataFilter;
import org.tethral.delivery.Interest;
import org.tethral.delivery.SinkSettings;
import org.tethral.delivery.Subscription;
import org.tethral.delivery.SubscriptionId;
import org.tethral.delivery.SubscriptionStore;
import org.tethral.device.DeviceId;
import org.tethral.event.Priority;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;
import org.tethral.source.Channel;
import org.tethral.source.ChannelStore;
import org.tethral.source.Position;

/// What one community takes is its own share: others have room, however much it wants.
@EachEngine
class SharesContractTest {

    private final Database database;
    private final CommunityId greedy;
    private final CommunityId other;

    SharesContractTest(TestDatabase test) {
        this.database = test.database();
        this.greedy = community("greedy");
        this.other = community("other");
    }

    @Test
    void ofAlertRules() {
        var rules = new SqlAlertStore(database);
        var device = device(greedy);
        var first = rule(new AlertRule.Scope.OfCommunity(greedy));
        assertThat(rules.add(first)).isInstanceOf(AlertStore.Outcome.Stored.class);
        copy(
                AlertRule.RULES_PER_COMMUNITY_MAX - 2,
                """
                INSERT INTO alert_rules (id, name, scope, scope_id, condition, for_seconds, severity, created_at)
                SELECT ?, name, scope, scope_id, condition, for_seconds, severity, created_at
                FROM alert_rules WHERE id = ?
                """,
                (sql, _) -> sql.set(UUID.randomUUID()).set(first.id()));
        var ofDevice = new AlertRule.Scope.OfDevice(device);
        assertThat(rules.add(rule(ofDevice))).isInstanceOf(AlertStore.Outcome.Stored.class);
        var full = new AlertStore.Outcome.TooMany(AlertRule.RULES_PER_COMMUNITY_MAX, greedy);
        assertThat(rules.add(rule(ofDevice))).isEqualTo(full);
        assertThat(rules.add(rule(new AlertRule.Scope.OfCommunity(greedy)))).isEqualTo(full);
        assertThat(rules.add(rule(new AlertRule.Scope.OfCommunity(other))))
                .isInstanceOf(AlertStore.Outcome.Stored.class);
    }

    @Test
    void ofSubscriptions() {
        var subscriptions = new SqlSubscriptionStore(database);
        var first = subscription(greedy);
        assertThat(subscriptions.add(first, 0))
                .isInstanceOf(SubscriptionStore.Outcome.Stored.class);
        copy(
                Subscription.PER_COMMUNITY_MAX - 1,
                """
                INSERT INTO event_subscriptions
                    (id, subscription_id, subscriber_id, community_id, sink, terms, active, created_at, cursor, read_to)
                SELECT ?, ?, subscriber_id, community_id, sink, terms, active, created_at, cursor, read_to
                FROM event_subscriptions WHERE id = ?
                """,
                (sql, _) -> sql.set(UUID.randomUUID()).set(name()).set(first.id()));
        assertThat(subscriptions.add(subscription(greedy), 0))
                .isEqualTo(
                        new SubscriptionStore.Outcome.TooMany(
                                Subscription.PER_COMMUNITY_MAX, greedy));
        for (var one : List.of(subscription(other), subscription(null))) {
            assertThat(subscriptions.add(one, 0))
                    .isInstanceOf(SubscriptionStore.Outcome.Stored.class);
        }
    }

    @Test
    void ofChannels() {
        var channels = new SqlChannelStore(database);
        var device = device(greedy);
        var first = channel(device, "0");
        assertThat(channels.add(first, Position.NOTHING_READ))
                .isInstanceOf(ChannelStore.Outcome.Stored.class);
        copy(
                Channel.PER_COMMUNITY_MAX - 1,
                """
                INSERT INTO thingspeak_channels (id, device_id, channel_id, poll_interval_s, enabled, created_at)
                SELECT ?, device_id, ?, poll_interval_s, enabled, created_at
                FROM thingspeak_channels WHERE id = ?
                """,
                (sql, number) -> sql.set(UUID.randomUUID()).set("" + number).set(first.id()));
        assertThat(channels.add(channel(device, "one more"), Position.NOTHING_READ))
                .isEqualTo(new ChannelStore.Outcome.TooMany(Channel.PER_COMMUNITY_MAX, greedy));
        assertThat(channels.add(channel(device(other), "0"), Position.NOTHING_READ))
                .isInstanceOf(ChannelStore.Outcome.Stored.class);
    }

    private interface Binding {
        Sql bind(Sql sql, int number) throws SQLException;
    }

    /// So many more rows like one that is there, in one commit.
    private void copy(int count, String statement, Binding binding) {
        database.write(
                "fill up",
                session -> {
                    for (int i = 1; i <= count; i++) {
                        binding.bind(session.sql(statement), i).update();
                    }
                    return count;
                });
    }

    private CommunityId community(String name) {
        var id = UUID.randomUUID();
        new SqlOrganizationStore(database)
                .add(
                        new Organization(
                                Organization.Kind.COMMUNITY,
                                id,
                                new CommunityId(id),
                                name + id,
                                Document.EMPTY,
                                TestDatabase.NOW));
        return new CommunityId(id);
    }

    private DeviceId device(CommunityId community) {
        var device = Devices.of(name(), community);
        new SqlDeviceStore(database).add(device, null, Devices.ACTOR);
        return device.deviceId();
    }

    private static String name() {
        return "share-" + UUID.randomUUID();
    }

    private static AlertRule rule(AlertRule.Scope scope) {
        return new AlertRule(
                UUID.randomUUID(),
                "rule",
                scope,
                new Condition.Silence(),
                Duration.ofSeconds(60),
                Severity.WARNING,
                false,
                1,
                TestDatabase.NOW);
    }

    private static Subscription subscription(@Nullable CommunityId community) {
        return new Subscription(
                UUID.randomUUID(),
                new SubscriptionId(name()),
                "api_key:test",
                new Interest(List.of(), List.of(), null, community, Priority.LOW, DataFilter.NONE),
                new SinkSettings("webhook", Document.of("url", Value.of("https://example.org/"))),
                Subscription.Terms.standard(1),
                false,
                1,
                TestDatabase.NOW);
    }

    private static Channel channel(DeviceId device, String number) {
        return new Channel(
                UUID.randomUUID(),
                device,
                "thingspeak",
                number,
                null,
                Channel.ACCOUNT_DEFAULT,
                Map.of(),
                Channel.INTERVAL_DEFAULT,
                false,
                1,
                TestDatabase.NOW);
    }
}
