package org.tethral.sql;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The snapshot numbers of one lane on PostgreSQL: taken from a sequence of the database in blocks,
/// so that lanes and nodes never give out the same one, and a lane asks rarely. The blocks whose
/// snapshots may lack in the roll-ups are kept in the lane's row of `ingest_progress`: by them the
/// lane finds its own snapshots after a crash.
final class SnapshotBlocks {

    /// Numbers in a block: the increment of `snapshot_sequence`, and more than one commit may need.
    static final long SIZE = 1L << 22;

    private final List<Long> starts = new ArrayList<>();
    private boolean kept = true;
    private long next;
    private long end;
    private long rolledUpTo;

    long reserve(Session session, int count) throws SQLException {
        if (next + count > end) {
            next = session.sql("SELECT nextval('snapshot_sequence')").number();
            end = next + SIZE;
            starts.removeIf(start -> start + SIZE <= rolledUpTo + 1);
            starts.add(next);
            kept = false;
        }
        var first = next;
        next += count;
        return first;
    }

    void rolledUp(long mark) {
        rolledUpTo = Math.max(rolledUpTo, mark);
    }

    /// What must be kept with the next commit, as numbers with commas; null: what is kept is right.
    @Nullable String unkept() {
        return kept ? null : starts.stream().map(String::valueOf).collect(Collectors.joining(","));
    }

    void kept() {
        kept = true;
    }
}
