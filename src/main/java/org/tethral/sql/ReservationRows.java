package org.tethral.sql;

import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.tethral.account.Actor;
import org.tethral.space.Reservation;
import org.tethral.space.ReservationId;
import org.tethral.space.SpaceId;

/// The rows of `reservations`.
final class ReservationRows {

    static final String SELECT =
            """
            SELECT id, space_id, community_id, starts_at, ends_at, holder, status, request_id, metadata, created_by,
                   created_at, updated_at
            FROM reservations {where}
            """;

    /// Those that block their space; repeats the condition of the partial index.
    static final String BOOKED = "status IN ('pending', 'confirmed', 'active')";

    private ReservationRows() {}

    static Reservation read(Row row) throws SQLException {
        return new Reservation(
                new ReservationId(row.uuid("id")),
                new SpaceId(row.uuid("space_id")),
                row.maybeCommunity(),
                row.time("starts_at"),
                row.time("ends_at"),
                row.text("holder"),
                Reservation.Status.parse(row.text("status")),
                row.maybeText("request_id"),
                row.document("metadata"),
                Actor.parse(row.text("created_by")),
                row.time("created_at"),
                row.time("updated_at"));
    }

    static Optional<Reservation> find(Session session, ReservationId id) throws SQLException {
        return new Where().equal("id", id.value()).in(session, SELECT).find(ReservationRows::read);
    }

    static Optional<Reservation> ofRequest(Session session, String requestId) throws SQLException {
        return new Where()
                .equal("request_id", requestId)
                .in(session, SELECT)
                .find(ReservationRows::read);
    }

    /// In the order of time: as no two overlap, that of their ends is that of their starts.
    static List<Reservation> booked(
            Session session, SpaceId space, Instant from, Instant to, int limit)
            throws SQLException {
        return new Where()
                .equal("space_id", space.value())
                .and("ends_at > ?", sql -> sql.set(from))
                .and("starts_at < ?", sql -> sql.set(to))
                .in(session, SELECT + " AND " + BOOKED + " ORDER BY ends_at LIMIT ?")
                .set(limit)
                .list(ReservationRows::read);
    }

    /// The one whose time it is.
    static Optional<Reservation> at(Session session, SpaceId space, Instant now)
            throws SQLException {
        return booked(session, space, now, now.plusNanos(1_000), 1).stream().findFirst();
    }

    static void insert(Session session, Reservation one) throws SQLException {
        session.sql(
                        """
                        INSERT INTO reservations (id, space_id, community_id, starts_at, ends_at, holder, status,
                                                  request_id, metadata, due_at, created_by, created_at, updated_at)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                        """)
                .set(one.id().value())
                .set(one.space().value())
                .set(one.community())
                .set(one.startsAt())
                .set(one.endsAt())
                .set(one.holder())
                .set(one.status().word())
                .set(one.requestId())
                .set(one.metadata())
                .set(one.dueAt())
                .set(one.createdBy().toString())
                .set(one.createdAt())
                .set(one.updatedAt())
                .update();
    }

    static void update(Session session, Reservation one) throws SQLException {
        session.sql("UPDATE reservations SET status = ?, due_at = ?, updated_at = ? WHERE id = ?")
                .set(one.status().word())
                .set(one.dueAt())
                .set(one.updatedAt())
                .set(one.id().value())
                .update();
    }
}
