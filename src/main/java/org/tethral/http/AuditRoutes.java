package org.tethral.http;

import org.jspecify.annotations.Nullable;
import org.tethral.account.Actor;
import org.tethral.account.AuditEntry;
import org.tethral.account.AuditLog;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// `/api/v1/audit-logs`: who did what.
final class AuditRoutes {

    private final AuditLog log;

    AuditRoutes(HttpEdge.Parts parts) {
        this.log = parts.stores().audit();
    }

    void on(Operations.Target operations) {
        operations.on("listAuditLogs", this::list);
    }

    private Reply list(ApiRequest request) {
        var filter =
                new AuditLog.Filter(
                        request.community(),
                        request.query("actor", Actor::parse),
                        request.query("action").orElse(null),
                        request.query("object_kind").orElse(null),
                        request.query("object_id").orElse(null),
                        request.query("from", ApiRequest::time),
                        request.query("to", ApiRequest::time));
        return Reply.ok(Fields.page(log.list(filter, request.page()), AuditRoutes::document));
    }

    private static Document document(AuditEntry entry) {
        return new Fields()
                .word("id", entry.id())
                .time("timestamp", entry.at())
                .word("actor", entry.actor())
                .text("action", entry.action())
                .text("object_kind", entry.objectKind())
                .text("object_id", entry.objectId())
                .word("community_id", entry.community())
                .value("before", value(entry.before()))
                .value("after", value(entry.after()))
                .text("remote_address", entry.remoteAddress())
                .document();
    }

    private static Value value(@Nullable Document document) {
        return document == null ? Value.Null.NULL : document;
    }
}
