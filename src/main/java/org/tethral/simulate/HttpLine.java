package org.tethral.simulate;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One keep-alive connection on which devices post in turn: the next request follows the answer.
final class HttpLine extends Line {

    private static final int RETRY_AFTER_SECONDS = 1;
    private static final int BODY_SHOWN_MAX = 200;

    private final StringBuilder body = new StringBuilder();
    private int status;

    HttpLine(Run run, int index) {
        super(run, index, 1);
    }

    @Override
    void equip(ChannelPipeline pipeline) {
        pipeline.addLast(new HttpResponseDecoder(), new Answers());
    }

    @Override
    int device(long number) {
        return (int) (number % run.plan.devices().size());
    }

    @Override
    void write(ByteBuf out, int slot, long message, boolean again) {
        var number = Message.number(message);
        var device = device(number);
        var payload = run.payload;
        if (Message.isReport(message)) {
            out.writeBytes(run.heads.report(device));
            payload.report(device, number);
        } else {
            out.writeBytes(run.heads.state(device));
            payload.state(device, again);
        }
        out.writeCharSequence(payload.length() + "\r\n\r\n", StandardCharsets.US_ASCII);
        payload.writeTo(out);
    }

    /// The beginnings of requests, up to the length of the body, made once per device.
    static final class Heads {
        private final byte[][] reports;
        private final byte[][] states;
        private final Plan plan;

        Heads(Plan plan) {
            this.plan = plan;
            reports = new byte[plan.devices().size()][];
            states = new byte[plan.devices().size()][];
        }

        byte[] report(int device) {
            return head(reports, "report", device);
        }

        byte[] state(int device) {
            return head(states, "state", device);
        }

        private byte[] head(byte[] @Nullable [] known, String path, int device) {
            var head = known[device];
            if (head == null) {
                var identity = plan.devices().get(device);
                head =
                        """
                        POST /device/v1/%s HTTP/1.1
                        Host: %s:%d
                        Authorization: Bearer %s
                        X-Device-Id: %s
                        Content-Type: application/json
                        Content-Length: %s\
                        """
                                .formatted(
                                        path,
                                        plan.server().getHostString(),
                                        plan.server().getPort(),
                                        identity.token(),
                                        identity.device(),
                                        "")
                                .replace("\n", "\r\n")
                                .getBytes(StandardCharsets.UTF_8);
                known[device] = head;
            }
            return head;
        }
    }

    private void answered() {
        switch (status) {
            case 200 -> acknowledged(0);
            case 429, 503 -> run.after(RETRY_AFTER_SECONDS, TimeUnit.SECONDS, this::again);
            case 401, 403 -> {
                var message = slots.message(0);
                run.turnedAway(
                        this,
                        "device "
                                + device(Message.number(message))
                                + " was refused: status "
                                + status
                                + " "
                                + body);
                refused(0, "status " + status);
            }
            default -> refused(0, "status " + status + " " + body);
        }
    }

    private void again() {
        var message = slots.message(0);
        if (message != 0 && channel != null && run.running()) {
            var out = channel.alloc().ioBuffer();
            write(out, 0, message, true);
            run.tally.resent();
            send(out);
        }
    }

    private final class Answers extends SimpleChannelInboundHandler<HttpObject> {

        @Override
        public void channelActive(ChannelHandlerContext context) {
            becameReady();
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, HttpObject part) {
            if (part instanceof HttpResponse response) {
                status = response.status().code();
                body.setLength(0);
            }
            if (part instanceof HttpContent content
                    && status != 200
                    && body.length() < BODY_SHOWN_MAX) {
                body.append(content.content().toString(StandardCharsets.UTF_8));
            }
            if (part instanceof LastHttpContent) {
                answered();
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            run.roomOn(HttpLine.this);
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            lost();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            run.tally.problem("connection broke: " + cause.getMessage());
            context.close();
        }
    }
}
