package org.tethral.http;

import java.time.Instant;
import java.time.InstantSource;
import java.util.random.RandomGenerator;
import org.tethral.account.Actor;
import org.tethral.kernel.Document;
import org.tethral.kernel.Micros;
import org.tethral.space.Reservation;
import org.tethral.space.ReservationId;
import org.tethral.space.ReservationStore;
import org.tethral.space.SpaceId;
import org.tethral.space.SpaceStore;

/// `/api/v1/reservations`.
final class ReservationRoutes {

    private final ReservationStore reservations;
    private final SpaceStore spaces;
    private final Runnable changed;
    private final InstantSource clock;
    private final RandomGenerator random;

    ReservationRoutes(HttpEdge.Parts parts) {
        this.reservations = parts.spaces().reservations();
        this.spaces = parts.spaces().store();
        this.changed = parts.spaces().changed();
        this.clock = parts.clock();
        this.random = parts.random();
    }

    void on(Operations.Target operations) {
        operations.on("listReservations", this::list);
        operations.on("addReservation", this::add);
        operations.on("getReservation", request -> Reply.ok(SpaceJson.reservation(find(request))));
        operations.on("confirmReservation", request -> change(request, reservations::confirm));
        operations.on("cancelReservation", request -> change(request, reservations::cancel));
    }

    private Reply list(ApiRequest request) {
        var filter =
                new ReservationStore.Filter(
                        request.community(),
                        request.query("space_id", SpaceId::parse),
                        request.query("status", Reservation.Status::parse),
                        request.query("from", ApiRequest::time),
                        request.query("to", ApiRequest::time));
        return Reply.ok(
                Fields.page(reservations.list(filter, request.page()), SpaceJson::reservation));
    }

    private Reservation find(ApiRequest request) {
        return reservations
                .find(new ReservationId(request.id()))
                .orElseThrow(() -> unknown(request));
    }

    private static Refusal unknown(ApiRequest request) {
        return new Refusal(Problem.unknown("reservation", request.id()));
    }

    private Reply add(ApiRequest request) {
        var now = Micros.truncated(clock.instant());
        var asked = asked(request, now);
        if (!asked.endsAt().isAfter(now) && asked.requestId() == null) {
            throw new Refusal(Problem.invalid("ends_at", "is over already"));
        }
        return switch (reservations.add(asked)) {
            case ReservationStore.Outcome.Done(var made) -> {
                changed.run();
                var shown = SpaceJson.reservation(made);
                yield Reply.created("/api/v1/reservations/" + made.id(), shown)
                        .audited(Act.added(made.id(), made.community(), shown));
            }
            case ReservationStore.Outcome.Repeated(var first) ->
                    Reply.ok(SpaceJson.reservation(first));
            case ReservationStore.Outcome.RequestIdTaken _ ->
                    refused(409, "request-id-taken", "the request_id was used for something else");
            case ReservationStore.Outcome.Overlaps(var by) ->
                    refused(
                            409,
                            "overlap",
                            by == null
                                    ? "the space is taken for some of that time"
                                    : "the space is taken from "
                                            + Fields.time(by.startsAt())
                                            + " to "
                                            + Fields.time(by.endsAt()));
            case ReservationStore.Outcome.NoSuchSpace _ ->
                    throw new Refusal(Problem.unknown("space", asked.space()));
            case ReservationStore.Outcome.Unknown _, ReservationStore.Outcome.IsOver _ ->
                    throw new IllegalStateException("no outcome of a new reservation");
        };
    }

    private static Reply refused(int status, String kind, String detail) {
        return Reply.of(Problem.of(status, kind, detail));
    }

    private Reservation asked(ApiRequest request, Instant now) {
        var space = request.field("space_id", SpaceId::parse);
        var starts = request.optionalField("starts_at", ApiRequest::time);
        var ends = request.field("ends_at", ApiRequest::time);
        var by = request.principal().actor();
        var metadata = request.body().find("metadata").orElse(Document.EMPTY);
        try {
            return new Reservation(
                    new ReservationId(Ids.next(random)),
                    space,
                    spaces.find(space).map(one -> one.about().community()).orElse(null),
                    Micros.truncated(starts == null ? now : starts),
                    Micros.truncated(ends),
                    request.body().text("holder").orElse(by.toString()),
                    request.body()
                            .text("status")
                            .map(Reservation.Status::parse)
                            .orElse(Reservation.Status.CONFIRMED),
                    request.body().text("request_id").orElse(null),
                    metadata instanceof Document document ? document : Document.EMPTY,
                    by,
                    now,
                    now);
        } catch (IllegalArgumentException e) {
            throw new Refusal(Problem.invalid("reservation", String.valueOf(e.getMessage())));
        }
    }

    @FunctionalInterface
    private interface Change {
        ReservationStore.Outcome of(ReservationId id, Actor by, Instant at);
    }

    private Reply change(ApiRequest request, Change change) {
        var before = find(request);
        return switch (change.of(before.id(), request.principal().actor(), clock.instant())) {
            case ReservationStore.Outcome.Done(var after) -> {
                changed.run();
                var shown = SpaceJson.reservation(after);
                yield Reply.ok(shown)
                        .audited(
                                Act.changed(
                                        after.id(),
                                        after.community(),
                                        SpaceJson.reservation(before),
                                        shown));
            }
            case ReservationStore.Outcome.IsOver(var over) ->
                    refused(409, "is-over", "the reservation is " + over.status().word());
            case ReservationStore.Outcome.Unknown _ -> throw unknown(request);
            case ReservationStore.Outcome.Repeated _,
                    ReservationStore.Outcome.RequestIdTaken _,
                    ReservationStore.Outcome.Overlaps _,
                    ReservationStore.Outcome.NoSuchSpace _ ->
                    throw new IllegalStateException("no outcome of a change");
        };
    }
}
