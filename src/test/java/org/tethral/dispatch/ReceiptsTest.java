package org.tethral.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.tethral.command.CommandId;
import org.tethral.command.Dispatch;
import org.tethral.device.DeviceId;

class ReceiptsTest {

    private final List<Receipts.Receipt> kept = new CopyOnWriteArrayList<>();
    private final Receipts receipts = new Receipts(kept::add);

    private static Dispatch.Key key(int number) {
        return new Dispatch.Key(new CommandId(new UUID(0, number)), new DeviceId("valve"));
    }

    private static Receipts.Receipt receipt(int number) {
        return new Receipts.Receipt(key(number), 1);
    }

    @Test
    void keepsThoseInTheirOrderThatNoAnswerFollows() {
        receipts.start();
        for (int i = 0; i < 100; i++) {
            receipts.hold(key(i), 1);
        }
        receipts.drop(key(0));
        receipts.drop(key(50));
        Node.await(() -> "kept " + kept.size(), () -> kept.size() == 98);
        receipts.close();
        assertThat(kept).doesNotContain(receipt(0), receipt(50));
        assertThat(kept.getFirst()).isEqualTo(receipt(1));
        assertThat(kept.getLast()).isEqualTo(receipt(99));
    }

    @Test
    void keepsThemAllWhenItEnds() {
        receipts.hold(key(1), 1);
        receipts.hold(key(2), 1);
        assertThat(kept).isEmpty();
        receipts.close();
        assertThat(kept).containsExactly(receipt(1), receipt(2));
    }

    @Test
    void holdsOnlySoMany() {
        for (int i = 0; i <= Receipts.HELD_MAX; i++) {
            receipts.hold(key(i), 1);
        }
        assertThat(kept).containsExactly(receipt(Receipts.HELD_MAX));
    }
}
