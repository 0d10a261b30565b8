package org.tethral.http;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.tethral.command.CommandLog;
import org.tethral.command.Dispatch;
import org.tethral.command.Progress;
import org.tethral.command.Stage;
import org.tethral.kernel.Document;
import org.tethral.kernel.Page;
import org.tethral.kernel.Value;

/// Commands and their dispatches as the API shows them.
final class CommandJson {

    private CommandJson() {}

    static Document log(CommandLog log) {
        return fields(log).document();
    }

    private static Fields fields(CommandLog log) {
        var terms = log.terms();
        return new Fields()
                .word("command_id", log.id())
                .word("command_name", terms.name())
                .text("status", log.progress().status().word())
                .value("target", log.target())
                .text("device_type", log.deviceType())
                .text("priority", terms.priority().word())
                .number("target_device_count", log.progress().targets())
                .number("success_count", log.progress().success())
                .number("failure_count", log.progress().failures())
                .value("progress", progress(log.progress()))
                .word("issued_by", log.issuedBy())
                .word("community_id", terms.community())
                .text("idempotency_key", log.idempotencyKey())
                .time("created_at", terms.createdAt())
                .time("expires_at", terms.expiresAt())
                .time("completed_at", log.completedAt())
                .number("timeout", seconds(terms.timeout()))
                .number("max_attempts", terms.attemptsMax())
                .truth("one_way", terms.oneWay());
    }

    static Document whole(CommandLog log, Value payload, Page<Dispatch> dispatches) {
        return fields(log)
                .value("payload", payload)
                .list("dispatches", dispatches.items(), CommandJson::dispatch)
                .text("next_cursor", dispatches.nextCursor())
                .document();
    }

    static Document progress(Progress progress) {
        return new Fields()
                .number("pending", progress.pending())
                .number("sent", progress.sent())
                .number("delivered", progress.delivered())
                .number("ack_success", progress.success())
                .number("ack_error", progress.error())
                .number("timeout", progress.timeout())
                .number("expired", progress.expired())
                .number("cancelled", progress.cancelled())
                .document();
    }

    static Document dispatch(Dispatch dispatch) {
        var stage = dispatch.stage();
        var reply = reply(stage);
        return new Fields()
                .word("command_id", dispatch.command())
                .word("device_id", dispatch.device())
                .text("status", stage.status().word())
                .number("attempts", stage.attempts())
                .time("next_attempt_at", dispatch.nextAt())
                .time("sent_at", stage.sentAt())
                .time("acked_at", reply == null ? null : reply.at())
                .time("ended_at", dispatch.endedAt())
                .value("response", reply == null ? Value.Null.NULL : reply.result())
                .text("message", reply == null ? null : reply.message())
                .text("error", error(stage))
                .value("response_time_ms", millis(stage.sentAt(), reply))
                .truth("late", reply != null && !(stage instanceof Stage.Acknowledged))
                .document();
    }

    private static Stage.@Nullable Reply reply(Stage stage) {
        return switch (stage) {
            case Stage.Pending _, Stage.Sent _, Stage.Delivered _ -> null;
            case Stage.Acknowledged(_, _, var reply) -> reply;
            case Stage.TimedOut ended -> ended.late();
            case Stage.Expired ended -> ended.late();
            case Stage.Cancelled ended -> ended.late();
        };
    }

    private static @Nullable String error(Stage stage) {
        return switch (stage) {
            case Stage.Pending pending -> pending.trouble();
            case Stage.TimedOut ended -> ended.trouble();
            case Stage.Expired _ -> "the device did not fetch it in time";
            case Stage.Cancelled ended -> "cancelled by " + ended.by();
            case Stage.Acknowledged(_, _, var reply) when !reply.success() -> reply.message();
            case Stage.Acknowledged _, Stage.Sent _, Stage.Delivered _ -> null;
        };
    }

    private static Value millis(@Nullable Instant sentAt, Stage.@Nullable Reply reply) {
        return sentAt == null || reply == null
                ? Value.Null.NULL
                : Value.of(Math.max(0, Duration.between(sentAt, reply.at()).toMillis()));
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1e3;
    }
}
