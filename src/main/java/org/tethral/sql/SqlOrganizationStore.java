package org.tethral.sql;

import java.sql.SQLException;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;
import org.tethral.account.Organization;
import org.tethral.account.OrganizationStore;
import org.tethral.kernel.Page;
import org.tethral.kernel.StorageException;

public final class SqlOrganizationStore implements OrganizationStore {

    private final Database database;

    public SqlOrganizationStore(Database database) {
        this.database = database;
    }

    private static String table(Organization.Kind kind) {
        return switch (kind) {
            case COMMUNITY -> "communities";
            case DISTRIBUTOR -> "distributors";
            case CUSTOMER -> "customers";
        };
    }

    private static String select(Organization.Kind kind) {
        return switch (kind) {
            case COMMUNITY ->
                    "SELECT id, id AS community_id, name, metadata, created_at FROM communities {where}";
            case DISTRIBUTOR, CUSTOMER ->
                    "SELECT id, community_id, name, metadata, created_at FROM "
                            + table(kind)
                            + " {where}";
        };
    }

    @Override
    public Outcome add(Organization organization) {
        return unlessRefused(
                organization,
                () -> {
                    database.write(
                            "add " + organization.kind().word() + " " + organization.name(),
                            session -> insert(session, organization));
                    return new Outcome.Stored(organization);
                });
    }

    private static int insert(Session session, Organization one) throws SQLException {
        var ofCommunity = one.kind() != Organization.Kind.COMMUNITY;
        var sql =
                session.sql(
                                "INSERT INTO "
                                        + table(one.kind())
                                        + " (id, name, metadata, created_at"
                                        + (ofCommunity
                                                ? ", community_id) VALUES (?, ?, ?, ?, ?)"
                                                : ") VALUES (?, ?, ?, ?)"))
                        .set(one.id())
                        .set(one.name())
                        .set(one.metadata())
                        .set(one.createdAt());
        return (ofCommunity ? sql.set(one.community()) : sql).update();
    }

    @Override
    public Outcome change(Organization next) {
        return unlessRefused(
                next,
                () -> {
                    var changed =
                            database.write(
                                    "change " + next.kind().word() + " " + next.id(),
                                    session ->
                                            session.sql(
                                                            "UPDATE "
                                                                    + table(next.kind())
                                                                    + " SET name = ?, metadata = ? WHERE id = ?")
                                                    .set(next.name())
                                                    .set(next.metadata())
                                                    .set(next.id())
                                                    .update());
                    return changed == 0 ? new Outcome.Unknown(next.id()) : new Outcome.Stored(next);
                });
    }

    @Override
    public Outcome remove(Organization.Kind kind, UUID id) {
        var before = find(kind, id);
        return before.isEmpty()
                ? new Outcome.Unknown(id)
                : unlessRefused(
                        before.get(),
                        () -> {
                            database.write(
                                    "remove " + kind.word() + " " + id,
                                    session -> remove(session, kind, id));
                            return new Outcome.Stored(before.get());
                        });
    }

    private static int remove(Session session, Organization.Kind kind, UUID id)
            throws SQLException {
        if (kind == Organization.Kind.COMMUNITY) {
            session.sql("DELETE FROM api_keys WHERE community_id = ? AND revoked_at IS NOT NULL")
                    .set(id)
                    .update();
            // no foreign key says whom they are about
            session.sql("DELETE FROM alert_rules WHERE scope = 'community' AND scope_id = ?")
                    .set(id.toString())
                    .update();
        }
        return session.sql("DELETE FROM " + table(kind) + " WHERE id = ?").set(id).update();
    }

    /// Names of communities are unique, and what is referred to stays.
    private static Outcome unlessRefused(Organization organization, Supplier<Outcome> act) {
        try {
            return act.get();
        } catch (StorageException e) {
            if (e.getCause() instanceof SQLException reason) {
                if (SqlErrors.isDuplicate(reason)) {
                    return new Outcome.NameTaken(organization.name());
                }
                if (SqlErrors.isMissingReference(reason)) {
                    return new Outcome.Referred();
                }
            }
            throw e;
        }
    }

    @Override
    public Optional<Organization> find(Organization.Kind kind, UUID id) {
        return database.read(
                "find " + kind.word() + " " + id,
                session ->
                        new Where()
                                .equal("id", id)
                                .in(session, select(kind))
                                .find(row -> organization(kind, row)));
    }

    @Override
    public Page<Organization> list(
            Organization.Kind kind, @Nullable CommunityId community, Page.Request request) {
        var where = new Where();
        if (community != null) {
            where.and(
                    kind == Organization.Kind.COMMUNITY
                            ? "id = ?"
                            : "(community_id = ? OR community_id IS NULL)",
                    sql -> sql.set(community.value()));
        }
        var after = Cursor.decode(table(kind), 1, request);
        if (after != null) {
            var last = after.parsed(0, UUID::fromString);
            where.and("id > ?", sql -> sql.set(last));
        }
        var rows =
                database.read(
                        "list " + table(kind),
                        session ->
                                where.in(session, select(kind) + " ORDER BY id LIMIT ?")
                                        .set(request.limit() + 1)
                                        .list(row -> organization(kind, row)));
        return Cursor.page(table(kind), rows, request, one -> Cursor.of(one.id().toString()));
    }

    private static Organization organization(Organization.Kind kind, Row row) throws SQLException {
        return new Organization(
                kind,
                row.uuid("id"),
                row.maybeCommunity(),
                row.text("name"),
                row.document("metadata"),
                row.time("created_at"));
    }
}
