package org.tethral.sql;

import java.sql.SQLException;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;
import org.tethral.kernel.Page;
import org.tethral.kernel.StorageException;
import org.tethral.space.Location;
import org.tethral.space.LocationId;
import org.tethral.space.LocationStore;

public final class SqlLocationStore implements LocationStore {

    private static final String LIST = "locations";
    private static final String SELECT =
            """
            SELECT id, parent_id, kind, name, code, lat, lon, community_id, created_at, version
            FROM locations {where}
            """;

    private final Database database;

    public SqlLocationStore(Database database) {
        this.database = database;
    }

    static Optional<Location> find(Session session, LocationId id) throws SQLException {
        return new Where().equal("id", id.value()).in(session, SELECT).find(SqlLocationStore::read);
    }

    private static Location read(Row row) throws SQLException {
        var parent = row.maybeUuid("parent_id");
        return new Location(
                new LocationId(row.uuid("id")),
                parent == null ? null : new LocationId(parent),
                Location.Kind.parse(row.text("kind")),
                row.text("name"),
                row.maybeText("code"),
                row.maybeReal("lat"),
                row.maybeReal("lon"),
                row.maybeCommunity(),
                row.time("created_at"),
                row.number("version"));
    }

    @Override
    public Outcome add(Location location) {
        return database.write(
                "add location " + location.name(),
                session -> {
                    if (!fits(session, location)) {
                        return new Outcome.NoSuchParent();
                    }
                    bind(
                                    session.sql(
                                            """
                                            INSERT INTO locations (parent_id, kind, name, code, lat, lon, id, community_id,
                                                                   created_at, version)
                                            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                                            """),
                                    location)
                            .set(location.id().value())
                            .set(location.community())
                            .set(location.createdAt())
                            .set(location.version())
                            .update();
                    return new Outcome.Done(location);
                });
    }

    private static Sql bind(Sql sql, Location location) throws SQLException {
        return sql.set(location.parent() == null ? null : location.parent().value())
                .set(location.kind().word())
                .set(location.name())
                .set(location.code())
                .setNumber(location.latitude())
                .setNumber(location.longitude());
    }

    private static boolean fits(Session session, Location location) throws SQLException {
        var parent = location.parent();
        return parent == null
                || find(session, parent)
                        .filter(there -> location.kind().mayBeIn(there.kind()))
                        .filter(there -> ofSame(there, location))
                        .isPresent();
    }

    private static boolean ofSame(Location one, Location other) {
        return Optional.ofNullable(one.community()).equals(Optional.ofNullable(other.community()));
    }

    @Override
    public Outcome change(Location next) {
        return database.write(
                "change location " + next.id(),
                session -> {
                    if (!fits(session, next)) {
                        return new Outcome.NoSuchParent();
                    }
                    if (hasLargerParts(session, next)) {
                        return new Outcome.InUse();
                    }
                    var changed =
                            bind(
                                            session.sql(
                                                    """
                                                    UPDATE locations SET parent_id = ?, kind = ?, name = ?, code = ?, lat = ?, lon = ?,
                                                        version = version + 1
                                                    WHERE id = ? AND version = ?
                                                    """),
                                            next)
                                    .set(next.id().value())
                                    .set(next.version() - 1)
                                    .update();
                    var stored = find(session, next.id());
                    if (stored.isEmpty()) {
                        return new Outcome.Unknown();
                    }
                    return changed == 0
                            ? new Outcome.VersionIsNow(stored.get().version())
                            : new Outcome.Done(stored.get());
                });
    }

    private static boolean hasLargerParts(Session session, Location next) throws SQLException {
        return session
                .sql("SELECT DISTINCT kind FROM locations WHERE parent_id = ?")
                .set(next.id().value())
                .list(row -> Location.Kind.parse(row.text("kind")))
                .stream()
                .anyMatch(part -> !part.mayBeIn(next.kind()));
    }

    @Override
    public Outcome remove(LocationId id) {
        try {
            return database.write(
                    "remove location " + id,
                    session -> {
                        var there = find(session, id);
                        session.sql("DELETE FROM locations WHERE id = ?").set(id.value()).update();
                        return there.<Outcome>map(Outcome.Done::new)
                                .orElseGet(Outcome.Unknown::new);
                    });
        } catch (StorageException e) {
            if (e.getCause() instanceof SQLException reason
                    && SqlErrors.isMissingReference(reason)) {
                return new Outcome.InUse();
            }
            throw e;
        }
    }

    @Override
    public Optional<Location> find(LocationId id) {
        return database.read("find location " + id, session -> find(session, id));
    }

    @Override
    public Page<Location> list(Filter filter, Page.Request page) {
        var where =
                new Where()
                        .equal("community_id", id(filter.community()))
                        .equal(
                                "parent_id",
                                filter.parent() == null ? null : filter.parent().value())
                        .equal("kind", filter.kind() == null ? null : filter.kind().word());
        var after = Cursor.decode(LIST, 2, page);
        if (after != null) {
            var id = after.parsed(0, UUID::fromString);
            where.and("(name, id) > (?, ?)", sql -> sql.set(after.text(1)).set(id));
        }
        var rows =
                database.read(
                        "list locations",
                        session ->
                                where.in(session, SELECT + "ORDER BY name, id LIMIT ?")
                                        .set(page.limit() + 1)
                                        .list(SqlLocationStore::read));
        return Cursor.page(LIST, rows, page, one -> Cursor.of(one.id().toString(), one.name()));
    }

    private static @Nullable UUID id(@Nullable CommunityId community) {
        return community == null ? null : community.value();
    }
}
