package org.tethral.retention;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// From which moment on things of one kind are kept. What is of exactly that moment is kept, what
/// is a microsecond older is not.
///
/// @param period null: for good, unless a profile says otherwise
public record Ages(Kept kept, Instant now, @Nullable Duration period, Duration eventsHeld) {

    /// Null: all.
    public @Nullable Instant from() {
        return period == null ? null : now.minus(period);
    }

    public Instant eventsHeldFrom() {
        return now.minus(eventsHeld);
    }

    /// For a device whose profile says this; null: it has none.
    ///
    /// @param ofProfile `{"snapshots": 30}`: days
    public @Nullable Instant from(@Nullable Document ofProfile) {
        return ofProfile != null
                        && ofProfile.find(kept.word()).orElse(Value.Null.NULL)
                                instanceof Value.Numeric(var days)
                ? now.minus(Duration.ofDays(days.longValue()))
                : from();
    }

    /// The earliest of all that apply: what is older is kept for nobody. Null: there is one for
    /// whom all is kept.
    public @Nullable Instant earliest(Collection<Document> profiles) {
        var all = all(profiles);
        return all.contains(null)
                ? null
                : all.stream().filter(Objects::nonNull).min(Instant::compareTo).orElse(null);
    }

    /// The latest of all that apply: what is older may be gone. Null: nothing is.
    public @Nullable Instant latest(Collection<Document> profiles) {
        return all(profiles).stream().filter(Objects::nonNull).max(Instant::compareTo).orElse(null);
    }

    private List<@Nullable Instant> all(Collection<Document> profiles) {
        var all = new ArrayList<@Nullable Instant>();
        all.add(from());
        profiles.forEach(profile -> all.add(from(profile)));
        return all;
    }
}
