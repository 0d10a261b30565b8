package org.tethral.delivery;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tethral.kernel.Page;

/// Who works on which subscription, and how far each has come.
public interface DeliveryStore {

    /// @param revision rises when a worker must begin anew
    /// @param fence higher than that of whoever worked on it before
    record Held(SubscriptionId subscription, long revision, long fence) {}

    /// Where a new worker begins.
    ///
    /// @param waiting has rows that are pending or retrying
    record Start(Subscription subscription, long readTo, List<Long> unsettled, boolean waiting) {}

    /// Keeps for `node` what it holds, and takes active subscriptions that nobody holds any more.
    /// Leases last a few seconds by the clock of the database; on SQLite, as long as the process.
    ///
    /// @param held with which fence; what was taken by others meanwhile is not among the answer
    List<Held> claim(String node, Map<SubscriptionId, Long> held);

    /// Gives these up at once.
    void release(String node, Map<SubscriptionId, Long> held);

    /// Empty: it was removed.
    Optional<Start> start(SubscriptionId name);

    /// Rows that are pending or retrying, by sequence.
    List<Delivery> waiting(SubscriptionId name, long afterSequence, int limit);

    /// Writes all of this in one commit.
    ///
    /// @return those of which nothing was written, as somebody else works on them by now
    Set<SubscriptionId> keep(List<Progress> progress);

    /// Newest event first.
    Page<Delivery> list(
            SubscriptionId name, Delivery.@Nullable Status status, Page.Request request);

    /// Rows by status.
    Map<Delivery.Status, Long> count(SubscriptionId name);

    /// Has dead and expired letters sent again, with all their attempts before them.
    ///
    /// @param sequences those; empty: all that are dead
    /// @return how many
    int redrive(SubscriptionId name, List<Long> sequences);
}
