package org.tethral.http;

import org.tethral.command.CommandStatus;
import org.tethral.device.Protocol;
import org.tethral.dispatch.Tally;
import org.tethral.dispatch.Traffic;
import org.tethral.ingest.Ingest;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// What goes on between the platform and its devices, on this node.
final class CommunicationRoutes {

    private final Tally tally;
    private final Traffic traffic;
    private final Ingest ingest;

    CommunicationRoutes(HttpEdge.Parts parts) {
        this.tally = parts.commands().tally();
        this.traffic = parts.commands().traffic();
        this.ingest = parts.ingest();
    }

    void on(Operations.Target operations) {
        operations.on("communicationStatistics", _ -> statistics());
    }

    private Reply statistics() {
        var protocols = new Fields();
        traffic.flows()
                .forEach((protocol, flow) ->
                        protocols.value(protocol.word(), protocol(protocol, flow)));
        var ended = new Fields();
        for (var status : CommandStatus.values()) {
            if (status.isFinal()) {
                ended.number(status.word(), tally.ended(status));
            }
        }
        var latency = new Fields();
        ingest.latencyMillis()
                .forEach((quantile, millis) ->
                        latency.number("p" + Math.round(quantile * 100), millis));
        return Reply.ok(
                new Fields()
                        .value("protocols", protocols.document())
                        .number("queue_depth", ingest.health().waiting())
                        .value("ingest_ms", latency.document())
                        .number("commands_in_flight", tally.inFlight())
                        .value("commands_ended", ended.document())
                        .document());
    }

    private Document protocol(Protocol protocol, Traffic.Flow flow) {
        var counts = tally.counts(protocol);
        var latency = new Fields();
        counts.answerQuantiles()
                .forEach((quantile, time) ->
                        latency.number("p" + Math.round(quantile * 100), time.toNanos() / 1e6));
        return new Fields()
                .value(
                        "connections",
                        flow.connections() == null ? Value.Null.NULL : Value.of(flow.connections()))
                .number("received", flow.received())
                .number("received_per_second", flow.receivedRate())
                .number("sent", flow.sent())
                .number("sent_per_second", flow.sentRate())
                .number("commands_sent", counts.sent())
                .number("commands_answered", counts.answered())
                .number("retries", counts.retries())
                .number("failures", counts.errors())
                .value("answer_ms", latency.document())
                .document();
    }
}
