package org.tethral.dashboard;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;

/// Answers for the dashboards of many people, out of counts that are kept.
public final class Dashboard {

    /// How old an answer may be, and after what time it is asked for again.
    public static final Duration FRESH = Duration.ofSeconds(2);

    /// So old it may be where the database does not answer.
    public static final Duration USABLE = Duration.ofMinutes(10);

    public static final int ALERTS_MAX = 100;

    private static final int MINUTES_COUNTED = 60;

    private final FleetStore store;
    private final BooleanSupplier trusted;
    private final InstantSource clock;
    private final Answers<Optional<CommunityId>, FleetStatistics> statistics;
    private final Answers<Optional<CommunityId>, List<OpenAlert>> alerts;
    private final Map<Cached.Source, LongAdder> given =
            Stream.of(Cached.Source.values())
                    .collect(Collectors.toUnmodifiableMap(source -> source, _ -> new LongAdder()));

    /// @param trusted whether the counts that are kept were right when that was looked at last;
    ///   where they were not, everything is counted anew for each answer
    public Dashboard(FleetStore store, BooleanSupplier trusted, InstantSource clock) {
        this.store = store;
        this.trusted = trusted;
        this.clock = clock;
        this.statistics =
                new Answers<>(FRESH, USABLE, community -> count(community.orElse(null)), clock);
        this.alerts =
                new Answers<>(
                        FRESH,
                        USABLE,
                        community -> store.openAlerts(community.orElse(null), ALERTS_MAX),
                        clock);
    }

    /// @param community null: all
    /// @param anew an answer that is known already does not do
    /// @throws org.tethral.kernel.StorageException the database does not answer, and nothing recent
    ///   is known
    public Cached<FleetStatistics> statistics(@Nullable CommunityId community, boolean anew) {
        return noted(statistics.get(Optional.ofNullable(community), anew));
    }

    /// Alerts that are not resolved, newest first, [#ALERTS_MAX] at most. For the rest as
    /// [#statistics].
    public Cached<List<OpenAlert>> alerts(@Nullable CommunityId community, boolean anew) {
        return noted(alerts.get(Optional.ofNullable(community), anew));
    }

    private <V> Cached<V> noted(Cached<V> answer) {
        count(answer.source()).increment();
        return answer;
    }

    private LongAdder count(Cached.Source source) {
        return Objects.requireNonNull(given.get(source));
    }

    /// How many answers came from there since the start.
    public long given(Cached.Source source) {
        return count(source).sum();
    }

    private FleetStatistics count(@Nullable CommunityId community) {
        var now = clock.instant();
        return new FleetStatistics(
                counts(community), store.messages(community, sinceMinute(now)), now);
    }

    private FleetCounts counts(@Nullable CommunityId community) {
        if (store.maintains() && trusted.getAsBoolean()) {
            var maintained = store.maintained(community);
            if (maintained.isPossible()) {
                return maintained;
            }
        }
        return store.counted(community);
    }

    static Instant sinceMinute(Instant now) {
        return now.truncatedTo(ChronoUnit.MINUTES).minusSeconds(60L * (MINUTES_COUNTED - 1));
    }
}
