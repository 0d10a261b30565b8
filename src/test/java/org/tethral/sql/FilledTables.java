package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.sql.Devices.NOW;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.tethral.account.Actor;
import org.tethral.account.CommunityId;
import org.tethral.command.DispatchStep;
import org.tethral.command.Target;
import org.tethral.device.ConnectingDevice;
import org.tethral.device.Credential;
import org.tethral.device.Device;
import org.tethral.device.DeviceId;
import org.tethral.device.DeviceStore.History;
import org.tethral.device.Lifecycle;
import org.tethral.device.Link;
import org.tethral.device.MessageId;
import org.tethral.device.Profile;
import org.tethral.device.Protocol;
import org.tethral.event.Priority;
import org.tethral.ingest.Answer;
import org.tethral.ingest.Inbound;
import org.tethral.ingest.Ingest;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;
import org.tethral.state.StateName;

/// A database in which a few devices lived.
final class FilledTables {

    private final Database database;

    private FilledTables(Database database) {
        this.database = database;
    }

    /// Devices that did all that there is to do; one of them removed with its history kept, and
    /// registered again.
    static void fill(Database database) {
        new FilledTables(database).fill();
    }

    private void fill() {
        var registry = new SqlDeviceStore(database);
        for (var id : List.of("a", "b", "again", "purged")) {
            registry.add(
                    Devices.plain(id),
                    Devices.credential(id, Credential.Type.TOKEN, "token " + id),
                    Devices.ACTOR);
        }
        report(List.of("a", "b", "again", "purged"), 40);
        registry.remove(new DeviceId("again"), History.KEEP, Devices.ACTOR, NOW.plusSeconds(5_000));
        registry.remove(
                new DeviceId("purged"), History.PURGE, Devices.ACTOR, NOW.plusSeconds(5_000));
        registry.add(
                Device.register(
                        UUID.randomUUID(),
                        new DeviceId("again"),
                        Device.About.named("again"),
                        NOW.plusSeconds(6_000)),
                null,
                Devices.ACTOR);
        var moved = Devices.plain("a").moved(Lifecycle.MAINTENANCE, NOW.plusSeconds(1));
        registry.move(moved, "leaks", Devices.ACTOR);
        registry.move(moved.moved(Lifecycle.ACTIVE, NOW.plusSeconds(2)), "mended", Devices.ACTOR);
        report(List.of("again"), 3, 6_100);
        command();
        RaisedAlerts.fill(database);
        FilledSpaces.fill(database, new DeviceId("a"), new DeviceId("b"));
    }

    /// Given to two, of whom one is removed and the other one answers.
    private void command() {
        try (var rig = new CommandRig(database, "verify")) {
            var registry = new SqlDeviceStore(database);
            registry.add(Devices.plain("leaves"), null, Devices.ACTOR);
            var both = List.of(new DeviceId("b"), new DeviceId("leaves"));
            var command = rig.command(new Target.Listed(both), 2, Priority.NORMAL, null);
            rig.issue(command, both);
            rig.step(command.id(), both.getFirst(), new DispatchStep.Claimed("verify"), 1);
            rig.step(command.id(), both.getFirst(), DispatchStep.Answered.succeeded(), 2);
            registry.remove(both.getLast(), History.KEEP, Devices.ACTOR, NOW.plusSeconds(7_000));
        }
    }

    private void report(List<String> devices, int reports) {
        report(devices, reports, 10);
    }

    private void report(List<String> devices, int reports, long fromSecond) {
        try (var ingest =
                new Ingest(
                        SqlJournal.lanes(database),
                        lane ->
                                SqlJournal.open(
                                        database,
                                        "node",
                                        lane,
                                        new SplittableRandom(fromSecond + lane)),
                        InstantSource.fixed(NOW),
                        new SimpleMeterRegistry())) {
            ingest.start();
            var answers = new ArrayList<CompletableFuture<Answer>>();
            for (var id : devices) {
                var device = connecting(id);
                var at = NOW.plusSeconds(fromSecond);
                var link = new Link(UUID.randomUUID(), Protocol.MQTT, null, "node");
                answers.add(ingest.submit(new Inbound.Connected(device, at, link)));
                for (int i = 0; i < reports; i++) {
                    var measured = at.plusSeconds(7L * i);
                    var values =
                            Document.of("t", Value.of(20.5 + i)).with("on", Value.of(i % 2 == 0));
                    var name = new MessageId(fromSecond + "-" + i / 2); // each is sent twice
                    answers.add(
                            ingest.submit(
                                    new Inbound.Report(
                                            device,
                                            measured,
                                            List.of(
                                                    new Inbound.Measurement(
                                                            measured, name, values)))));
                }
                answers.add(
                        ingest.submit(
                                new Inbound.StateReport(
                                        device,
                                        at.plusSeconds(300),
                                        new StateName("idle"),
                                        null,
                                        Actor.device(id))));
                if (!id.equals("b")) {
                    answers.add(
                            ingest.submit(
                                    new Inbound.Disconnected(
                                            device, at.plusSeconds(310), link, false, "closed")));
                }
            }
            answers.forEach(answer -> assertThat(answer.join()).isInstanceOf(Answer.Stored.class));
        }
    }

    private static ConnectingDevice connecting(String id) {
        return new ConnectingDevice(
                new DeviceId(id),
                CommunityId.DEFAULT,
                true,
                Profile.HEARTBEAT_INTERVAL_DEFAULT,
                Profile.OFFLINE_AFTER_DEFAULT);
    }
}
