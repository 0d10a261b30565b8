package org.tethral.http;

import java.time.InstantSource;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.tethral.account.Actor;
import org.tethral.account.AuditEntry;
import org.tethral.account.AuditLog;
import org.tethral.account.CommunityId;
import org.tethral.account.Principal;
import org.tethral.kernel.Micros;

/// Keeps what operations changed before they are answered: an act that was answered is in the audit
/// log.
final class Audit {

    private final AuditLog log;
    private final InstantSource clock;
    private final RandomGenerator random;

    Audit(AuditLog log, InstantSource clock, RandomGenerator random) {
        this.log = log;
        this.clock = clock;
        this.random = random;
    }

    /// @param action of the contract: `x-audit`
    /// @return what is to be sent
    Reply kept(@Nullable String action, Principal by, @Nullable String remoteAddress, Reply reply) {
        if (!(reply instanceof Reply.Audited(var content, var act))) {
            return reply;
        }
        if (action == null) {
            throw new IllegalStateException("the contract names no action for what was done");
        }
        add(
                action,
                by.actor(),
                act.community() == null ? by.community() : act.community(),
                remoteAddress,
                act);
        return content;
    }

    /// Durable when it returns.
    ///
    /// @param community whose administrators may read it
    void add(
            String action,
            Actor by,
            @Nullable CommunityId community,
            @Nullable String remoteAddress,
            Act act) {
        log.add(
                new AuditEntry(
                        Ids.next(random),
                        Micros.truncated(clock.instant()),
                        by,
                        action,
                        action.substring(0, action.indexOf('.')),
                        act.object(),
                        community,
                        act.before(),
                        act.after(),
                        remoteAddress));
    }
}
