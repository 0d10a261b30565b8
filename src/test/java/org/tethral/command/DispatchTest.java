package org.tethral.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.command.Dispatches.T0;
import static org.tethral.command.Dispatches.issued;
import static org.tethral.command.Dispatches.oneWay;
import static org.tethral.command.Dispatches.terms;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.tethral.account.Actor;
import org.tethral.command.DispatchStep.Answered;
import org.tethral.command.DispatchStep.Cancelled;
import org.tethral.command.DispatchStep.Claimed;
import org.tethral.command.DispatchStep.Delivered;
import org.tethral.command.DispatchStep.GivenUp;
import org.tethral.command.DispatchStep.Lost;
import org.tethral.command.DispatchStep.NotHandedOver;
import org.tethral.command.DispatchStep.Queued;
import org.tethral.command.DispatchStep.Refused;
import org.tethral.command.DispatchStep.TimePassed;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

class DispatchTest {

    private static final Claimed CLAIM = new Claimed("node-1");
    private static final Answered YES = Answered.succeeded();
    private static final Answered NO = new Answered(false, Document.EMPTY, "stuck");
    private static final TimePassed TIME = new TimePassed();
    private static final Cancelled CANCEL = new Cancelled(Actor.apiKey("ops"));

    private static Instant second(long seconds) {
        return T0.plusSeconds(seconds);
    }

    @Test
    void goesFromPendingOverSentAndDeliveredToItsAnswer() {
        var sent = issued(terms()).after(CLAIM, second(1));
        assertThat(sent.stage()).isEqualTo(new Stage.Sent(1, second(1), "node-1", second(31)));
        var delivered = sent.after(new Delivered(1), second(2));
        assertThat(delivered.stage().status()).isEqualTo(CommandStatus.DELIVERED);
        assertThat(delivered.nextAt()).isEqualTo(second(31));
        var answer = new Answered(true, Value.of(42), null);
        var ended = delivered.after(answer, second(3));
        assertThat(ended.stage())
                .isEqualTo(
                        new Stage.Acknowledged(
                                1,
                                second(1),
                                new Stage.Reply(second(3), true, Value.of(42), null)));
        assertThat(ended.nextAt()).isNull();
    }

    @Test
    void isClaimedOnce() {
        var sent = issued(terms()).after(CLAIM, second(1));
        assertThat(sent.after(new Claimed("node-2"), second(1))).isSameAs(sent);
    }

    @Test
    void takesNoAnswerToWhatWasNeverSent() {
        var pending = issued(terms());
        assertThat(pending.mayBeAnswered()).isFalse();
        assertThat(pending.after(YES, second(1))).isSameAs(pending);
    }

    @Test
    void takesAnAnswerWhileItWaitsToBeSentAgain() {
        var waiting = issued(terms()).after(CLAIM, second(0)).after(TIME, second(30));
        assertThat(waiting.stage().status()).isEqualTo(CommandStatus.PENDING);
        assertThat(waiting.after(NO, second(31)).stage().status())
                .isEqualTo(CommandStatus.ACK_ERROR);
    }

    @Test
    void notesALateAnswerBesideTheTimeout() {
        var dispatch = issued(terms());
        for (int attempt = 1; attempt <= 3; attempt++) {
            dispatch = dispatch.after(CLAIM, second(attempt * 100L));
            dispatch = dispatch.after(TIME, second(attempt * 100L + 30));
        }
        assertThat(dispatch.stage().status()).isEqualTo(CommandStatus.TIMEOUT);
        var late = dispatch.after(YES, second(500));
        assertThat(late.stage())
                .isInstanceOfSatisfying(
                        Stage.TimedOut.class,
                        stage -> {
                            assertThat(stage.attempts()).isEqualTo(3);
                            assertThat(stage.late())
                                    .isEqualTo(
                                            new Stage.Reply(
                                                    second(500), true, Document.EMPTY, null));
                        });
        assertThat(late.after(NO, second(501))).isSameAs(late);
    }

    @Test
    void keepsTheFirstOfTwoAnswers() {
        var ended = issued(terms()).after(CLAIM, second(0)).after(YES, second(1));
        assertThat(ended.after(NO, second(2))).isSameAs(ended);
    }

    @Test
    void givesCancelAndAnswerTheOrderInWhichTheyCame() {
        var sent = issued(terms()).after(CLAIM, second(0));
        assertThat(sent.after(YES, second(1)).after(CANCEL, second(2)).stage().status())
                .isEqualTo(CommandStatus.ACK_SUCCESS);
        assertThat(sent.after(CANCEL, second(1)).after(YES, second(2)).stage())
                .isInstanceOfSatisfying(
                        Stage.Cancelled.class, stage -> assertThat(stage.late()).isNotNull());
    }

    @Test
    void doesNotSendWhatExpiredBeforeTheDeviceReturned() {
        var expired = issued(terms()).after(CLAIM, second(3_600));
        assertThat(expired.stage()).isEqualTo(new Stage.Expired(0, null, second(3_600), null));
    }

    @Test
    void waitsForAnAnswerUnderWayBeyondTheExpiryButDoesNotSendAgain() {
        var sent = issued(terms()).after(CLAIM, second(3_590));
        assertThat(sent.after(TIME, second(3_601))).isSameAs(sent);
        assertThat(sent.after(TIME, second(3_620)).stage().status())
                .isEqualTo(CommandStatus.TIMEOUT);
    }

    @Test
    void doesNotCountAnAttemptOfWhichNothingLeft() {
        var back =
                issued(terms())
                        .after(CLAIM, second(0))
                        .after(new NotHandedOver(1, "gone"), second(0));
        assertThat(back.stage()).isEqualTo(new Stage.Pending(0, null, second(1), "gone"));
    }

    @Test
    void endsACommandThatCrashesItsDevice() {
        var dispatch = issued(terms());
        for (int attempt = 1; attempt <= 3; attempt++) {
            dispatch = dispatch.after(CLAIM, second(attempt));
            dispatch = dispatch.after(new Lost(attempt, "connection lost"), second(attempt));
        }
        assertThat(dispatch.stage().status()).isEqualTo(CommandStatus.TIMEOUT);
    }

    @Test
    void leavesWhatWasDeliveredWithTheDeviceWhenTheConnectionBreaks() {
        var delivered = issued(terms()).after(CLAIM, second(0)).after(new Delivered(1), second(1));
        assertThat(delivered.after(new Lost(1, "connection lost"), second(2))).isSameAs(delivered);
    }

    @Test
    void heedsNothingOfAnEarlierAttempt() {
        var second = issued(terms()).after(CLAIM, second(0)).after(TIME, second(30));
        second = second.after(CLAIM, second(40));
        assertThat(second.after(new Lost(1, "late news"), second(41))).isSameAs(second);
        assertThat(second.after(new Delivered(1), second(41))).isSameAs(second);
        assertThat(second.after(new NotHandedOver(1, "late news"), second(41))).isSameAs(second);
    }

    @Test
    void hasSucceededWhenAOneWayCommandIsDelivered() {
        var ended = issued(oneWay()).after(CLAIM, second(0)).after(new Delivered(1), second(1));
        assertThat(ended.stage().status()).isEqualTo(CommandStatus.ACK_SUCCESS);
    }

    @Test
    void waitsForTheDeviceWhenItsTimeHasComeAndNobodyClaimsIt() {
        var issued = issued(terms());
        assertThat(issued.nextAt()).isEqualTo(T0.plus(Dispatch.CLAIM_GRACE));
        assertThat(issued.after(TIME, second(1))).isSameAs(issued);
        assertThat(issued.after(TIME, second(2)).nextAt()).isEqualTo(second(3_600));
    }

    @Test
    void backsOffLongerEachTimeAndNotForAllDevicesAlike() {
        var dispatch = issued(terms());
        assertThat(dispatch.backOff(1)).isBetween(Duration.ofMillis(500), Duration.ofSeconds(1));
        assertThat(dispatch.backOff(4)).isBetween(Duration.ofSeconds(4), Duration.ofSeconds(8));
        assertThat(dispatch.backOff(90)).isBetween(Duration.ofSeconds(150), Duration.ofMinutes(5));
        var other =
                new Dispatch(
                        dispatch.command(),
                        new org.tethral.device.DeviceId("pump-8"),
                        dispatch.terms(),
                        dispatch.stage(),
                        0);
        assertThat(other.backOff(4)).isNotEqualTo(dispatch.backOff(4));
    }

    @Test
    void leavesWhatANetworkKeepsToTheNetworkUntilItExpires() {
        var kept = issued(terms()).after(CLAIM, second(0)).after(new Queued(1, true), second(1));
        assertThat(kept.stage()).isEqualTo(new Stage.Sent(1, second(0), null, second(3_600)));
        assertThat(kept.after(TIME, second(3_599))).isSameAs(kept);
        assertThat(kept.after(new Lost(1, "the server was restarted"), second(2))).isSameAs(kept);
        assertThat(kept.after(TIME, second(3_600)).stage())
                .isEqualTo(new Stage.Expired(1, second(0), second(3_600), null));
    }

    @Test
    void waitsForTheAnswerToWhatANetworkDeliveredUntilItExpires() {
        var sent = issued(terms()).after(CLAIM, second(0));
        var told = sent.after(new Queued(1, true), second(1)).after(new Delivered(1), second(900));
        var hasty = sent.after(new Delivered(1), second(900)).after(new Queued(1, true), second(1));
        assertThat(hasty).isEqualTo(told);
        assertThat(told.after(TIME, second(3_599))).isSameAs(told);
        assertThat(told.after(YES, second(3_599)).stage().status())
                .isEqualTo(CommandStatus.ACK_SUCCESS);
    }

    @Test
    void sendsAgainWhatOnlyItsNodeHeardOfWhenThatEnds() {
        var kept = issued(terms()).after(CLAIM, second(0)).after(new Queued(1, false), second(1));
        assertThat(kept.stage()).isEqualTo(new Stage.Sent(1, second(0), "node-1", second(3_600)));
        assertThat(kept.after(new Lost(1, "the server was restarted"), second(2)).stage().status())
                .isEqualTo(CommandStatus.PENDING);
    }

    @Test
    void countsAnAttemptThatTheNetworkGaveUp() {
        var dispatch = issued(terms());
        for (int attempt = 1; attempt <= 3; attempt++) {
            dispatch = dispatch.after(CLAIM, second(attempt * 100L));
            dispatch = dispatch.after(new Queued(attempt, true), second(attempt * 100L));
            if (attempt % 2 == 0) {
                dispatch = dispatch.after(new Delivered(attempt), second(attempt * 100L));
            }
            var sent = dispatch;
            assertThat(sent.after(new GivenUp(attempt - 1, "old news"), second(400)))
                    .isSameAs(sent);
            dispatch = sent.after(new GivenUp(attempt, "no acknowledgement"), second(400));
        }
        assertThat(dispatch.stage())
                .isEqualTo(
                        new Stage.TimedOut(
                                3, second(300), second(400), "no acknowledgement", null));
    }

    @Test
    void endsAtOnceWhatCanNeverBeSent() {
        var ended =
                issued(terms())
                        .after(CLAIM, second(0))
                        .after(new Refused(1, "no codec"), second(1));
        assertThat(ended.stage())
                .isEqualTo(
                        new Stage.Acknowledged(
                                1,
                                second(0),
                                new Stage.Reply(second(1), false, Document.EMPTY, "no codec")));
    }
}
