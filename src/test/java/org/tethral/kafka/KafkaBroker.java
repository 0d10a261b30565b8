package org.tethral.kafka;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;

/// A broker that is its own controller (KRaft), on free ports of the loopback address.
public final class KafkaBroker implements AutoCloseable {

    private final KafkaRaftServer server;
    private final String servers;

    public KafkaBroker(Path folder) throws IOException {
        int broker;
        int controller;
        try (var one = new ServerSocket(0);
                var other = new ServerSocket(0)) {
            broker = one.getLocalPort();
            controller = other.getLocalPort();
        }
        servers = "127.0.0.1:" + broker;
        var data = Files.createDirectories(folder.resolve("kafka"));
        Files.writeString(
                data.resolve("meta.properties"),
                """
                version=1
                cluster.id=%s
                node.id=1
                directory.id=%s
                """
                        .formatted(Uuid.randomUuid(), Uuid.randomUuid()));
        var properties = new Properties();
        properties.putAll(
                java.util.Map.ofEntries(
                        java.util.Map.entry("process.roles", "broker,controller"),
                        java.util.Map.entry("node.id", "1"),
                        java.util.Map.entry(
                                "controller.quorum.voters", "1@127.0.0.1:" + controller),
                        java.util.Map.entry("controller.listener.names", "CONTROLLER"),
                        java.util.Map.entry("inter.broker.listener.name", "PLAINTEXT"),
                        java.util.Map.entry(
                                "listener.security.protocol.map",
                                "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT"),
                        java.util.Map.entry(
                                "listeners",
                                "PLAINTEXT://127.0.0.1:"
                                        + broker
                                        + ",CONTROLLER://127.0.0.1:"
                                        + controller),
                        java.util.Map.entry(
                                "advertised.listeners", "PLAINTEXT://127.0.0.1:" + broker),
                        java.util.Map.entry("log.dirs", data.toString()),
                        java.util.Map.entry("offsets.topic.replication.factor", "1"),
                        java.util.Map.entry("num.partitions", "1"),
                        java.util.Map.entry("auto.create.topics.enable", "true"),
                        java.util.Map.entry("log.cleaner.enable", "false")));
        server = new KafkaRaftServer(new KafkaConfig(properties), Time.SYSTEM);
        server.startup();
    }

    public String servers() {
        return servers;
    }

    @Override
    public void close() {
        server.shutdown();
        server.awaitShutdown();
    }
}
