package org.tethral.websocket;

import java.time.InstantSource;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;
import org.tethral.command.Switchboard;
import org.tethral.ingest.Ingest;
import org.tethral.state.StateStore;

/// What a connection leans on.
///
/// @param blocking runs what asks the database
record Ports(
        WebSocketEdge.Settings settings,
        Ingest ingest,
        StateStore states,
        Switchboard switchboard,
        Introductions introductions,
        InstantSource clock,
        RandomGenerator random,
        Meters meters,
        Executor blocking) {}
