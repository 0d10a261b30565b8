package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.sql.CommandRig.NOW;
import static org.tethral.sql.CommandRig.OPS;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.tethral.command.Command;
import org.tethral.command.Dispatch;
import org.tethral.command.DispatchStep;
import org.tethral.command.Progress;
import org.tethral.command.Stage;
import org.tethral.command.Target;
import org.tethral.device.DeviceId;
import org.tethral.event.Priority;
import org.tethral.ingest.Answer;
import org.tethral.ingest.Posting;
import org.tethral.kernel.Document;

/// What a lane remembers of a command never decides over what another writer has made of it.
@EachEngine
class RememberedDispatchesTest {

    private static int names;

    private final String name = "remembered-" + names++;
    private final CommandRig ours;
    private final CommandRig theirs;
    private final DeviceId device;

    RememberedDispatchesTest(TestDatabase test) {
        this.ours = new CommandRig(test.database(), name);
        this.theirs = new CommandRig(test.database(), name + "-other");
        this.device = new Fleet(test.database()).add(name).id();
    }

    @AfterEach
    void close() {
        ours.close();
        theirs.close();
    }

    /// Sent by us, and so remembered.
    private Command sent() {
        var command = ours.command(new Target.One(device), 1, Priority.NORMAL, null);
        var dispatch = Dispatch.issued(command, device).after(new DispatchStep.Claimed(name), NOW);
        assertThat(ours.post(new Posting.Issued(command, List.of(dispatch), true)))
                .isEqualTo(Answer.Stored.NOTHING_TO_NUMBER);
        return command;
    }

    @Test
    void anAnswerThatIsOvertakenByACancelIsNotedAsLate() {
        var command = sent();
        theirs.step(command.id(), device, new DispatchStep.Cancelled(OPS), 1);
        assertThat(ours.step(command.id(), device, DispatchStep.Answered.succeeded(), 2))
                .isInstanceOf(Answer.Stored.class);
        assertThat(ours.stage(command.id(), device))
                .isInstanceOfSatisfying(
                        Stage.Cancelled.class, ended -> assertThat(ended.late()).isNotNull());
        assertThat(ours.progress(command.id())).isEqualTo(new Progress(0, 0, 0, 0, 0, 0, 0, 1));
    }

    @Test
    void aClaimOfWhatWaitsAgainIsDecidedOnWhatIsSoNow() {
        var command = sent();
        theirs.step(command.id(), device, new DispatchStep.Lost(1, "a node died"), 1);
        assertThat(ours.step(command.id(), device, new DispatchStep.Claimed(name), 5))
                .isEqualTo(new Answer.Stored(List.of(2L)));
        assertThat(ours.step(command.id(), device, DispatchStep.Answered.succeeded(), 6))
                .isInstanceOf(Answer.Stored.class);
        assertThat(ours.progress(command.id())).isEqualTo(new Progress(0, 0, 0, 1, 0, 0, 0, 0));
        assertThat(ours.stage(command.id(), device).attempts()).isEqualTo(2);
    }

    @Test
    void ofTwoWhoHearAnAnswerOneCounts() {
        var command = sent();
        theirs.step(command.id(), device, DispatchStep.Answered.succeeded(), 1);
        var second = new DispatchStep.Answered(false, Document.EMPTY, "no");
        assertThat(ours.step(command.id(), device, second, 2))
                .isEqualTo(Answer.Stored.NOTHING_TO_NUMBER);
        assertThat(ours.progress(command.id())).isEqualTo(new Progress(0, 0, 0, 1, 0, 0, 0, 0));
    }
}
