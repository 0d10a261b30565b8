package org.tethral.ingest;

import java.util.List;
import org.tethral.space.Actuator;
import org.tethral.space.SpaceKeeper;

/// Hands on what sensors said of spaces of that which was committed, and that displays live.
public final class SpaceFeed implements Ingest.Listener {

    private final SpaceKeeper spaces;
    private final Actuator displays;

    public SpaceFeed(SpaceKeeper spaces, Actuator displays) {
        this.spaces = spaces;
        this.displays = displays;
    }

    @Override
    public void committed(List<Fact> facts) {
        for (var fact : facts) {
            switch (fact) {
                case Fact.Reported(var snapshot, _) -> {
                    spaces.reported(
                            snapshot.device(),
                            snapshot.timestamp(),
                            snapshot.sequence(),
                            snapshot.values());
                    displays.heardOf(snapshot.device());
                }
                case Fact.StateMoved(var change, _) -> {
                    spaces.moved(change.device(), change.at(), change.to());
                    displays.heardOf(change.device());
                }
                case Fact.Linked linked -> displays.heardOf(linked.device());
                case Fact.Happened _,
                        Fact.DesiredChanged _,
                        Fact.DispatchMoved _,
                        Fact.Configured _ -> {}
            }
        }
    }
}
