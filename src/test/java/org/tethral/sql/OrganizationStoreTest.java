package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.tethral.account.CommunityId;
import org.tethral.account.Organization;
import org.tethral.account.Organization.Kind;
import org.tethral.account.OrganizationStore;
import org.tethral.account.OrganizationStore.Outcome;
import org.tethral.account.Ownership;
import org.tethral.account.Ownership.Owner;
import org.tethral.device.DeviceStore;
import org.tethral.device.DeviceStore.Addition;
import org.tethral.device.DeviceStore.History;
import org.tethral.kernel.Document;
import org.tethral.kernel.Page;

/// Communities and who is in them, and to whom things belong.
@EachEngine
class OrganizationStoreTest {

    private final OrganizationStore store;
    private final Ownership ownership;
    private final DeviceStore devices;

    OrganizationStoreTest(TestDatabase test) {
        this.store = new SqlOrganizationStore(test.database());
        this.ownership = new SqlOwnership(test.database());
        this.devices = new SqlDeviceStore(test.database());
    }

    private Organization organization(Kind kind, String name, @Nullable CommunityId community) {
        var id = UUID.randomUUID();
        return new Organization(
                kind,
                id,
                kind == Kind.COMMUNITY ? new CommunityId(id) : community,
                name,
                Document.EMPTY,
                Devices.NOW);
    }

    private CommunityId community(String name) {
        var community = organization(Kind.COMMUNITY, name, null);
        assertThat(store.add(community)).isEqualTo(new Outcome.Stored(community));
        return new CommunityId(community.id());
    }

    @Test
    void hasOneCommunityFromTheStart() {
        assertThat(store.find(Kind.COMMUNITY, CommunityId.DEFAULT.value()))
                .hasValueSatisfying(one -> assertThat(one.name()).isEqualTo("default"));
    }

    @Test
    void listsWhatIsOfACommunityAndOfNone() {
        var own = community("lists");
        var other = community("does not list");
        var customer = organization(Kind.CUSTOMER, "own", own);
        var shared = organization(Kind.CUSTOMER, "shared", null);
        var foreign = organization(Kind.CUSTOMER, "foreign", other);
        store.add(customer);
        store.add(shared);
        store.add(foreign);
        var page = Page.Request.first(100);
        assertThat(store.list(Kind.CUSTOMER, own, page).items())
                .contains(customer, shared)
                .doesNotContain(foreign);
        assertThat(store.list(Kind.CUSTOMER, null, page).items())
                .contains(customer, shared, foreign);
        assertThat(store.list(Kind.COMMUNITY, own, page).items())
                .extracting(Organization::name)
                .containsExactly("lists");
        var first = store.list(Kind.CUSTOMER, null, Page.Request.first(1));
        assertThat(
                        store.list(Kind.CUSTOMER, null, new Page.Request(100, first.nextCursor()))
                                .items())
                .doesNotContainAnyElementsOf(first.items());
    }

    @Test
    void keepsWhatSomethingBelongsTo() {
        var community = community("kept");
        var customer = organization(Kind.CUSTOMER, "of kept", community);
        store.add(customer);
        assertThat(store.remove(Kind.COMMUNITY, community.value()))
                .isEqualTo(new Outcome.Referred());
        assertThat(store.remove(Kind.CUSTOMER, customer.id()))
                .isEqualTo(new Outcome.Stored(customer));
        assertThat(store.remove(Kind.COMMUNITY, community.value()))
                .isInstanceOf(Outcome.Stored.class);
        assertThat(store.remove(Kind.COMMUNITY, community.value()))
                .isEqualTo(new Outcome.Unknown(community.value()));
        assertThat(store.add(organization(Kind.CUSTOMER, "of nobody", community)))
                .isEqualTo(new Outcome.Referred());
    }

    @Test
    void keepsNamesOfCommunitiesApart() {
        community("named");
        assertThat(store.add(organization(Kind.COMMUNITY, "named", null)))
                .isEqualTo(new Outcome.NameTaken("named"));
        var other = organization(Kind.COMMUNITY, "named else", null);
        store.add(other);
        assertThat(
                        store.change(
                                new Organization(
                                        Kind.COMMUNITY,
                                        other.id(),
                                        other.community(),
                                        "named",
                                        Document.EMPTY,
                                        Devices.NOW)))
                .isEqualTo(new Outcome.NameTaken("named"));
    }

    @Test
    void givesTheIdOfARemovedDeviceToItsOwnCommunityOnly() {
        var own = community("remembers");
        var other = community("would see its history");
        var device = Devices.of("once here", own);
        assertThat(ownership.find(Ownership.Kind.DEVICE, "once here")).isEmpty();
        devices.add(device, null, Devices.ACTOR);
        assertThat(ownership.find(Ownership.Kind.DEVICE, "once here")).contains(new Owner(own));
        devices.remove(device.deviceId(), History.KEEP, Devices.ACTOR, Devices.NOW);
        var foreign = Devices.of("once here", other);
        var taken = new Addition.IdTaken(device.deviceId());
        assertThat(devices.add(foreign, null, Devices.ACTOR)).isEqualTo(taken);
        assertThat(devices.addAll(List.of(foreign), Devices.ACTOR)).containsExactly(taken);
        assertThat(devices.add(device, null, Devices.ACTOR)).isInstanceOf(Addition.Added.class);
        devices.remove(device.deviceId(), History.PURGE, Devices.ACTOR, Devices.NOW);
        assertThat(devices.add(foreign, null, Devices.ACTOR)).isInstanceOf(Addition.Added.class);
    }
}
