package org.tethral.coap;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.Response;
import org.jspecify.annotations.Nullable;
import org.tethral.device.ConnectingDevice;
import org.tethral.ingest.Answer;
import org.tethral.ingest.Inbound;
import org.tethral.ingest.Ingest;
import org.tethral.payload.Encoding;
import org.tethral.payload.Malformed;

/// The way of a request's messages into the queue, and of their answers back.
final class Intake {

    private final Ingest ingest;
    private final InstantSource clock;
    private final Answers answers;
    private final int messageBytesMax;

    Intake(Ingest ingest, InstantSource clock, Answers answers, int messageBytesMax) {
        this.ingest = ingest;
        this.clock = clock;
        this.answers = answers;
        this.messageBytesMax = messageBytesMax;
    }

    /// Makes messages of a body.
    @FunctionalInterface
    interface Parser {
        List<Inbound> parse(byte[] body, Encoding encoding, ConnectingDevice device, Instant now)
                throws Malformed;
    }

    /// Stores what the body says, and answers when that is durable.
    ///
    /// @param stored the answer to the sequences of what was stored
    void take(
            Call call,
            ConnectingDevice device,
            Parser parser,
            Function<List<Long>, Response> stored) {
        var body = call.body();
        if (body.length > messageBytesMax) {
            tooLong(call);
            return;
        }
        var encoding = call.bodyEncoding();
        if (encoding.isEmpty()) {
            call.refuse(
                    ResponseCode.UNSUPPORTED_CONTENT_FORMAT,
                    "send JSON (Content-Format 50) or CBOR (60)");
            return;
        }
        try {
            var messages = parser.parse(body, encoding.get(), device, clock.instant());
            offer(call, messages, body.length / messages.size(), stored);
        } catch (Malformed e) {
            call.refuse(ResponseCode.BAD_REQUEST, String.valueOf(e.getMessage()));
        }
    }

    void tooLong(Call call) {
        var response = new Response(ResponseCode.REQUEST_ENTITY_TOO_LARGE);
        response.getOptions().setSize1(messageBytesMax);
        response.setPayload("a body has " + messageBytesMax + " bytes at most");
        call.answer(response);
    }

    private void offer(
            Call call, List<Inbound> messages, int bytes, Function<List<Long>, Response> stored) {
        var reply = new Waiting(call, messages.size(), stored);
        answers.await(call);
        for (int i = 0; i < messages.size(); i++) {
            if (!ingest.offer(messages.get(i), bytes, reply)) {
                reply.notTaken(messages.size() - i);
                return;
            }
        }
    }

    /// A request that carries no values is a sign of life all the same. Nobody waits for it.
    void heartbeat(ConnectingDevice device) {
        ingest.offer(new Inbound.Heartbeat(device, clock.instant()), 0, _ -> {});
    }

    /// A request whose messages wait for their commit. All of them are of one device, hence
    /// answered by one thread, in order.
    private final class Waiting implements Ingest.Reply {

        private final Call call;
        private final Function<List<Long>, Response> stored;
        private final AtomicInteger open;
        private final List<Long> sequences = new ArrayList<>(1);
        private volatile boolean full;
        private @Nullable Answer refusal;

        Waiting(Call call, int messages, Function<List<Long>, Response> stored) {
            this.call = call;
            this.open = new AtomicInteger(messages);
            this.stored = stored;
        }

        @Override
        public void answered(Answer answer) {
            if (answer instanceof Answer.Stored(var numbers)) {
                sequences.addAll(numbers);
            } else {
                refusal = answer;
            }
            if (open.decrementAndGet() == 0) {
                answers.add(this::send);
            }
        }

        /// The queue is full: the last `count` messages were not taken.
        void notTaken(int count) {
            full = true;
            if (open.addAndGet(-count) == 0) {
                send();
            }
        }

        private void send() {
            switch (refusal) {
                case null -> {
                    if (full) {
                        call.busy("the inbound queue is full; send it again shortly", 1);
                    } else {
                        call.answer(stored.apply(sequences));
                    }
                }
                case Answer.UnknownDevice _ ->
                        call.refuse(
                                ResponseCode.UNAUTHORIZED, "the device is not registered any more");
                case Answer.UnknownCommand _ ->
                        call.refuse(ResponseCode.NOT_FOUND, Answer.UnknownCommand.REASON);
                case Answer.DisabledDevice _ ->
                        call.refuse(ResponseCode.FORBIDDEN, "the device is disabled");
                case Answer.VersionIsNow(var version) ->
                        call.refuse(
                                ResponseCode.PRECONDITION_FAILED,
                                "the version is " + version + " by now");
                case Answer.Unstorable(var reason) ->
                        call.refuse(ResponseCode.UNPROCESSABLE_ENTITY, reason);
                case Answer.Stored _ -> throw new IllegalStateException("stored is no refusal");
            }
        }
    }
}
