package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.sql.CommandRig.NOW;

import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.tethral.account.Actor;
import org.tethral.account.CommunityId;
import org.tethral.account.Organization;
import org.tethral.command.Command;
import org.tethral.command.DispatchStep;
import org.tethral.command.Stage;
import org.tethral.command.Target;
import org.tethral.command.Terms;
import org.tethral.device.DeviceId;
import org.tethral.device.DeviceStore;
import org.tethral.event.Priority;
import org.tethral.kernel.Document;

/// A device becomes another community's.
@EachEngine
class DeviceMoveContractTest {

    private final Database database;
    private final DeviceStore devices;

    DeviceMoveContractTest(TestDatabase test) {
        this.database = test.database();
        this.devices = new SqlDeviceStore(database);
    }

    @Test
    void cancelsWhatItsFormerCommunityCommandedAndNothingElse() {
        var other = community();
        var id = new Fleet(database).add("moves").id();
        try (var rig = new CommandRig(database, "move")) {
            var theirs = rig.command(new Target.One(id), 1, Priority.NORMAL, null);
            var sent = rig.command(new Target.One(id), 1, Priority.NORMAL, null);
            var everybodys = of(rig.command(new Target.One(id), 1, Priority.NORMAL, null), null);
            var others = of(rig.command(new Target.One(id), 1, Priority.NORMAL, null), other);
            for (var command : List.of(theirs, sent, everybodys, others)) {
                rig.issue(command, List.of(id));
            }
            rig.step(sent.id(), id, new DispatchStep.Claimed("n"), 1);

            var at = NOW.plusSeconds(5);
            var device = devices.find(id).orElseThrow();
            var moved = device.changed(Devices.of("moves", other).about(), true, at);
            assertThat(devices.change(moved, Actor.session("root@example.org")))
                    .isInstanceOf(DeviceStore.Change.Changed.class);

            var reason = "system:device_moved";
            assertThat(rig.stage(theirs.id(), id))
                    .isEqualTo(new Stage.Cancelled(0, null, at, reason, null));
            assertThat(rig.stage(sent.id(), id))
                    .isEqualTo(new Stage.Cancelled(1, NOW.plusSeconds(1), at, reason, null));
            for (var command : List.of(everybodys, others)) {
                assertThat(rig.stage(command.id(), id)).isInstanceOf(Stage.Pending.class);
            }
            assertThat(rig.progress(theirs.id()).cancelled()).isOne();
            assertThat(rig.progress(theirs.id()).isComplete()).isTrue();
            assertThat(told("command.cancelled")).isEqualTo(2);

            rig.step(theirs.id(), id, new DispatchStep.Claimed("n"), 6);
            assertThat(rig.stage(theirs.id(), id)).isInstanceOf(Stage.Cancelled.class);
        }
    }

    @Test
    void leavesCommandsAloneWhenAnythingElseChanges() {
        var id = new Fleet(database).add("stays").id();
        try (var rig = new CommandRig(database, "stay")) {
            var command = rig.command(new Target.One(id), 1, Priority.NORMAL, null);
            rig.issue(command, List.of(id));
            var device = devices.find(id).orElseThrow();
            devices.change(
                    device.changed(device.about(), false, NOW), Actor.session("root@example.org"));
            assertThat(rig.stage(command.id(), id)).isInstanceOf(Stage.Pending.class);
        }
    }

    /// To those who sent the command, whose the device was.
    private long told(String type) {
        return new SqlEventLog(database)
                .after(0, 1_000).stream()
                        .filter(one -> one.event().type().value().equals(type))
                        .filter(one -> new DeviceId("moves").equals(one.event().device()))
                        .filter(one -> CommunityId.DEFAULT.equals(one.event().community()))
                        .count();
    }

    private static Command of(Command command, @Nullable CommunityId community) {
        var terms = command.terms();
        return new Command(
                command.id(),
                new Terms(
                        terms.name(),
                        terms.priority(),
                        community,
                        terms.createdAt(),
                        terms.expiresAt(),
                        terms.timeout(),
                        terms.attemptsMax(),
                        terms.oneWay(),
                        terms.node()),
                command.payload(),
                command.target(),
                command.issuedBy(),
                null,
                null,
                1);
    }

    private CommunityId community() {
        var id = UUID.randomUUID();
        new SqlOrganizationStore(database)
                .add(
                        new Organization(
                                Organization.Kind.COMMUNITY,
                                id,
                                new CommunityId(id),
                                "other",
                                Document.EMPTY,
                                TestDatabase.NOW));
        return new CommunityId(id);
    }
}
