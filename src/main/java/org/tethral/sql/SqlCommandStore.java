package org.tethral.sql;

import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.tethral.account.Actor;
import org.tethral.account.CommunityId;
import org.tethral.command.CommandId;
import org.tethral.command.CommandLog;
import org.tethral.command.CommandStatus;
import org.tethral.command.CommandStore;
import org.tethral.command.Dispatch;
import org.tethral.command.Progress;
import org.tethral.command.Target;
import org.tethral.command.TargetDocument;
import org.tethral.device.DeviceId;
import org.tethral.kernel.Page;
import org.tethral.kernel.Value;

public final class SqlCommandStore implements CommandStore {

    private static final String LIST = "command-logs";
    private static final String DISPATCHES = "dispatches";

    static final String SELECT =
            """
            SELECT l.command_id, l.device_type, l.target, l.command_name, l.priority, l.community_id, l.issued_by,
                l.idempotency_key, l.created_at, l.expires_at, l.completed_at, l.timeout_ms, l.max_attempts, l.one_way,
                l.node, l.pending_count, l.sent_count, l.delivered_count, l.success_count, l.error_count,
                l.timeout_count, l.expired_count, l.cancelled_count
            FROM {from} {where}
            """;

    private static final String LOGS = "command_logs l";
    private static final String LOGS_OF_A_DEVICE =
            "command_dispatches d JOIN command_logs l ON l.command_id = d.command_id";

    private final Database database;

    public SqlCommandStore(Database database) {
        this.database = database;
    }

    @Override
    public Page<CommandLog> list(Filter filter, Page.Request request) {
        var where = where(filter);
        var id = filter.device() == null ? "l.command_id" : "d.command_id"; // of the index
        var after = Cursor.decode(LIST, 1, request);
        if (after != null) {
            var last = after.parsed(0, UUID::fromString);
            where.and(id + " < ?", sql -> sql.set(last));
        }
        var rows =
                database.read(
                        "list commands",
                        session ->
                                where.in(session, list(filter, id))
                                        .set(request.limit() + 1)
                                        .list(SqlCommandStore::log));
        return Cursor.page(LIST, rows, request, log -> Cursor.of(log.id().toString()));
    }

    static Where where(Filter filter) {
        var where =
                new Where()
                        .equal(
                                "l.community_id",
                                filter.community() == null ? null : filter.community().value())
                        .equal("l.status", filter.status() == null ? null : filter.status().word())
                        .equal("l.device_type", filter.deviceType());
        var device = filter.device();
        if (device != null) {
            where.and("d.device_id = ?", sql -> sql.set(device));
        }
        return where;
    }

    static String list(Filter filter, String id) {
        return SELECT.replace("{from}", filter.device() == null ? LOGS : LOGS_OF_A_DEVICE)
                + "ORDER BY "
                + id
                + " DESC LIMIT ?";
    }

    @Override
    public Optional<CommandLog> find(CommandId id) {
        return one(new Where().equal("l.command_id", id.value()));
    }

    @Override
    public Optional<CommandLog> findByKey(
            Actor issuer, @Nullable CommunityId community, String idempotencyKey) {
        return one(
                new Where()
                        .equal("l.issued_by", issuer.toString())
                        .equal("l.idempotency_key", idempotencyKey)
                        .equal("l.community_id", community == null ? null : community.value()));
    }

    private Optional<CommandLog> one(Where where) {
        return database.read(
                "find a command",
                session ->
                        where.in(session, SELECT.replace("{from}", LOGS))
                                .find(SqlCommandStore::log));
    }

    @Override
    public Optional<Value> payload(CommandId id) {
        return database.read(
                "read the payload of a command",
                session ->
                        session.sql("SELECT payload FROM command_logs WHERE command_id = ?")
                                .set(id.value())
                                .find(row -> row.json("payload")));
    }

    @Override
    public boolean isFor(CommandId id, Target target) {
        return database.read(
                "compare the target of a command",
                session -> {
                    var kept =
                            session.sql("SELECT target FROM command_logs WHERE command_id = ?")
                                    .set(id.value())
                                    .find(row -> row.document("target"));
                    return kept.equals(Optional.of(TargetDocument.of(target)))
                            && (TargetDocument.namesItsDevices(target)
                                    || goesToAllOf(session, id, target));
                });
    }

    /// A long list, of which only the length is kept with the command.
    private static boolean goesToAllOf(Session session, CommandId id, Target target)
            throws SQLException {
        if (!(target instanceof Target.Listed(var devices))) {
            return true;
        }
        var listed = new HashSet<>(devices);
        session.sql("SELECT device_id FROM command_dispatches WHERE command_id = ?")
                .set(id.value())
                .each(row -> listed.remove(row.device()));
        return listed.isEmpty();
    }

    @Override
    public Page<Dispatch> dispatches(
            CommandId id, @Nullable CommandStatus status, Page.Request request) {
        var where =
                new Where()
                        .equal("d.command_id", id.value())
                        .equal("d.status", status == null ? null : status.word());
        var after = Cursor.decode(DISPATCHES, 1, request);
        if (after != null) {
            where.and("d.device_id > ?", sql -> sql.set(after.text(0)));
        }
        List<Dispatch> rows =
                database.read(
                        "list the dispatches of a command",
                        session ->
                                where.in(
                                                session,
                                                DispatchRows.SELECT
                                                        + "{where} ORDER BY d.device_id LIMIT ?")
                                        .set(request.limit() + 1)
                                        .list(DispatchRows::dispatch));
        return Cursor.page(
                DISPATCHES, rows, request, dispatch -> Cursor.of(dispatch.device().value()));
    }

    @Override
    public Optional<Dispatch> dispatch(Dispatch.Key key) {
        return database.read(
                "find a dispatch",
                session -> Optional.ofNullable(DispatchRows.read(session, List.of(key)).get(key)));
    }

    @Override
    public Map<DeviceId, Recipient> recipients(Collection<DeviceId> devices) {
        return database.read(
                "find the devices of a command",
                session -> {
                    var found = new HashMap<DeviceId, Recipient>();
                    session.sql(
                                    "SELECT device_id, community_id, device_type FROM devices WHERE device_id "
                                            + session.dialect().oneOf())
                            .set(devices.stream().map(DeviceId::value).toList())
                            .each(row ->
                                    found.put(
                                            row.device(),
                                            new Recipient(
                                                    row.device(),
                                                    row.maybeCommunity(),
                                                    row.maybeText("device_type"))));
                    return found;
                });
    }

    private static CommandLog log(Row row) throws SQLException {
        return new CommandLog(
                new CommandId(row.uuid("command_id")),
                DispatchRows.terms(row, "node"),
                row.document("target"),
                row.maybeText("device_type"),
                Actor.parse(row.text("issued_by")),
                row.maybeText("idempotency_key"),
                new Progress(
                        (int) row.number("pending_count"),
                        (int) row.number("sent_count"),
                        (int) row.number("delivered_count"),
                        (int) row.number("success_count"),
                        (int) row.number("error_count"),
                        (int) row.number("timeout_count"),
                        (int) row.number("expired_count"),
                        (int) row.number("cancelled_count")),
                row.maybeTime("completed_at"));
    }
}
