package org.tethral.http;

import java.time.Duration;
import java.util.HashMap;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tethral.account.Principal;
import org.tethral.kernel.Routine;
import org.tethral.kernel.StorageException;

/// Ends the streams and sockets of those who are not any more who they were when they began: the
/// key was revoked or has expired, the session is over, the user has another role or community.
/// Whoever decided that, and on whichever node: within [#LOOK_EVERY].
final class StreamWatch implements AutoCloseable {

    static final Duration LOOK_EVERY = Duration.ofSeconds(2);
    private static final Logger LOG = LoggerFactory.getLogger(StreamWatch.class);

    /// By which credentials somebody was let in, and as whom.
    record Admission(Credentials credentials, Principal principal) {}

    private record Open(Admission admission, Output output) {}

    /// The streams themselves are bounded: [Api#STREAMS_MAX], [EventSocket#SOCKETS_MAX].
    private final Set<Open> open = ConcurrentHashMap.newKeySet();

    private final Authorization authorization;
    private final Routine looking =
            new Routine("streams", LOOK_EVERY, this::look, StreamWatch::failed);

    StreamWatch(Authorization authorization) {
        this.authorization = authorization;
    }

    void start() {
        looking.start();
    }

    /// A stream that ends with its admission; what is no stream stays as it is.
    Reply watched(Credentials credentials, Principal principal, Reply reply) {
        return reply instanceof Reply.Streamed(var type, var source)
                ? new Reply.Streamed(type, watched(new Admission(credentials, principal), source))
                : reply;
    }

    Reply.Source watched(Admission admission, Reply.Source source) {
        return output -> {
            var one = new Open(admission, output);
            open.add(one);
            try {
                source.writeTo(output);
            } finally {
                open.remove(one);
            }
        };
    }

    /// May ask the database, once for each credential.
    void look() {
        var known = new HashMap<Credentials, Optional<Principal>>();
        for (var one : open) {
            var admission = one.admission();
            var now = known.computeIfAbsent(admission.credentials(), authorization::look);
            if (now.isEmpty() || !now.get().equals(admission.principal())) {
                one.output().expel();
            }
        }
    }

    /// A database that is away takes nobody's stream.
    private static void failed(RuntimeException failure) {
        switch (failure) {
            case StorageException e ->
                    LOG.atDebug()
                            .addKeyValue("reason", e.getMessage())
                            .log("cannot look after streams now");
            default -> LOG.atError().setCause(failure).log("a look after streams failed");
        }
    }

    @Override
    public void close() {
        looking.close();
    }
}
