package org.tethral.command;

import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.tethral.account.Actor;
import org.tethral.account.CommunityId;
import org.tethral.device.DeviceId;
import org.tethral.event.Priority;
import org.tethral.kernel.Document;

/// Commands and dispatches for tests.
public final class Dispatches {

    public static final Instant T0 = Instant.parse("2026-03-01T12:00:00Z");
    public static final DeviceId PUMP = new DeviceId("pump-7");

    private Dispatches() {}

    public static Terms terms() {
        return new Terms(
                new CommandName("open"),
                Priority.NORMAL,
                CommunityId.DEFAULT,
                T0,
                T0.plusSeconds(3_600),
                Duration.ofSeconds(30),
                3,
                false,
                "node-1");
    }

    public static Terms oneWay() {
        return new Terms(
                new CommandName("beep"),
                Priority.NORMAL,
                CommunityId.DEFAULT,
                T0,
                T0.plusSeconds(3_600),
                Duration.ofSeconds(30),
                3,
                true,
                "node-1");
    }

    public static Command command(Terms terms) {
        return new Command(
                new CommandId(new UUID(0x0190_0000_0000_7000L, 0x8000_0000_0000_0001L)),
                terms,
                Document.EMPTY,
                new Target.One(PUMP),
                Actor.apiKey("ops"),
                null,
                null,
                1);
    }

    public static Dispatch issued(Terms terms) {
        return Dispatch.issued(command(terms), PUMP);
    }

    /// As if it was sent at [#T0].
    public static Dispatch sent(CommandId command, DeviceId device) {
        return new Dispatch(
                command,
                device,
                terms(),
                new Stage.Sent(1, T0, "node-1", T0.plus(Duration.ofSeconds(30))),
                0);
    }
}
