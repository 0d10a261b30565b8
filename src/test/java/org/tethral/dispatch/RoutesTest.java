package org.tethral.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.tethral.command.CommandId;
import org.tethral.command.Dispatch;
import org.tethral.command.Dispatches;
import org.tethral.command.Downlink;
import org.tethral.command.Handover;
import org.tethral.command.Instruction;
import org.tethral.device.DeviceId;
import org.tethral.device.Protocol;
import org.tethral.kernel.Value;

class RoutesTest {

    private static final DeviceId VALVE = new DeviceId("valve");

    private final Routes routes = new Routes();

    private static Dispatch dispatch(long revision) {
        var sent = Dispatches.sent(new CommandId(new UUID(0, 1)), VALVE);
        return new Dispatch(sent.command(), VALVE, sent.terms(), sent.stage(), revision);
    }

    private record Way() implements Downlink {
        @Override
        public Protocol protocol() {
            return Protocol.MQTT;
        }

        @Override
        public int capacity() {
            return 1;
        }

        @Override
        public void send(Instruction instruction, Handover handover) {}
    }

    /// A device that comes back between a commit and the news of it.
    @Test
    void keepThePlaceOfAClaimThatIsNewerThanTheNews() {
        routes.add(VALVE, new Way());
        assertThat(routes.take(new Ticket(dispatch(3), Value.of("open")))).isTrue();
        routes.giveBack(dispatch(2));
        assertThat(routes.inFlight()).isOne();
        assertThat(routes.ship(dispatch(3).key(), 2)).isNotNull();
        routes.giveBack(dispatch(3));
        assertThat(routes.inFlight()).isZero();
    }
}
