package org.tethral.ingest;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tethral.command.Dispatch;
import org.tethral.command.Stage;
import org.tethral.device.DeviceId;
import org.tethral.kernel.Micros;

/// What a lane remembers of what it committed, so that it need not be read again. Each write checks
/// the revision of its row: who was overtaken forgets, and reads.
final class Memory {

    static final int SITUATIONS_MAX = 20_000;

    /// Commands that are with a device.
    static final int DISPATCHES_MAX = 16_384;

    private final Map<DeviceId, Situation> situations = new Newest<>(SITUATIONS_MAX);
    private final Map<Dispatch.Key, Dispatch> dispatches = new Newest<>(DISPATCHES_MAX);

    /// Those used last.
    private static final class Newest<K, V> extends LinkedHashMap<K, V> {
        private static final long serialVersionUID = 1L;
        private final int max;

        Newest(int max) {
            super(256, 0.75f, true);
            this.max = max;
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
            return size() > max;
        }
    }

    Map<DeviceId, Situation> situations() {
        return situations;
    }

    /// What the step leads on from; null: it is to be read. A step that leads to nothing writes
    /// nothing that would be checked, so it is always decided on the row itself.
    @Nullable Dispatch dispatch(Inbound.CommandStep step) {
        var known = dispatches.get(new Dispatch.Key(step.command(), step.device().id()));
        return known == null
                        || known.after(step.step(), Micros.truncated(step.receivedAt()))
                                .equals(known)
                ? null
                : known;
    }

    void keep(Batch batch) {
        batch.situations().forEach(situation -> situations.put(situation.device(), situation));
        batch.dispatches().forEach(this::keep);
    }

    private void keep(Dispatch dispatch) {
        switch (dispatch.stage()) {
            case Stage.Sent _, Stage.Delivered _ -> dispatches.put(dispatch.key(), dispatch);
            case Stage.Pending _,
                    Stage.Acknowledged _,
                    Stage.TimedOut _,
                    Stage.Expired _,
                    Stage.Cancelled _ ->
                    dispatches.remove(dispatch.key());
        }
    }

    void forget(Batch batch) {
        batch.devices().forEach(situations::remove);
        batch.steps().forEach(dispatches::remove);
    }

    void forget(DeviceId device) {
        situations.remove(device);
    }

    void forgetSituations() {
        situations.clear();
    }
}
