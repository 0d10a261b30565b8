package org.tethral.dispatch;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import org.tethral.account.Actor;
import org.tethral.account.Principal;
import org.tethral.account.Role;
import org.tethral.command.CommandId;
import org.tethral.command.CommandName;
import org.tethral.command.CommandStore;
import org.tethral.command.Dispatch;
import org.tethral.command.Stage;
import org.tethral.command.Target;
import org.tethral.command.Terms;
import org.tethral.device.DeviceId;
import org.tethral.event.Priority;
import org.tethral.ingest.Fact;
import org.tethral.ingest.Ingest;
import org.tethral.kernel.Document;
import org.tethral.kernel.Page;
import org.tethral.kernel.Value;
import org.tethral.space.Actuation;
import org.tethral.space.DisplayDownlink;
import org.tethral.space.DisplayOutlet;
import org.tethral.space.DownlinkNews;
import org.tethral.space.DownlinkRefused;

/// Tells displays that are no LoRaWAN devices what to show, by the command `display` with
/// `{"state": …, "code": …}`. The command has the id of the queue item, so that its end is that of
/// the item, also after a restart. The dispatcher does what is to be done for a display that is
/// away; a display that is to confirm answers the command. A newer command withdraws the older
/// ones, before it counts as taken.
public final class DisplayCommands implements DisplayOutlet, Ingest.Listener {

    public static final CommandName NAME = new CommandName("display");

    /// Commands that are being written, each on a thread of its own; more come again later.
    static final int ISSUING_MAX = 64;

    /// Of the display's newest commands, those of others included.
    private static final int LOOKED_AT_MAX = 200;

    private static final Actor SPACES = Actor.system("spaces");
    private static final Principal PLATFORM = new Principal(SPACES, Role.SUPERADMIN, null);
    private static final Duration TTL_MIN = Duration.ofSeconds(1);

    private final Issuing issuing;
    private final CommandStore store;
    private final InstantSource clock;
    private final Semaphore room = new Semaphore(ISSUING_MAX);
    private volatile DownlinkNews news = DownlinkNews.NOBODY;

    public DisplayCommands(Issuing issuing, CommandStore store, InstantSource clock) {
        this.issuing = issuing;
        this.store = store;
        this.clock = clock;
    }

    /// To be called before anything is sent.
    public void tell(DownlinkNews next) {
        news = next;
    }

    /// The command outlives what it is for by nothing, and ends by itself.
    @Override
    public Duration answerWithin() {
        return Actuation.USEFUL_FOR.plusMinutes(1);
    }

    @Override
    public CompletionStage<Void> send(DisplayDownlink downlink) {
        if (!room.tryAcquire()) {
            return CompletableFuture.failedFuture(
                    new DownlinkRefused("too many commands are being issued", false));
        }
        var taken = new CompletableFuture<Void>();
        Thread.ofVirtual()
                .name("display-command")
                .start(() -> {
                    try {
                        issue(downlink, taken);
                    } catch (RuntimeException e) {
                        taken.completeExceptionally(e);
                    } finally {
                        room.release();
                    }
                });
        return taken;
    }

    private void issue(DisplayDownlink downlink, CompletableFuture<Void> taken) {
        withdraw(downlink.display().device());
        switch (issuing.issue(order(downlink), new CommandId(downlink.queueItemId()))) {
            case Issuing.Outcome.Issued _, Issuing.Outcome.Repeated _ -> taken.complete(null);
            case Issuing.Outcome.UnknownDevice _, Issuing.Outcome.EmptyTarget _ ->
                    refuse(taken, "there is no such device", true);
            case Issuing.Outcome.Unacceptable(var reason) -> refuse(taken, reason, true);
            case Issuing.Outcome.Unstorable(var reason) -> refuse(taken, reason, false);
            case Issuing.Outcome.NotNow(var reason) -> refuse(taken, reason, false);
            case Issuing.Outcome.KeyReused _, Issuing.Outcome.TooManyTargets _ ->
                    throw new IllegalStateException("a command to one device, without a key");
        }
    }

    private static void refuse(CompletableFuture<Void> taken, String reason, boolean permanent) {
        taken.completeExceptionally(new DownlinkRefused(reason, permanent));
    }

    private Order order(DisplayDownlink downlink) {
        var left = Duration.between(clock.instant(), downlink.expiresAt());
        return new Order(
                NAME,
                Document.of("state", Value.of(downlink.state().word()))
                        .with("code", Value.of(downlink.payload().hex())),
                new Target.One(downlink.display().device()),
                Priority.NORMAL,
                left.compareTo(TTL_MIN) < 0 ? TTL_MIN : left,
                Terms.TIMEOUT_DEFAULT,
                Terms.ATTEMPTS_DEFAULT,
                !downlink.confirmed(),
                PLATFORM,
                null);
    }

    /// What the display was told before and did not get. That is looked up each time: whoever had a
    /// list of it could die before he went through it, and an old command would reach the display
    /// when it returns.
    private void withdraw(DeviceId display) {
        var ofDisplay = new CommandStore.Filter(null, null, null, display);
        store.list(ofDisplay, Page.Request.first(LOOKED_AT_MAX)).items().stream()
                .filter(log -> log.terms().name().equals(NAME) && log.issuedBy().equals(SPACES))
                .filter(log -> !log.progress().status().isFinal())
                .forEach(log -> issuing.cancel(log.id(), SPACES));
    }

    /// On a lane's thread.
    @Override
    public void committed(List<Fact> facts) {
        for (var fact : facts) {
            if (fact instanceof Fact.DispatchMoved moved
                    && moved.after().terms().name().equals(NAME)) {
                moved(moved.after());
            }
        }
    }

    private void moved(Dispatch dispatch) {
        var item = dispatch.command().value();
        switch (dispatch.stage()) {
            case Stage.Delivered(_, _, var at, _, _) -> news.transmitted(item, at);
            case Stage.Acknowledged(_, _, var reply) when dispatch.terms().oneWay() ->
                    news.transmitted(item, reply.at());
            case Stage.Acknowledged(_, _, var reply) ->
                    news.acknowledged(item, reply.success(), reply.at());
            case Stage.TimedOut(_, _, var at, _, var late) ->
                    news.acknowledged(item, late != null && late.success(), at);
            case Stage.Expired(_, _, var at, _) -> news.acknowledged(item, false, at);
            case Stage.Cancelled(_, _, var at, _, _) -> news.acknowledged(item, false, at);
            case Stage.Pending _, Stage.Sent _ -> {}
        }
    }
}
