package org.tethral.sql;

import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.tethral.account.CommunityId;
import org.tethral.kernel.Page;
import org.tethral.kernel.StorageException;
import org.tethral.source.Channel;
import org.tethral.source.ChannelStore;
import org.tethral.source.Position;
import org.tethral.source.Standing;

/// A lease ends by the clock of the database server, which all nodes share. An SQLite file has one
/// process, so that leases there do not end.
public final class SqlChannelStore implements ChannelStore {

    private static final String LIST = "channels";

    private final Database database;

    public SqlChannelStore(Database database) {
        this.database = database;
    }

    @Override
    public Outcome add(Channel channel, Position start) {
        try {
            return database.write(
                    "add a channel to " + channel.device(),
                    session -> add(session, channel, start));
        } catch (StorageException e) {
            if (e.getCause() instanceof SQLException reason && SqlErrors.isDuplicate(reason)) {
                return new Outcome.Taken();
            }
            throw e;
        }
    }

    private static long ofCommunity(Session session, CommunityId community) throws SQLException {
        return session.sql(
                        """
                        SELECT count(*) FROM thingspeak_channels c JOIN devices d ON d.device_id = c.device_id
                        WHERE d.community_id = ?
                        """)
                .set(community)
                .number();
    }

    private static Outcome add(Session session, Channel channel, Position start)
            throws SQLException {
        var known =
                session.sql("SELECT count(*) FROM devices WHERE device_id = ?")
                        .set(channel.device())
                        .number();
        if (known == 0) {
            return new Outcome.UnknownDevice(channel.device());
        }
        if (session.sql("SELECT count(*) FROM thingspeak_channels").number()
                >= Channel.CHANNELS_MAX) {
            return new Outcome.TooMany(Channel.CHANNELS_MAX, null);
        }
        var community = SqlOwnership.owner(session, channel.device());
        if (community != null && ofCommunity(session, community) >= Channel.PER_COMMUNITY_MAX) {
            return new Outcome.TooMany(Channel.PER_COMMUNITY_MAX, community);
        }
        session.sql(
                        """
                        INSERT INTO thingspeak_channels
                            (id, device_id, source, channel_id, api_key, account, field_map, poll_interval_s, enabled,
                             created_at, read_from)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                        """)
                .set(channel.id())
                .set(channel.device())
                .set(channel.kind())
                .set(channel.name())
                .set(channel.key())
                .set(channel.account())
                .set(ChannelRows.fields(channel.fields()))
                .set(channel.interval().toSeconds())
                .set(channel.enabled())
                .set(channel.createdAt())
                .set(start.at())
                .update();
        return stored(session, channel.id());
    }

    private static Outcome stored(Session session, UUID id) throws SQLException {
        return find(session, id).<Outcome>map(Outcome.Stored::new).orElseGet(Outcome.Unknown::new);
    }

    @Override
    public Optional<Standing> find(UUID id) {
        return database.read("find channel " + id, session -> find(session, id));
    }

    private static Optional<Standing> find(Session session, UUID id) throws SQLException {
        return new Where()
                .equal("c.id", id)
                .in(session, ChannelRows.SELECT)
                .find(ChannelRows::standing);
    }

    @Override
    public Page<Standing> list(Filter filter, Page.Request page) {
        var community = filter.community();
        var device = filter.device();
        var where =
                new Where()
                        .equal("d.community_id", community == null ? null : community.value())
                        .equal("c.device_id", device == null ? null : device.value());
        var enabled = filter.enabled();
        if (enabled != null) {
            where.and(enabled ? "c.enabled" : "NOT c.enabled", _ -> {});
        }
        var after = Cursor.decode(LIST, 2, page);
        if (after != null) {
            where.and(
                    "(c.created_at, c.id) > (?, ?)",
                    sql ->
                            sql.set(after.parsed(0, Instant::parse))
                                    .set(after.parsed(1, UUID::fromString)));
        }
        var rows =
                database.read(
                        "list channels",
                        session ->
                                where.in(
                                                session,
                                                ChannelRows.SELECT
                                                        + "ORDER BY c.created_at, c.id LIMIT ?")
                                        .set(page.limit() + 1)
                                        .list(ChannelRows::standing));
        return Cursor.page(
                LIST,
                rows,
                page,
                one ->
                        Cursor.of(
                                one.channel().createdAt().toString(),
                                one.channel().id().toString()));
    }

    @Override
    public Outcome change(Channel next) {
        return database.write(
                "change channel " + next.id(),
                session -> {
                    var changed =
                            session.sql(
                                            """
                                            UPDATE thingspeak_channels
                                            SET api_key = ?, account = ?, field_map = ?, poll_interval_s = ?, enabled = ?,
                                                version = version + 1, revision = revision + 1, last_polled_at = NULL
                                            WHERE id = ? AND version = ?
                                            """)
                                    .set(next.key())
                                    .set(next.account())
                                    .set(ChannelRows.fields(next.fields()))
                                    .set(next.interval().toSeconds())
                                    .set(next.enabled())
                                    .set(next.id())
                                    .set(next.version())
                                    .update();
                    var outcome = stored(session, next.id());
                    return changed == 0 && outcome instanceof Outcome.Stored(var standing)
                            ? new Outcome.VersionIsNow(standing.channel().version())
                            : outcome;
                });
    }

    @Override
    public boolean remove(UUID id) {
        return database.write(
                "remove channel " + id,
                session ->
                        session.sql("DELETE FROM thingspeak_channels WHERE id = ?").set(id).update()
                                > 0);
    }

    @Override
    public Outcome hurry(UUID id) {
        return database.write(
                "have channel " + id + " read now",
                session -> {
                    session.sql(
                                    """
                                    UPDATE thingspeak_channels
                                    SET revision = revision + 1, last_polled_at = NULL, breaker_until = NULL
                                    WHERE id = ?
                                    """)
                            .set(id)
                            .update();
                    return stored(session, id);
                });
    }

    @Override
    public Outcome backfill(UUID id, Position.History history) {
        return database.write(
                "have the history of channel " + id + " read",
                session -> {
                    var begun =
                            session.sql(
                                            """
                                            UPDATE thingspeak_channels
                                            SET history_from = ?, history_lowest = ?, history_at = ?, revision = revision + 1,
                                                last_polled_at = NULL
                                            WHERE id = ? AND history_at IS NULL
                                            """)
                                    .set(history.from())
                                    .set(history.lowest())
                                    .set(history.at())
                                    .set(id)
                                    .update();
                    var outcome = stored(session, id);
                    return begun == 0 && outcome instanceof Outcome.Stored
                            ? new Outcome.Busy()
                            : outcome;
                });
    }

    @Override
    public Trouble trouble() {
        return database.read(
                "see how channels fare",
                session ->
                        session.sql(
                                        """
                                        SELECT count(*) AS enabled, count(failing_since) AS failing,
                                               min(channel_id || ': ' || last_error) AS reason
                                        FROM thingspeak_channels WHERE enabled
                                        """)
                                .find(row ->
                                        new Trouble(
                                                row.number("enabled"),
                                                row.number("failing"),
                                                row.maybeText("reason")))
                                .orElseThrow());
    }

    // --- who reads which

    /// @param free nobody holds it, or it is held in our name by somebody who is gone
    private record Lease(Held held, boolean ours, boolean free) {}

    @Override
    public List<Held> claim(String node, Map<UUID, Long> held) {
        var leases =
                database.read(
                        "see who reads what",
                        session ->
                                session.sql(
                                                """
                                                SELECT id, revision, fence, node,
                                                       (lease_until IS NULL OR lease_until < %s) AS ended
                                                FROM thingspeak_channels WHERE enabled ORDER BY id
                                                """
                                                        .formatted(
                                                                session.dialect()
                                                                        .choose("0", "now()")))
                                        .list(row -> lease(row, node, held)));
        var leaseEnds = database.dialect() != Dialect.SQLITE;
        if (leases.stream().noneMatch(lease -> lease.free() || lease.ours() && leaseEnds)) {
            return leases.stream().filter(Lease::ours).map(Lease::held).toList();
        }
        return database.write("take channels", session -> take(session, node, leases));
    }

    private static Lease lease(Row row, String node, Map<UUID, Long> held) throws SQLException {
        var channel = row.uuid("id");
        var fence = row.number("fence");
        var holder = row.maybeText("node");
        var byUs = node.equals(holder);
        var ours = byUs && held.getOrDefault(channel, -1L) == fence;
        var free = !ours && (byUs || holder == null || row.flag("ended"));
        return new Lease(new Held(channel, row.number("revision"), fence), ours, free);
    }

    private static List<Held> take(Session session, String node, List<Lease> leases)
            throws SQLException {
        var until =
                session.dialect()
                        .choose("NULL", "now() + INTERVAL '" + LEASE.toSeconds() + " seconds'");
        var update =
                session.sql(
                        "UPDATE thingspeak_channels SET node = ?, fence = ?, lease_until = "
                                + until
                                + " WHERE id = ? AND fence = ? AND enabled");
        var wanted = new ArrayList<Held>();
        for (var lease : leases) {
            if (lease.ours() || lease.free()) {
                var before = lease.held();
                var fence = lease.ours() ? before.fence() : before.fence() + 1;
                wanted.add(new Held(before.channel(), before.revision(), fence));
                update.set(node).set(fence).set(before.channel()).set(before.fence()).add();
            }
        }
        if (wanted.isEmpty()) {
            return List.of();
        }
        var updated = update.batch();
        var taken = new ArrayList<Held>();
        for (int i = 0; i < updated.length; i++) {
            if (updated[i] == 1) {
                taken.add(wanted.get(i));
            }
        }
        return taken;
    }

    @Override
    public void release(String node, Map<UUID, Long> held) {
        if (held.isEmpty()) {
            return;
        }
        database.write(
                "release channels",
                session -> {
                    var update =
                            session.sql(
                                    """
                                    UPDATE thingspeak_channels SET node = NULL, lease_until = NULL
                                    WHERE id = ? AND node = ? AND fence = ?
                                    """);
                    for (var one : held.keySet().stream().sorted().toList()) {
                        update.set(one).set(node).set(held.getOrDefault(one, -1L)).add();
                    }
                    return update.batch().length;
                });
    }
}
