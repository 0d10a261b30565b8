package org.tethral.sql;

import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.tethral.account.Actor;
import org.tethral.command.CommandId;
import org.tethral.command.CommandStatus;
import org.tethral.command.Dispatch;
import org.tethral.command.DispatchQueue;
import org.tethral.device.DeviceId;

public final class SqlDispatchQueue implements DispatchQueue {

    /// The conditions repeat those of the partial indexes, and the order that of
    /// `command_dispatches_waiting`.
    static final String WAITING =
            """
            SELECT * FROM command_dispatches d
            WHERE d.device_id = %s AND d.status = 'pending'
                AND (? = 1 OR d.error IS NULL OR d.next_attempt_at <= ? OR d.next_attempt_at >= d.expires_at)
            ORDER BY d.rank DESC, d.command_id LIMIT ?
            """;

    static final String DUE =
            """
            SELECT d.command_id, d.device_id, d.status, v.connection_node
            FROM command_dispatches d LEFT JOIN devices v ON v.device_id = d.device_id
            WHERE d.next_attempt_at <= ? AND d.next_attempt_at IS NOT NULL
                AND EXISTS (SELECT 1 FROM command_logs l WHERE l.command_id = d.command_id)
                AND (coalesce(d.node, v.connection_node) IS NULL OR NOT (coalesce(d.node, v.connection_node) %s))
            ORDER BY d.next_attempt_at LIMIT ?
            """;

    private static final Actor COMMANDS = Actor.system("commands");

    private final Database database;

    public SqlDispatchQueue(Database database) {
        this.database = database;
    }

    @Override
    public List<Dispatch> waiting(
            Collection<DeviceId> devices, Instant now, boolean returned, int limitPerDevice) {
        return database.read(
                "find commands that wait",
                session ->
                        session.dialect() == Dialect.SQLITE
                                ? oneByOne(session, devices, now, returned, limitPerDevice)
                                : together(session, devices, now, returned, limitPerDevice));
    }

    private static List<Dispatch> oneByOne(
            Session session, Collection<DeviceId> devices, Instant now, boolean returned, int limit)
            throws SQLException {
        var all = new ArrayList<Dispatch>();
        for (var device : devices) {
            session.sql(joined("(" + WAITING.formatted("?") + ") d"))
                    .set(device)
                    .set(returned ? 1 : 0)
                    .set(now)
                    .set(limit)
                    .each(row -> all.add(DispatchRows.dispatch(row)));
        }
        return all;
    }

    private static List<Dispatch> together(
            Session session, Collection<DeviceId> devices, Instant now, boolean returned, int limit)
            throws SQLException {
        return session.sql(
                        joined(
                                "unnest(?::text[]) AS w (device_id) CROSS JOIN LATERAL ("
                                        + WAITING.formatted("w.device_id")
                                        + ") d"))
                .set(devices.stream().map(DeviceId::value).toList())
                .set(returned ? 1 : 0)
                .set(now)
                .set(limit)
                .list(DispatchRows::dispatch);
    }

    private static String joined(String dispatches) {
        return "SELECT "
                + DispatchRows.COLUMNS
                + " FROM "
                + dispatches
                + " JOIN command_logs l ON l.command_id = d.command_id"
                + " ORDER BY d.device_id, d.rank DESC, d.command_id";
    }

    @Override
    public Map<CommandId, Payload> payloads(Collection<CommandId> commands) {
        return database.read(
                "read the payloads of commands",
                session -> {
                    var found = new HashMap<CommandId, Payload>();
                    session.sql(
                                    "SELECT command_id, payload FROM command_logs WHERE command_id "
                                            + session.dialect()
                                                    .choose(
                                                            session.dialect().oneOf(),
                                                            "= ANY (?::uuid[])"))
                            .set(commands.stream().map(CommandId::toString).toList())
                            .each(row ->
                                    found.put(
                                            new CommandId(row.uuid("command_id")),
                                            new Payload(
                                                    row.json("payload"),
                                                    row.text("payload").length())));
                    return found;
                });
    }

    @Override
    public List<Due> due(Instant now, Collection<String> others, int limit) {
        return database.read(
                "find commands that are due",
                session ->
                        session.sql(DUE.formatted(session.dialect().oneOf()))
                                .set(now)
                                .set(others)
                                .set(limit)
                                .list(row ->
                                        new Due(
                                                new Dispatch.Key(
                                                        new CommandId(row.uuid("command_id")),
                                                        row.device()),
                                                CommandStatus.parse(row.text("status")),
                                                row.maybeText("connection_node"))));
    }

    @Override
    public List<Dispatch> claimedBy(String node, int limit) {
        return database.read(
                "find commands that a node has claimed",
                session ->
                        session.sql(
                                        DispatchRows.SELECT
                                                + "WHERE d.node = ? AND d.status = 'sent' LIMIT ?")
                                .set(node)
                                .set(limit)
                                .list(DispatchRows::dispatch));
    }

    @Override
    public void endOf(Collection<DeviceId> removed, Instant at) {
        for (var device : removed) {
            database.write(
                    "end the commands of the removed device " + device,
                    session -> {
                        if (DeviceRows.find(session, device).isEmpty()) {
                            EventRows.append(
                                    database,
                                    session,
                                    OrphanedDispatches.end(session, device, COMMANDS, at));
                        }
                        return 0;
                    });
        }
    }

    @Override
    public void clearUnissued(Instant before) {
        database.write(
                "clear away parts of commands that were never issued",
                session ->
                        session.sql(
                                        """
                                        DELETE FROM command_dispatches
                                        WHERE next_attempt_at <= ? AND NOT EXISTS (
                                            SELECT 1 FROM command_logs l
                                            WHERE l.command_id = command_dispatches.command_id)
                                        """)
                                .set(before)
                                .update());
    }
}
