package org.tethral.alert;

import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;
import org.tethral.device.DeviceId;
import org.tethral.device.ProfileId;

/// What somebody wants to be told of.
///
/// @param lasting how long the condition must hold before an alert is triggered
/// @param version counts changes, from 1
public record AlertRule(
        UUID id,
        String name,
        Scope scope,
        Condition condition,
        Duration lasting,
        Severity severity,
        boolean enabled,
        long version,
        Instant createdAt) {

    /// Rules about one community, its devices and its profiles.
    public static final int RULES_PER_COMMUNITY_MAX = 1_000;

    /// Of all communities together: all are held in memory, and read anew every second.
    public static final int RULES_MAX = 5_000;

    public static final Duration LASTING_MAX = Duration.ofDays(365);

    /// Which devices it is about.
    public sealed interface Scope {
        record OfDevice(DeviceId device) implements Scope {}

        record OfProfile(ProfileId profile) implements Scope {}

        record OfCommunity(CommunityId community) implements Scope {}

        default boolean covers(Member member) {
            return switch (this) {
                case OfDevice(var device) -> device.equals(member.device());
                case OfProfile(var profile) -> profile.equals(member.profile());
                case OfCommunity(var community) -> community.equals(member.community());
            };
        }
    }

    /// What a device belongs to.
    public record Member(
            DeviceId device, @Nullable CommunityId community, @Nullable ProfileId profile) {}

    public AlertRule {
        if (name.isBlank() || name.length() > 255) {
            throw new IllegalArgumentException("a name has 1 to 255 characters");
        }
        if (lasting.isNegative() || lasting.compareTo(LASTING_MAX) > 0) {
            throw new IllegalArgumentException("for_seconds is 0 to a year");
        }
        if (condition instanceof Condition.Silence && lasting.isZero()) {
            throw new IllegalArgumentException("silence needs for_seconds above 0");
        }
    }

    /// What an alert of this rule says.
    public String message(@Nullable Double value) {
        var told = condition.told(value);
        return lasting.isZero() ? told : told + " for " + lasting.toSeconds() + " s";
    }
}
