package org.tethral.mqtt;

import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.tethral.command.SentNumbers;
import org.tethral.command.Switchboard;
import org.tethral.device.Provisioning;
import org.tethral.device.Rejections;
import org.tethral.ingest.Ingest;
import org.tethral.state.StateStore;

/// What every connection of the edge leans on.
///
/// @param lookups for reads
/// @param hashes for log-ins by password: each takes a processor for tens of milliseconds
/// @param connecting how many connections are not logged in yet
/// @param evictions counts devices whose connections were closed: a log-in that began before the
///   last one is looked at again
record Surroundings(
        MqttEdge.Settings settings,
        Ingest ingest,
        Login login,
        Lookups lookups,
        Lookups hashes,
        Sessions sessions,
        Broker broker,
        Afterlife afterlife,
        Rejections rejections,
        StateStore states,
        SentNumbers numbers,
        Switchboard switchboard,
        GatewayDevices gatewayDevices,
        Provisioning provisioning,
        InstantSource clock,
        RandomGenerator random,
        MqttMeters meters,
        AtomicInteger connecting,
        AtomicLong evictions) {

    /// Connections that are not logged in yet. All devices of a node may come back at once.
    static final int CONNECTING_MAX = 20_000;
}
