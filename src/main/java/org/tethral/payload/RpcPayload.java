package org.tethral.payload;

import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.tethral.account.Actor;
import org.tethral.device.ConnectingDevice;
import org.tethral.event.Event;
import org.tethral.event.EventType;
import org.tethral.event.Priority;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// What a device asks of the platform, as ThingsBoard's devices do (client-side RPC): `{"method":
/// "…", "params": …}`. It is kept as an event, so that whoever subscribes to it can do something
/// about it.
public record RpcPayload(String method, Value params) {

    private static final EventType TYPE = new EventType("device.rpc_requested");
    private static final Set<String> TIME = Set.of("getTime", "getCurrentTime");
    private static final int METHOD_LENGTH_MAX = 255;

    public static RpcPayload parse(Value json) throws Malformed {
        if (!(json instanceof Document document)) {
            throw new Malformed("a request is {\"method\": \"…\", \"params\": {…}}");
        }
        var method =
                document.text("method")
                        .filter(text -> !text.isEmpty() && text.length() <= METHOD_LENGTH_MAX)
                        .orElseThrow(() ->
                                new Malformed(
                                        "'method' is a text of 1 to "
                                                + METHOD_LENGTH_MAX
                                                + " characters"));
        return new RpcPayload(method, document.find("params").orElse(Document.EMPTY));
    }

    /// What the platform answers by itself: what time it is, as the examples of ThingsBoard's SDKs
    /// ask for it. Every other call is an event.
    public Optional<Document> answer(Instant now) {
        return TIME.contains(method)
                ? Optional.of(
                        Document.of("time", Value.of(now.toString()))
                                .with("ts", Value.of(now.toEpochMilli())))
                : Optional.empty();
    }

    public Event event(ConnectingDevice device, Instant at, RandomGenerator random) {
        return event(device, Document.EMPTY, at, random);
    }

    /// @param request by which the device will know its answer, where its protocol brings one
    public Event event(
            ConnectingDevice device, String request, Instant at, RandomGenerator random) {
        return event(device, Document.of("request_id", Value.of(request)), at, random);
    }

    private Event event(
            ConnectingDevice device, Document data, Instant at, RandomGenerator random) {
        return new Event(
                new UUID(random.nextLong(), random.nextLong()).toString(),
                TYPE,
                Actor.device(device.id().value()).toString(),
                device.id(),
                device.community(),
                org.tethral.kernel.Micros.truncated(at),
                data.with("method", Value.of(method)).with("params", params),
                Document.EMPTY,
                Priority.NORMAL,
                null);
    }

    /// The answer: where the event is in the log.
    public static Document kept(long sequence) {
        return Document.of("sequence", Value.of(sequence));
    }
}
