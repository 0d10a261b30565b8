package org.tethral.delivery;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tethral.account.CommunityId;
import org.tethral.kernel.Document;
import org.tethral.kernel.Extensions;
import org.tethral.kernel.Vault;

/// All kinds of receivers that there are. They are looked for when the first is asked for, as many
/// a platform has no subscription.
public final class SinkKinds {

    private static final Logger LOG = LoggerFactory.getLogger(SinkKinds.class);
    private static final String OURS = "org.tethral.";

    private final List<SinkKind> wired;
    private final SinkKind.Surroundings surroundings;
    private final Vault vault;
    private @Nullable Map<String, SinkKind> known;

    /// @param wired kinds that need parts of this process, beside those that are found
    /// @param vault seals what must not be read in the database
    public SinkKinds(List<SinkKind> wired, SinkKind.Surroundings surroundings, Vault vault) {
        this.wired = List.copyOf(wired);
        this.surroundings = surroundings;
        this.vault = vault;
    }

    public Optional<SinkKind> find(String name) {
        return Optional.ofNullable(all().get(name));
    }

    public List<String> names() {
        return List.copyOf(all().keySet());
    }

    /// @param sink as it is to be kept
    /// @param made settings that the kind added: a secret, to be shown this once
    public record Checked(SinkSettings sink, Document made) {}

    /// Settings as somebody gave them, checked by their kind and made ready to be kept.
    ///
    /// @param before what was kept so far, which a change of other settings of the same kind keeps
    /// @param limitedTo who asks is of that community alone; null: of no single one
    /// @throws IllegalArgumentException there is no such kind, or it does not take them
    public Checked checked(
            SubscriptionId owner,
            String kind,
            Document given,
            @Nullable SinkSettings before,
            @Nullable CommunityId limitedTo) {
        var found =
                find(kind)
                        .orElseThrow(() ->
                                new IllegalArgumentException(
                                        "no sink '" + kind + "': " + String.join(", ", names())));
        var asked =
                before == null || !before.kind().equals(kind)
                        ? given
                        : new Sealing(vault, owner)
                                .opened(before.settings(), found.secrets())
                                .merged(given);
        var whole = found.checked(asked, surroundings);
        if (limitedTo != null) {
            found.checkWithin(limitedTo, whole);
        }
        var made = Document.EMPTY;
        for (var entry : whole.values().entrySet()) {
            if (asked.find(entry.getKey()).isEmpty()) {
                made = made.with(entry.getKey(), entry.getValue());
            }
        }
        var kept = new Sealing(vault, owner).sealed(whole, found.secrets());
        return new Checked(new SinkSettings(kind, kept), made);
    }

    /// The settings without what is never shown.
    public Document shown(SinkSettings sink) {
        var secrets = find(sink.kind()).map(SinkKind::secrets);
        var shown = Document.EMPTY;
        for (var entry : sink.settings().values().entrySet()) {
            // of a kind that is gone, nobody knows what is secret
            if (secrets.isPresent() && !secrets.get().contains(entry.getKey())) {
                shown = shown.with(entry.getKey(), entry.getValue());
            }
        }
        return shown;
    }

    Sink open(SubscriptionId owner, SinkSettings sink) throws Exception {
        var kind = find(sink.kind());
        if (kind.isEmpty()) {
            throw new IllegalStateException("this platform has no sink '" + sink.kind() + "'");
        }
        var settings = new Sealing(vault, owner).opened(sink.settings(), kind.get().secrets());
        return kind.get().open(settings, surroundings);
    }

    /// Others may block a thread for good, which must not be one that all share.
    boolean isOurs(SinkSettings sink) {
        return find(sink.kind())
                .filter(kind -> kind.getClass().getName().startsWith(OURS))
                .isPresent();
    }

    private synchronized Map<String, SinkKind> all() {
        var kinds = known;
        if (kinds == null) {
            kinds =
                    Extensions.load(
                            SinkKind.class,
                            SinkKind::name,
                            wired,
                            e -> LOG.atError().setCause(e).log("a kind of sink cannot be loaded"));
            known = kinds;
        }
        return kinds;
    }
}
