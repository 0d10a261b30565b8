package org.tethral.space;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// A way to displays.
public interface DisplayOutlet {

    /// Takes back what can be taken back of what the display was told before. Returns at once.
    /// Completes when the network has taken it: the publish is acknowledged, the call is answered,
    /// the command is stored. Fails with [DownlinkRefused], or with anything else where it may be
    /// tried again; what takes longer than [#TAKING_MAX] counts as lost and is tried again. What
    /// becomes of it afterwards is told to [DownlinkNews].
    CompletionStage<Void> send(DisplayDownlink downlink);

    Duration TAKING_MAX = Duration.ofSeconds(10);

    /// How long after it was taken the news of it may take. Then it is sent again.
    default Duration answerWithin() {
        return Duration.ofMinutes(2);
    }

    /// Where no network is configured: what is to be sent waits until it expires.
    DisplayOutlet NOWHERE =
            _ ->
                    CompletableFuture.failedFuture(
                            new DownlinkRefused("no LoRaWAN network is configured", false));
}
