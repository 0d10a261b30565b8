package org.tethral.http;

import java.time.InstantSource;
import java.util.Locale;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.tethral.account.CommunityId;
import org.tethral.account.Organization;
import org.tethral.account.OrganizationStore;
import org.tethral.kernel.Document;
import org.tethral.kernel.Micros;

/// `/api/v1/communities`, `/api/v1/distributors` and `/api/v1/customers`.
final class OrganizationRoutes {

    private final OrganizationStore organizations;
    private final InstantSource clock;
    private final RandomGenerator random;

    OrganizationRoutes(HttpEdge.Parts parts) {
        this.organizations = parts.stores().organizations();
        this.clock = parts.clock();
        this.random = parts.random();
    }

    void on(Operations.Target operations) {
        on(operations, Organization.Kind.COMMUNITY, "Community", "Communities");
        on(operations, Organization.Kind.DISTRIBUTOR, "Distributor", "Distributors");
        on(operations, Organization.Kind.CUSTOMER, "Customer", "Customers");
    }

    private void on(Operations.Target operations, Organization.Kind kind, String one, String many) {
        operations.on(
                "list" + many,
                request ->
                        Reply.ok(
                                Fields.page(
                                        organizations.list(
                                                kind, request.community(), request.page()),
                                        OrganizationRoutes::document)));
        operations.on(
                "add" + one,
                request -> add(request, kind, "/api/v1/" + many.toLowerCase(Locale.ROOT) + "/"));
        operations.on("get" + one, request -> Reply.ok(document(find(kind, request.id()))));
        operations.on("change" + one, request -> change(request, kind));
        operations.on("remove" + one, request -> remove(request, kind));
    }

    private Reply add(ApiRequest request, Organization.Kind kind, String path) {
        var id = Ids.next(random);
        var organization =
                new Organization(
                        kind,
                        id,
                        kind == Organization.Kind.COMMUNITY
                                ? new CommunityId(id)
                                : request.optionalField("community_id", CommunityId::parse),
                        request.field("name", text -> text),
                        metadata(request.body()),
                        Micros.truncated(clock.instant()));
        return switch (organizations.add(organization)) {
            case OrganizationStore.Outcome.Stored(var stored) ->
                    Reply.created(path + id, document(stored))
                            .audited(Act.added(id, stored.community(), document(stored)));
            case OrganizationStore.Outcome.Referred _ ->
                    Reply.of(
                            Problem.invalid(
                                    "community_id",
                                    "there is no community " + organization.community()));
            case OrganizationStore.Outcome other -> refused(kind, other);
        };
    }

    private Reply change(ApiRequest request, Organization.Kind kind) {
        var before = find(kind, request.id());
        var next = document(before).merged(request.body());
        var changed =
                new Organization(
                        kind,
                        before.id(),
                        before.community(),
                        next.text("name").orElse(before.name()),
                        metadata(next),
                        before.createdAt());
        var outcome = organizations.change(changed);
        return outcome instanceof OrganizationStore.Outcome.Stored(var stored)
                ? Reply.ok(document(stored))
                        .audited(
                                Act.changed(
                                        stored.id(),
                                        stored.community(),
                                        document(before),
                                        document(stored)))
                : refused(kind, outcome);
    }

    private Reply remove(ApiRequest request, Organization.Kind kind) {
        var id = request.id();
        if (CommunityId.DEFAULT.value().equals(id)) {
            return Reply.of(
                    Problem.of(409, "default-community", "the default community is always there"));
        }
        var outcome = organizations.remove(kind, id);
        return outcome instanceof OrganizationStore.Outcome.Stored(var removed)
                ? Reply.noContent().audited(Act.removed(id, removed.community(), document(removed)))
                : refused(kind, outcome);
    }

    private static Reply.Content refused(
            Organization.Kind kind, OrganizationStore.Outcome outcome) {
        return Reply.of(
                switch (outcome) {
                    case OrganizationStore.Outcome.Stored(var stored) ->
                            throw new IllegalStateException("not refused: " + stored.id());
                    case OrganizationStore.Outcome.NameTaken(var name) ->
                            Problem.of(
                                    409,
                                    "name-taken",
                                    "there is a " + kind.word() + " '" + name + "' already");
                    case OrganizationStore.Outcome.Unknown(var id) ->
                            Problem.unknown(kind.word(), id);
                    case OrganizationStore.Outcome.Referred _ ->
                            Problem.of(
                                    409,
                                    "in-use",
                                    "devices, keys or others still belong to this " + kind.word());
                });
    }

    private Organization find(Organization.Kind kind, UUID id) {
        return organizations
                .find(kind, id)
                .orElseThrow(() -> new Refusal(Problem.unknown(kind.word(), id)));
    }

    private static Document metadata(Document given) {
        return given.find("metadata").orElse(Document.EMPTY) instanceof Document document
                ? document
                : Document.EMPTY;
    }

    private static Document document(Organization organization) {
        var fields = new Fields().word("id", organization.id());
        if (organization.kind() != Organization.Kind.COMMUNITY) {
            fields.word("community_id", organization.community());
        }
        return fields.text("name", organization.name())
                .value("metadata", organization.metadata())
                .time("created_at", organization.createdAt())
                .document();
    }
}
