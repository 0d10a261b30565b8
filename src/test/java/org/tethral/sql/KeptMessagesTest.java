package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.sql.Devices.NOW;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.tethral.account.Actor;
import org.tethral.account.CommunityId;
import org.tethral.device.DevEui;
import org.tethral.device.Device;
import org.tethral.device.DeviceId;
import org.tethral.device.Inbox;
import org.tethral.device.KeptMessages;
import org.tethral.device.KeptMessages.Message;
import org.tethral.device.Protocol;
import org.tethral.space.SensorDevice;

@EachEngine
class KeptMessagesTest {

    private static final DevEui DEVICE = new DevEui("00000000000000AA");

    private final Database database;
    private final SqlInbox inbox;
    private final KeptMessages kept;

    KeptMessagesTest(TestDatabase test) {
        this.database = test.database();
        this.inbox = new SqlInbox(database, "node-1");
        this.kept = inbox;
        database.write(
                "clear",
                session ->
                        session.sql("DELETE FROM inbox").update()
                                + session.sql("DELETE FROM inbox_messages").update()
                                + session.sql("DELETE FROM sensor_devices").update());
    }

    private static Inbox.Entry knock(String identity, int second) {
        var at = NOW.plusSeconds(second);
        return new Inbox.Entry(
                identity, Protocol.LORAWAN, "chirpstack", "unknown DevEUI", 1, at, at);
    }

    private static Message message(String identity, String id, int second) {
        return new Message(
                identity,
                id,
                NOW.plusSeconds(second),
                CommunityId.DEFAULT,
                "chirpstack/up",
                id.getBytes(StandardCharsets.UTF_8));
    }

    private static String filler(int number) {
        return "F%015X".formatted(number);
    }

    private void keep(String identity, String id, int second) {
        kept.keep(knock(identity, second), message(identity, id, second));
    }

    private void register(DevEui devEui) {
        var id = new DeviceId("d" + devEui);
        new SqlDeviceStore(database)
                .add(
                        Device.register(UUID.randomUUID(), id, Device.About.named("d"), NOW),
                        null,
                        Actor.system("test"));
        new SqlServingDevices(new SpaceTurns(database, new Random(1)))
                .put(new SensorDevice(id, devEui, null, null, null, null, null), NOW);
    }

    @Test
    void keepsEachMessageOnceInItsOrder() {
        keep(DEVICE.value(), "first", 1);
        keep(DEVICE.value(), "a second", 2);
        keep(DEVICE.value(), "first", 3);
        assertThat(kept.of(DEVICE.value()))
                .usingRecursiveFieldByFieldElementComparator()
                .containsExactly(
                        message(DEVICE.value(), "first", 1),
                        message(DEVICE.value(), "a second", 2));
        assertThat(inbox.find(DEVICE.value()).orElseThrow().attempts()).isEqualTo(3);
        assertThat(kept.of("00000000000000AB")).isEmpty();
    }

    @Test
    void keepsNoMoreOfOneThanItSays() {
        for (int i = 0; i < KeptMessages.OF_ONE_MAX + 3; i++) {
            keep(DEVICE.value(), "m%02d".formatted(i), i);
        }
        assertThat(kept.of(DEVICE.value()))
                .extracting(Message::id)
                .containsExactlyElementsOf(
                        IntStream.range(3, KeptMessages.OF_ONE_MAX + 3)
                                .mapToObj("m%02d"::formatted)
                                .toList());
    }

    @Test
    void keepsNoMoreOfAllThanItSays() {
        database.write(
                "fill",
                session -> {
                    for (int i = 0; i < KeptMessages.ALL_MAX; i++) {
                        KeptRows.keep(session, message(filler(i), "m", i));
                    }
                    return 0;
                });
        keep(DEVICE.value(), "newest", KeptMessages.ALL_MAX);
        assertThat(kept.of(DEVICE.value())).hasSize(1);
        assertThat(kept.of(filler(0))).as("the oldest made room").isEmpty();
        assertThat(kept.of(filler(1))).hasSize(1);
    }

    @Test
    void keepsNoMessageThatIsTooLong() {
        kept.keep(
                knock(DEVICE.value(), 1),
                new Message(
                        DEVICE.value(),
                        "long",
                        NOW,
                        null,
                        "chirpstack/up",
                        new byte[KeptMessages.BYTES_MAX + 1]));
        assertThat(kept.of(DEVICE.value())).isEmpty();
        assertThat(inbox.find(DEVICE.value())).isPresent();
    }

    @Test
    void knowsWhoIsRegisteredByNow() {
        var registered = new DevEui("00000000000000BB");
        keep(DEVICE.value(), "stranger's", 1);
        keep(registered.value(), "one", 1);
        keep(registered.value(), "two", 2);
        assertThat(kept.registered()).isEmpty();
        register(registered);
        assertThat(kept.registered()).containsExactly(registered);
        assertThat(inbox.dismiss(registered.value())).isTrue();
        assertThat(kept.of(registered.value())).as("they are yet to be applied").hasSize(2);
        kept.of(registered.value()).forEach(kept::forget);
        assertThat(kept.registered()).isEmpty();
    }

    @Test
    void forgetsWhatADismissedDeviceSent() {
        keep(DEVICE.value(), "one", 1);
        assertThat(inbox.dismiss(DEVICE.value())).isTrue();
        assertThat(kept.of(DEVICE.value())).isEmpty();
    }
}
