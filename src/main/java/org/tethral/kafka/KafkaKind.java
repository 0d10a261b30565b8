package org.tethral.kafka;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Set;
import org.tethral.delivery.Resolver;
import org.tethral.delivery.Sink;
import org.tethral.delivery.SinkKind;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// `kafka`: settings `bootstrap_servers` (`host:port, …`), `topic`, and `properties`: what else
/// Kafka's producer is to know, such as `security.protocol`.
public final class KafkaKind implements SinkKind {

    private static final int BATCH = 500;
    private static final int LENGTH_MAX = 1_000;
    private static final int PROPERTIES_MAX = 30;

    /// What people may set: how to get in, and how the producer behaves; nothing that loads classes
    /// or reads files of this machine.
    private static final Set<String> PROPERTIES =
            Set.of(
                    "security.protocol",
                    "sasl.mechanism",
                    "sasl.jaas.config",
                    "ssl.truststore.type",
                    "ssl.truststore.certificates",
                    "ssl.keystore.type",
                    "ssl.keystore.key",
                    "ssl.keystore.certificate.chain",
                    "ssl.key.password",
                    "ssl.endpoint.identification.algorithm",
                    "client.id",
                    "client.dns.lookup");

    private final Resolver resolver;

    public KafkaKind() {
        this(InetAddress::getAllByName);
    }

    KafkaKind(Resolver.Names names) {
        this.resolver = new Resolver(names);
    }

    @Override
    public String name() {
        return "kafka";
    }

    @Override
    public Set<String> secrets() {
        return Set.of("properties");
    }

    @Override
    public int batchDefault() {
        return BATCH;
    }

    /// A name that is not known at present is taken: it may be tomorrow.
    @Override
    public Document checked(Document given, Surroundings surroundings) {
        for (var name : given.values().keySet()) {
            if (!Set.of("bootstrap_servers", "topic", "properties").contains(name)) {
                throw new IllegalArgumentException(
                        name + " is no setting of kafka: bootstrap_servers, topic, properties");
            }
        }
        var servers = given.text("bootstrap_servers").orElse("");
        if (servers.length() > LENGTH_MAX
                || !servers.matches(
                        "[A-Za-z0-9._\\[\\]:-]+:[0-9]{1,5}(\\s*,\\s*[A-Za-z0-9._\\[\\]:-]+:[0-9]{1,5})*")) {
            throw new IllegalArgumentException(
                    "bootstrap_servers is host:port, and more of them after commas");
        }
        var topic = given.text("topic").orElse("");
        if (!topic.matches("[A-Za-z0-9._-]{1,249}") || topic.equals(".") || topic.equals("..")) {
            throw new IllegalArgumentException("topic has 1 to 249 letters, digits, . _ and -");
        }
        var properties = given.find("properties").orElse(Document.EMPTY);
        if (!(properties instanceof Document named) || named.values().size() > PROPERTIES_MAX) {
            throw new IllegalArgumentException("properties is an object of names and texts");
        }
        named.values().forEach(KafkaKind::checkProperty);
        if (!surroundings.privateTargets()) {
            checkServers(servers);
        }
        return given;
    }

    private void checkServers(String servers) {
        var brokers = new Brokers(resolver);
        for (var host : Brokers.hosts(servers)) {
            try {
                brokers.check(List.of(host));
            } catch (Resolver.PrivateTarget e) {
                throw new IllegalArgumentException("bootstrap_servers: " + e.getMessage(), e);
            } catch (UnknownHostException e) {
                // looked up again with each delivery
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static void checkProperty(String name, Value value) {
        if (!PROPERTIES.contains(name) || !(value instanceof Value.Text(var text))) {
            throw new IllegalArgumentException(
                    "properties." + name + " cannot be set; these can, as texts: " + PROPERTIES);
        }
        if (name.equals("sasl.jaas.config")
                && !text.strip()
                        .matches(
                                "(?s)org\\.apache\\.kafka\\.common\\.security\\.(plain\\.Plain|scram\\.Scram)LoginModule\\s.*;")) {
            throw new IllegalArgumentException(
                    "properties.sasl.jaas.config names the PlainLoginModule or ScramLoginModule of Kafka");
        }
    }

    /// A producer connects as soon as it is made: where to is looked at before.
    @Override
    public Sink open(Document settings, Surroundings surroundings)
            throws UnknownHostException, InterruptedException, Resolver.PrivateTarget {
        if (surroundings.privateTargets()) {
            return new KafkaSink(settings, null);
        }
        var brokers = new Brokers(resolver);
        brokers.check(Brokers.hosts(KafkaSink.servers(settings)));
        return new KafkaSink(settings, brokers);
    }
}
