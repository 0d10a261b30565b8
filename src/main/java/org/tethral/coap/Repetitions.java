package org.tethral.coap;

import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import org.eclipse.californium.core.network.Exchange;
import org.eclipse.californium.core.network.KeyMID;
import org.eclipse.californium.core.network.deduplication.Deduplicator;
import org.jspecify.annotations.Nullable;

/// Recognizes repeated messages by sender and message id, so that they get the first one's answer
/// again (RFC 7252, 4.5). The ones that Californium brings keep as many messages as arrive in four
/// minutes; this one has a bound, beyond which the oldest is forgotten. A device that gives its
/// messages a `message_id` loses nothing by that.
final class Repetitions implements Deduplicator {

    static final int REMEMBERED_MAX = 20_000;

    /// EXCHANGE_LIFETIME of RFC 7252, 4.8.2.
    private static final Duration REMEMBERED_FOR = Duration.ofSeconds(247);

    private final Map<KeyMID, Remembered> messages = new LinkedHashMap<>();

    private record Remembered(Exchange exchange, long sinceNanos) {}

    @Override
    public synchronized @Nullable Exchange findPrevious(KeyMID key, Exchange exchange) {
        var before = messages.get(key);
        // ids of ours and of the peer's are counted apart, and may meet
        if (before != null && before.exchange().getOrigin() == exchange.getOrigin()) {
            return before.exchange();
        }
        remember(key, exchange);
        return null;
    }

    @Override
    public synchronized boolean replacePrevious(KeyMID key, Exchange previous, Exchange exchange) {
        remember(key, exchange);
        return true;
    }

    private void remember(KeyMID key, Exchange exchange) {
        messages.remove(key);
        var now = System.nanoTime();
        messages.put(key, new Remembered(exchange, now));
        for (Iterator<Remembered> oldest = messages.values().iterator(); oldest.hasNext(); ) {
            var one = oldest.next();
            if (messages.size() <= REMEMBERED_MAX
                    && now - one.sinceNanos() < REMEMBERED_FOR.toNanos()) {
                break;
            }
            oldest.remove();
        }
    }

    @Override
    public synchronized @Nullable Exchange find(KeyMID key) {
        var found = messages.get(key);
        return found == null ? null : found.exchange();
    }

    @Override
    public synchronized boolean isEmpty() {
        return messages.isEmpty();
    }

    @Override
    public synchronized int size() {
        return messages.size();
    }

    @Override
    public synchronized void clear() {
        messages.clear();
    }

    @Override
    public void start() {}

    @Override
    public void stop() {
        clear();
    }

    @Override
    public void setExecutor(ScheduledExecutorService executor) {}
}
