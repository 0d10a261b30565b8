package org.tethral.sql;

import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.tethral.account.Actor;
import org.tethral.account.CommunityId;
import org.tethral.alert.Alert;
import org.tethral.device.Credential;
import org.tethral.device.Device;
import org.tethral.device.DeviceFilter;
import org.tethral.device.DeviceId;
import org.tethral.device.DeviceStore;
import org.tethral.device.Lifecycle;
import org.tethral.device.Status;
import org.tethral.event.DeviceEvents;
import org.tethral.event.Event;
import org.tethral.kernel.Page;
import org.tethral.kernel.StorageException;

public final class SqlDeviceStore implements DeviceStore {

    static final int ADDED_PER_TRANSACTION = 1_000;
    private static final String LIST = "devices";

    private final Database database;

    public SqlDeviceStore(Database database) {
        this.database = database;
    }

    @Override
    public Addition add(Device device, @Nullable Credential credential, Actor actor) {
        var doing = "add device " + device.deviceId();
        return again(
                () -> database.write(doing, session -> add(session, device, credential, actor)));
    }

    private Addition add(
            Session session, Device device, @Nullable Credential credential, Actor actor)
            throws SQLException {
        var ids = List.of(device.deviceId());
        if (!DeviceRows.known(session, ids).isEmpty()
                || FormerDevices.keepAway(FormerDevices.of(session, ids), device)) {
            return new Addition.IdTaken(device.deviceId());
        }
        if (credential != null && serves(session, credential)) {
            return new Addition.IdentityTaken();
        }
        DeviceRows.insert(session, List.of(device));
        if (credential != null) {
            SqlCredentialStore.insert(session, credential);
        }
        EventRows.append(database, session, List.of(DeviceEvents.registered(device, actor)));
        return new Addition.Added(device);
    }

    private static boolean serves(Session session, Credential credential) throws SQLException {
        return session.sql(
                                "SELECT count(*) FROM device_credentials WHERE type = ? AND identity = ?")
                        .set(credential.type().word())
                        .set(credential.identity())
                        .number()
                > 0;
    }

    @FunctionalInterface
    private interface Act<T> {
        T run();
    }

    /// Two who add the same at the same time: the one who came second looks again, and finds it.
    private static <T> T again(Act<T> act) {
        try {
            return act.run();
        } catch (StorageException e) {
            if (e.getCause() instanceof SQLException reason && SqlErrors.isDuplicate(reason)) {
                return act.run();
            }
            throw e;
        }
    }

    @Override
    public List<Addition> addAll(List<Device> devices, Actor actor) {
        var additions = new ArrayList<Addition>(devices.size());
        for (int from = 0; from < devices.size(); from += ADDED_PER_TRANSACTION) {
            var some =
                    devices.subList(from, Math.min(devices.size(), from + ADDED_PER_TRANSACTION));
            additions.addAll(
                    again(() ->
                            database.write(
                                    "add devices", session -> addSome(session, some, actor))));
        }
        return additions;
    }

    private List<Addition> addSome(Session session, List<Device> devices, Actor actor)
            throws SQLException {
        var ids = devices.stream().map(Device::deviceId).toList();
        var known = DeviceRows.known(session, ids);
        var former = FormerDevices.of(session, ids);
        var fresh = new LinkedHashMap<DeviceId, Device>();
        var events = new ArrayList<Event>();
        var additions = new ArrayList<Addition>(devices.size());
        for (var device : devices) {
            if (known.containsKey(device.deviceId())
                    || FormerDevices.keepAway(former, device)
                    || fresh.putIfAbsent(device.deviceId(), device) != null) {
                additions.add(new Addition.IdTaken(device.deviceId()));
            } else {
                additions.add(new Addition.Added(device));
                events.add(DeviceEvents.registered(device, actor));
            }
        }
        if (!fresh.isEmpty()) {
            DeviceRows.insert(session, fresh.values());
            EventRows.append(database, session, events);
        }
        return additions;
    }

    @Override
    public Optional<Device> find(DeviceId id) {
        return database.read("find device " + id, session -> DeviceRows.find(session, id));
    }

    @Override
    public Page<Device> list(DeviceFilter filter, Page.Request request) {
        var where = DeviceRows.where(filter, database.dialect());
        var after = Cursor.decode(LIST, 1, request);
        if (after != null) {
            where.and("device_id > ?", sql -> sql.set(after.text(0)));
        }
        var rows =
                database.read(
                        "list devices",
                        session ->
                                where.in(session, DeviceRows.SELECT + "ORDER BY device_id LIMIT ?")
                                        .set(request.limit() + 1)
                                        .list(DeviceRows::read));
        return Cursor.page(LIST, rows, request, device -> Cursor.of(device.deviceId().value()));
    }

    @Override
    public Change change(Device next, Actor actor) {
        return database.write(
                "change device " + next.deviceId(), session -> change(session, next, actor));
    }

    private Change change(Session session, Device next, Actor actor) throws SQLException {
        var id = next.deviceId();
        var before = DeviceRows.find(session, id);
        if (!DeviceRows.update(session, next)) {
            return overtaken(session, id);
        }
        var community = next.about().community();
        if (before.isPresent() && !Objects.equals(before.get().about().community(), community)) {
            EventRows.append(
                    database,
                    session,
                    OrphanedDispatches.endOfOthers(session, id, community, next.updatedAt()));
        }
        return changed(session, id, DeviceEvents.updated(next, actor));
    }

    @Override
    public Change move(Device next, String reason, Actor actor) {
        return database.write(
                "move device " + next.deviceId() + " to " + next.lifecycle().word(),
                session -> move(session, next, reason, actor));
    }

    private Change move(Session session, Device next, String reason, Actor actor)
            throws SQLException {
        var id = next.deviceId();
        if (next.lifecycle() == Lifecycle.DECOMMISSIONED) {
            lock(session, id);
        }
        // of that version there is one lifecycle only: what is updated is what was read
        var from =
                session.sql("SELECT lifecycle FROM devices WHERE device_id = ? AND version = ?")
                        .set(id)
                        .set(next.version() - 1)
                        .find(row -> row.text("lifecycle"))
                        .orElse("");
        var updated =
                session.sql(
                                """
                                UPDATE devices SET lifecycle = ?, updated_at = ?, version = ?
                                WHERE device_id = ? AND version = ?
                                """)
                        .set(next.lifecycle().word())
                        .set(next.updatedAt())
                        .set(next.version())
                        .set(id)
                        .set(next.version() - 1)
                        .update();
        if (from.isEmpty() || updated == 0) {
            return overtaken(session, id);
        }
        if (next.lifecycle() == Lifecycle.DECOMMISSIONED) {
            EventRows.append(
                    database,
                    session,
                    AlertRows.ofDevice(
                            session,
                            id,
                            AlertRows.ended(
                                    Alert.End.DEVICE_DECOMMISSIONED, actor, next.updatedAt())));
        }
        session.sql(
                        """
                        INSERT INTO device_lifecycle_log
                            (id, device_id, from_lifecycle, to_lifecycle, reason, actor, at, version)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                        """)
                .set(UUID.randomUUID())
                .set(id)
                .set(from)
                .set(next.lifecycle().word())
                .set(reason)
                .set(actor.toString())
                .set(next.updatedAt())
                .set(next.version())
                .update();
        return changed(session, id, DeviceEvents.moved(next, from, reason, actor));
    }

    /// Whoever writes an alert of this device is through, or sees what is done here.
    private static void lock(Session session, DeviceId id) throws SQLException {
        session.sql(
                        "SELECT count(*) FROM (SELECT 1 FROM devices WHERE device_id = ?"
                                + session.dialect().choose(") AS one", " FOR UPDATE) AS one"))
                .set(id)
                .number();
    }

    private Change changed(Session session, DeviceId id, Event event) throws SQLException {
        EventRows.append(database, session, List.of(event));
        return DeviceRows.find(session, id)
                .<Change>map(Change.Changed::new)
                .orElseGet(() -> new Change.Unknown(id));
    }

    private static Change overtaken(Session session, DeviceId id) throws SQLException {
        return DeviceRows.find(session, id)
                .<Change>map(device -> new Change.VersionIsNow(device.version()))
                .orElseGet(() -> new Change.Unknown(id));
    }

    @Override
    public boolean remove(DeviceId id, History history, Actor actor, Instant at) {
        if (history == History.PURGE && find(id).isPresent()) {
            DeviceHistory.shorten(database, id);
        }
        return database.write(
                "remove device " + id, session -> remove(session, id, history, actor, at));
    }

    /// As `remove`, unless the device was heard of again.
    boolean removeOffline(DeviceId id, Instant before, History history, Actor actor, Instant at) {
        var doing = "remove device " + id;
        if (history == History.PURGE
                && database.read(doing, session -> SqlRetention.isOffline(session, id, before))) {
            DeviceHistory.shorten(database, id);
        }
        return database.write(
                doing,
                session -> {
                    lock(session, id);
                    return SqlRetention.isOffline(session, id, before)
                            && remove(session, id, history, actor, at);
                });
    }

    private boolean remove(Session session, DeviceId id, History history, Actor actor, Instant at)
            throws SQLException {
        var device = DeviceRows.find(session, id);
        if (device.isEmpty()) {
            return false;
        }
        // its credentials go with it, and what rules remember of it
        session.sql("DELETE FROM devices WHERE device_id = ?").set(id).update();
        session.sql("DELETE FROM device_states WHERE device_id = ?").set(id).update();
        var events =
                new ArrayList<>(
                        AlertRows.ofDevice(
                                session, id, AlertRows.ended(Alert.End.DEVICE_REMOVED, actor, at)));
        events.addAll(OrphanedDispatches.end(session, id, actor, at));
        if (history == History.PURGE) {
            OrphanedDispatches.forgetAnswers(session, id);
            DeviceHistory.delete(session, id);
            FormerDevices.forget(session, id);
        } else {
            FormerDevices.remember(session, id, device.get().about().community(), at);
        }
        events.add(
                DeviceEvents.removed(
                        id, device.get().about().community(), history == History.PURGE, actor, at));
        EventRows.append(database, session, events);
        return true;
    }

    /// Oldest first.
    @Override
    public List<LifecycleMove> lifecycle(DeviceId id) {
        return database.read(
                "read the lifecycle of " + id,
                session ->
                        session.sql(
                                        """
                                        SELECT from_lifecycle, to_lifecycle, reason, actor, at FROM device_lifecycle_log
                                        WHERE device_id = ? ORDER BY at, version
                                        """)
                                .set(id)
                                .list(row ->
                                        new LifecycleMove(
                                                Lifecycle.parse(row.text("from_lifecycle")),
                                                Lifecycle.parse(row.text("to_lifecycle")),
                                                row.text("reason"),
                                                Actor.parse(row.text("actor")),
                                                row.time("at"))));
    }

    private record Group(
            Status status,
            Lifecycle lifecycle,
            @Nullable String protocol,
            @Nullable String type,
            long count) {}

    /// Devices without a protocol or type are counted in the total only.
    @Override
    public Statistics statistics(@Nullable CommunityId community) {
        var groups =
                database.read(
                        "count devices",
                        session ->
                                new Where()
                                        .equal(
                                                "community_id",
                                                community == null ? null : community.value())
                                        .in(
                                                session,
                                                """
                                                SELECT status, lifecycle, protocol, device_type, count(*) AS count
                                                FROM devices {where} GROUP BY status, lifecycle, protocol, device_type
                                                """)
                                        .list(row ->
                                                new Group(
                                                        Status.parse(row.text("status")),
                                                        Lifecycle.parse(row.text("lifecycle")),
                                                        row.maybeText("protocol"),
                                                        row.maybeText("device_type"),
                                                        row.number("count"))));
        var total = 0L;
        var byStatus = new TreeMap<Status, Long>();
        var byLifecycle = new TreeMap<Lifecycle, Long>();
        var byProtocol = new TreeMap<String, Long>();
        var byType = new TreeMap<String, Long>();
        for (var group : groups) {
            total += group.count();
            byStatus.merge(group.status(), group.count(), Long::sum);
            byLifecycle.merge(group.lifecycle(), group.count(), Long::sum);
            merge(byProtocol, group.protocol(), group.count());
            merge(byType, group.type(), group.count());
        }
        return new Statistics(total, byStatus, byLifecycle, byProtocol, byType);
    }

    private static void merge(Map<String, Long> counts, @Nullable String word, long count) {
        if (word != null) {
            counts.merge(word, count, Long::sum);
        }
    }
}
