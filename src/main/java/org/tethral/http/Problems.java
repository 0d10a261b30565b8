package org.tethral.http;

import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the router finds wrong by itself, said in our words.
final class Problems {

    private static final Logger LOG = LoggerFactory.getLogger(Problems.class);

    private Problems() {}

    static void on(Router router) {
        on(router, 400, Problem.of(400, "malformed-request", "the path or the query is malformed"));
        on(
                router,
                404,
                Problem.of(
                        404,
                        "no-such-path",
                        "there is nothing at this path; /openapi.json lists what there is"));
        on(
                router,
                405,
                Problem.of(405, "method-not-allowed", "this path does not know this method"));
        on(router, 413, Problem.of(413, "too-long", "the request is too long"));
        on(
                router,
                500,
                Problem.of(500, "internal", "the server failed to answer; its log says why"));
    }

    private static void on(Router router, int status, Problem problem) {
        router.errorHandler(
                status,
                routing -> {
                    log(status, routing);
                    Send.problem(routing.response(), problem);
                });
    }

    private static void log(int status, RoutingContext routing) {
        if (status == 500 && routing.failure() != null) {
            LOG.atError().setCause(routing.failure()).log("request failed");
        }
    }
}
