package org.tethral.sql;

import java.sql.SQLException;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;
import org.tethral.account.Ownership;
import org.tethral.alert.AlertRule;
import org.tethral.device.DeviceId;

/// Each question is answered by an index.
public final class SqlOwnership implements Ownership {

    private final Database database;

    public SqlOwnership(Database database) {
        this.database = database;
    }

    @Override
    public Optional<Owner> find(Kind kind, String id) {
        return database.read(
                "find whose a " + kind.words() + " is", session -> find(session, kind, id));
    }

    private static Optional<Owner> find(Session session, Kind kind, String id) throws SQLException {
        if (kind != Kind.ALERT_RULE) {
            return bound(kind, id, session).find(row -> new Owner(row.maybeCommunity()));
        }
        var scope =
                bound(kind, id, session)
                        .find(row -> AlertRows.scope(row.text("scope"), row.text("scope_id")));
        return scope.isEmpty() ? Optional.empty() : find(session, scope.get());
    }

    private static Optional<Owner> find(Session session, AlertRule.Scope scope)
            throws SQLException {
        return switch (scope) {
            case AlertRule.Scope.OfDevice(var device) -> find(session, Kind.DEVICE, device.value());
            case AlertRule.Scope.OfProfile(var profile) ->
                    find(session, Kind.PROFILE, profile.toString());
            case AlertRule.Scope.OfCommunity(var community) -> Optional.of(new Owner(community));
        };
    }

    /// Whose a rule is that is about this; null: nobody's, or about nothing.
    static @Nullable CommunityId owner(Session session, AlertRule.Scope scope) throws SQLException {
        return find(session, scope).map(Owner::community).orElse(null);
    }

    /// Null: nobody's, or there is no such device.
    static @Nullable CommunityId owner(Session session, DeviceId device) throws SQLException {
        return find(session, Kind.DEVICE, device.value()).map(Owner::community).orElse(null);
    }

    private static Sql bound(Kind kind, String id, Session session) throws SQLException {
        var sql = session.sql(statement(kind));
        return switch (kind) {
            case DEVICE, SUBSCRIPTION, EVENT -> sql.set(id);
            case PROFILE,
                    CREDENTIAL,
                    COMMAND,
                    CHANNEL,
                    ALERT,
                    ALERT_RULE,
                    SPACE,
                    LOCATION,
                    RESERVATION,
                    ACTUATION,
                    API_KEY,
                    COMMUNITY,
                    DISTRIBUTOR,
                    CUSTOMER,
                    USER ->
                    sql.set(UUID.fromString(id));
        };
    }

    private static String statement(Kind kind) {
        return switch (kind) {
            case DEVICE -> "SELECT community_id FROM devices WHERE device_id = ?";
            case PROFILE -> "SELECT community_id FROM device_profiles WHERE id = ?";
            case CREDENTIAL ->
                    """
                    SELECT d.community_id FROM device_credentials c JOIN devices d ON d.device_id = c.device_id
                    WHERE c.id = ?
                    """;
            case COMMAND -> "SELECT community_id FROM command_logs WHERE command_id = ?";
            case SUBSCRIPTION ->
                    "SELECT community_id FROM event_subscriptions WHERE subscription_id = ?";
            case CHANNEL ->
                    """
                    SELECT d.community_id FROM thingspeak_channels c JOIN devices d ON d.device_id = c.device_id
                    WHERE c.id = ?
                    """;
            case ALERT -> "SELECT community_id FROM alert_history WHERE id = ?";
            // whose what it is about is
            case ALERT_RULE -> "SELECT scope, scope_id FROM alert_rules WHERE id = ?";
            case SPACE -> "SELECT community_id FROM spaces WHERE id = ?";
            case LOCATION -> "SELECT community_id FROM locations WHERE id = ?";
            case RESERVATION -> "SELECT community_id FROM reservations WHERE id = ?";
            case ACTUATION -> "SELECT community_id FROM actuations WHERE id = ?";
            case EVENT -> "SELECT community_id FROM events WHERE event_id = ?";
            case API_KEY -> "SELECT community_id FROM api_keys WHERE id = ?";
            case COMMUNITY -> "SELECT id AS community_id FROM communities WHERE id = ?";
            case DISTRIBUTOR -> "SELECT community_id FROM distributors WHERE id = ?";
            case USER -> "SELECT community_id FROM users WHERE id = ?";
            case CUSTOMER -> "SELECT community_id FROM customers WHERE id = ?";
        };
    }
}
