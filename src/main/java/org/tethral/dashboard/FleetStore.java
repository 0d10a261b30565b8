package org.tethral.dashboard;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;

/// What a dashboard shows, kept. A community of null stands for all of them.
public interface FleetStore {

    /// As they were kept while things changed: always cheap.
    FleetCounts maintained(@Nullable CommunityId community);

    /// Counted now, by covering indexes: the cost grows with the fleet.
    FleetCounts counted(@Nullable CommunityId community);

    /// Messages since the beginning of that minute.
    long messages(@Nullable CommunityId community, Instant since);

    /// Newest first.
    List<OpenAlert> openAlerts(@Nullable CommunityId community, int limit);

    /// Whether the counts that are kept can be trusted on this database at all.
    boolean maintains();

    /// Sums up changes that were noted beside the counts.
    ///
    /// @return how many; as many as the limit: there may be more
    int sumUp(int limit);

    /// Counts everything, and corrects what is kept where that says something else.
    ///
    /// @return how many communities had it wrong
    int repair();

    /// Forgets how many messages there were before that time.
    void forgetMessages(Instant before);
}
