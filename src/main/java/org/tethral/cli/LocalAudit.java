package org.tethral.cli;

import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.tethral.account.Actor;
import org.tethral.account.AuditEntry;
import org.tethral.account.AuditLog;
import org.tethral.account.CommunityId;
import org.tethral.kernel.Document;
import org.tethral.kernel.Micros;

/// What is done by commands on the database itself, where no server keeps it.
final class LocalAudit {

    static final Actor ACTOR = Actor.system("command_line");

    private final AuditLog log;
    private final Terminal terminal;

    LocalAudit(AuditLog log, Terminal terminal) {
        this.log = log;
        this.terminal = terminal;
    }

    /// @param action as the API names it
    AuditEntry entry(
            String action,
            String object,
            @Nullable CommunityId community,
            @Nullable Document before,
            @Nullable Document after) {
        var random = terminal.random();
        return new AuditEntry(
                new UUID(random.nextLong(), random.nextLong()),
                Micros.truncated(terminal.clock().instant()),
                ACTOR,
                action,
                action.substring(0, action.indexOf('.')),
                object,
                community,
                before,
                after,
                null);
    }

    void add(
            String action,
            String object,
            @Nullable CommunityId community,
            @Nullable Document before,
            @Nullable Document after) {
        add(List.of(entry(action, object, community, before, after)));
    }

    void add(List<AuditEntry> entries) {
        log.add(entries);
    }
}
