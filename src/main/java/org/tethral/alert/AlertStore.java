package org.tethral.alert;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.tethral.account.Actor;
import org.tethral.account.CommunityId;
import org.tethral.device.DeviceId;
import org.tethral.kernel.Page;

/// Rules, and the alerts that came of them. An act and its event are one commit.
public interface AlertStore {

    sealed interface Outcome {
        record Stored(AlertRule rule) implements Outcome {}

        record Unknown(UUID id) implements Outcome {}

        /// Somebody else changed it meanwhile.
        record VersionIsNow(long version) implements Outcome {}

        /// @param community whose share is used up; null: there is no room for anybody's
        record TooMany(int most, @Nullable CommunityId community) implements Outcome {}

        /// Of the device, profile or community there is none.
        record NothingThere() implements Outcome {}
    }

    /// All that is given must hold; null asks for nothing.
    ///
    /// @param from triggered at that time or later
    /// @param to triggered before
    record Filter(
            @Nullable Boolean open,
            @Nullable Boolean acknowledged,
            @Nullable Severity severity,
            @Nullable UUID rule,
            @Nullable DeviceId device,
            @Nullable CommunityId community,
            @Nullable Instant from,
            @Nullable Instant to) {

        public static final Filter ALL = new Filter(null, null, null, null, null, null, null, null);

        public static final Filter OPEN =
                new Filter(true, null, null, null, null, null, null, null);

        public static Filter of(DeviceId device) {
            return new Filter(null, null, null, null, device, null, null, null);
        }
    }

    Outcome add(AlertRule rule);

    /// Its open alerts end, and what was watched for it begins anew.
    ///
    /// @param next with the version that it is a change of
    Outcome change(AlertRule next, Actor by, Instant at);

    /// Its open alerts end; those that were stay in the history.
    boolean remove(UUID id, Actor by, Instant at);

    Optional<AlertRule> rule(UUID id);

    /// By name: those about devices, profiles or that community itself that are of it or, as a
    /// profile may be, of none; null: all.
    List<AlertRule> rules(@Nullable CommunityId community);

    /// Newest first.
    Page<Alert> list(Filter filter, Page.Request page);

    Optional<Alert> find(UUID id);

    /// Once: what comes later changes nothing. Empty: there is no such alert.
    Optional<Alert> acknowledge(UUID id, Alert.Acknowledgement by);

    /// Once: what comes later changes nothing. The next alert of this rule and device comes after
    /// its condition has cleared. Empty: there is no such alert.
    Optional<Alert> resolve(UUID id, Alert.Resolution by);
}
