package org.tethral.source;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// How far a channel is read. What is stored are its entries from `first` to `last`, and, while
/// history is being read, those of before `first` up to [History#at].
///
/// @param first the oldest stored entry, 0: none yet
/// @param last the newest stored entry, 0: none yet
/// @param at from which time on the next look reads; null: nothing was read, and nobody said from
///   when on to read
/// @param missing entries that the source did not show, between others that it did
/// @param history null: none is being read
public record Position(
        long first, long last, @Nullable Instant at, long missing, @Nullable History history) {

    public static final Position NOTHING_READ = new Position(0, 0, null, 0, null);

    /// What lies before the first entry that was read, in the order of time.
    ///
    /// @param from the entries from that number on
    /// @param lowest of those that are read, 0: none yet
    /// @param at up to which time it is read
    public record History(long from, long lowest, Instant at) {

        public History read(long number, Instant to) {
            return new History(
                    from, number == 0 || lowest != 0 && lowest < number ? lowest : number, to);
        }
    }

    public static Position from(Instant time) {
        return new Position(0, 0, time, 0, null);
    }

    /// @param lowest of the entries that were read, and `highest`; `highestAt` the newest time
    public Position read(long lowest, long highest, Instant highestAt) {
        return new Position(
                first == 0 ? lowest : Math.min(first, lowest),
                Math.max(last, highest),
                highestAt,
                missing,
                history);
    }

    /// Nothing is there yet: all that comes is to be read.
    public Position waitingSince(Instant time) {
        return new Position(first, last, time, missing, history);
    }

    public Position missing(long more) {
        return new Position(first, last, at, missing + more, history);
    }

    public Position with(History next) {
        return new Position(first, last, at, missing, next);
    }

    /// All history that was asked for is read.
    public Position historyRead() {
        var lowest = history == null ? 0 : history.lowest();
        return new Position(lowest == 0 ? first : Math.min(first, lowest), last, at, missing, null);
    }

    /// The channel was cleared: it counts from 1 again.
    public Position cleared() {
        return new Position(0, 0, at, missing, null);
    }
}
