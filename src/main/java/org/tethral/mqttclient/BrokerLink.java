package org.tethral.mqttclient;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttClientBuilder;
import com.hivemq.client.mqtt.MqttClientSslConfig;
import com.hivemq.client.mqtt.lifecycle.MqttClientDisconnectedContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A connection to a broker that is made again whenever it ends. Each message is acknowledged when
/// its receiver says so, and only then.
///
/// The session stays on the broker while the process is away: what was not acknowledged, and what
/// came meanwhile, is sent when it is back. How many messages it sends without an acknowledgement
/// is for the broker's settings to say: Mosquitto 2.0.11 sends more than a Receive Maximum allows
/// (github.com/eclipse-mosquitto/mosquitto/issues/2301), and a client that insists on it would be
/// disconnected again and again. Of these, [#UNANSWERED_MAX] are handed on at a time.
public final class BrokerLink implements AutoCloseable {

    /// Messages that were handed on and are not acknowledged yet.
    public static final int UNANSWERED_MAX = 1_000;

    /// How long the broker keeps the session of a node that is away.
    static final Duration SESSION_KEPT = Duration.ofDays(1);

    private static final Duration RECONNECT_FIRST = Duration.ofSeconds(1);
    private static final Duration RECONNECT_MAX = Duration.ofSeconds(30);
    private static final Duration SUBSCRIBE_AGAIN_AFTER = Duration.ofSeconds(10);
    private static final Duration DRAIN_MAX = Duration.ofSeconds(5);
    private static final int POLL_MILLIS = 5;
    private static final Logger LOG = LoggerFactory.getLogger(BrokerLink.class);

    /// What a broker speaks.
    public enum Speaks {
        /// With QoS 1, and a session that stays while we are away.
        MQTT_5 {
            @Override
            Wire wire(MqttClientBuilder builder) {
                return new Mqtt5Wire(builder);
            }
        },
        /// Version 3.1.1, of which QoS 0 is used: nothing is acknowledged, and what comes while we
        /// are away is lost.
        MQTT_3 {
            @Override
            Wire wire(MqttClientBuilder builder) {
                return new Mqtt3Wire(builder);
            }
        };

        abstract Wire wire(MqttClientBuilder builder);
    }

    /// Takes messages, one after another, on one thread; may wait.
    @FunctionalInterface
    public interface Receiver {
        /// @param acknowledge run once, on any thread, when the message need not come again
        void take(String topic, byte[] payload, Runnable acknowledge) throws InterruptedException;
    }

    /// @param name in logs and of its thread
    /// @param authority who signs the broker's certificate, PEM; null: those that the machine
    ///   trusts
    /// @param clientId the session's: one for each node and purpose
    /// @param filters to subscribe to, with `$share/GROUP/` where nodes divide the messages among
    ///   them
    /// @param messageBytesMax the broker drops what is longer
    public record Settings(
            String name,
            BrokerAddress broker,
            @Nullable Path authority,
            String clientId,
            List<String> filters,
            int messageBytesMax,
            Speaks speaks) {
        public Settings {
            filters = List.copyOf(filters);
        }

        public Settings(
                String name,
                BrokerAddress broker,
                @Nullable Path authority,
                String clientId,
                List<String> filters,
                int messageBytesMax) {
            this(name, broker, authority, clientId, filters, messageBytesMax, Speaks.MQTT_5);
        }
    }

    private final Settings settings;
    private final Receiver receiver;
    private final Wire wire;
    private final ExecutorService thread;
    private final Semaphore room = new Semaphore(UNANSWERED_MAX);
    private volatile @Nullable String problem = "is not connected yet";
    private volatile boolean closing;

    /// @throws IllegalArgumentException the authority's certificate cannot be used
    public BrokerLink(Settings settings, Receiver receiver) {
        this.settings = settings;
        this.receiver = receiver;
        this.wire = settings.speaks().wire(client());
        this.thread =
                Executors.newSingleThreadExecutor(
                        Thread.ofVirtual().name(settings.name()).factory());
    }

    private MqttClientBuilder client() {
        var broker = settings.broker();
        var builder =
                MqttClient.builder()
                        .identifier(settings.clientId())
                        .serverHost(broker.host())
                        .serverPort(broker.port())
                        .automaticReconnect()
                        .initialDelay(RECONNECT_FIRST.toMillis(), TimeUnit.MILLISECONDS)
                        .maxDelay(RECONNECT_MAX.toMillis(), TimeUnit.MILLISECONDS)
                        .applyAutomaticReconnect()
                        .addConnectedListener(_ -> subscribe())
                        .addDisconnectedListener(this::disconnected);
        return broker.tls() ? builder.sslConfig(tls(settings.authority())) : builder;
    }

    private static MqttClientSslConfig tls(@Nullable Path authority) {
        var config = MqttClientSslConfig.builder().protocols(List.of("TLSv1.3", "TLSv1.2"));
        if (authority == null) {
            return config.build();
        }
        try (var pem = Files.newInputStream(authority)) {
            var trusted = KeyStore.getInstance(KeyStore.getDefaultType());
            trusted.load(null, null);
            var certificates = CertificateFactory.getInstance("X.509").generateCertificates(pem);
            var number = 0;
            for (var certificate : certificates) {
                trusted.setCertificateEntry("authority-" + number++, certificate);
            }
            var managers =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            managers.init(trusted);
            return config.trustManagerFactory(managers).build();
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalArgumentException(
                    "the broker's authority cannot be read from "
                            + authority
                            + ": "
                            + e.getMessage(),
                    e);
        }
    }

    /// Returns at once: a broker that is away is tried again until it answers.
    public void start() {
        wire.receive(this::take, thread);
        wire.connect(settings);
    }

    /// Completes when the broker has it, as far as its protocol lets one know. Fails at once while
    /// there is no connection: nothing is queued for one that may come.
    public CompletionStage<Void> publish(String topic, byte[] payload) {
        if (!wire.state().isConnected()) {
            return CompletableFuture.failedFuture(
                    new IllegalStateException(problem().orElse("the broker is not connected")));
        }
        return wire.publish(topic, payload);
    }

    private void take(Wire.Message message) {
        if (closing) {
            return; // not acknowledged: it is sent again when we are back
        }
        var acknowledged = new AtomicBoolean();
        try {
            room.acquire();
            receiver.take(
                    message.topic(),
                    message.payload(),
                    () -> {
                        if (acknowledged.compareAndSet(false, true)) {
                            room.release();
                            message.acknowledge().run();
                        }
                    });
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.atError().setCause(e).log("a message of the outside broker could not be taken");
        }
    }

    /// Also when the session was there: the topics may have changed since.
    private void subscribe() {
        if (settings.filters().isEmpty()) {
            problem = null;
            return;
        }
        wire.subscribe(settings.filters())
                .whenComplete((_, failure) -> {
                    if (failure == null) {
                        problem = null;
                        LOG.atInfo()
                                .addKeyValue("broker", settings.broker())
                                .log("subscribed on the outside broker");
                    } else if (!closing && wire.state().isConnected()) {
                        failed("does not take our subscriptions", failure);
                        subscribeAgain();
                    }
                });
    }

    private void subscribeAgain() {
        Thread.ofVirtual()
                .name(settings.name() + "-subscribe")
                .start(() -> {
                    try {
                        Thread.sleep(SUBSCRIBE_AGAIN_AFTER);
                        if (!closing && wire.state().isConnected()) {
                            subscribe();
                        }
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
    }

    private void disconnected(MqttClientDisconnectedContext context) {
        if (!closing) {
            failed("is not connected", context.getCause());
        }
    }

    /// Told once for each reason, however often it is tried.
    private void failed(String what, Throwable why) {
        var cause =
                why instanceof CompletionException && why.getCause() != null ? why.getCause() : why;
        var now = what + ": " + cause.getMessage();
        if (!now.equals(problem)) {
            LOG.atWarn()
                    .addKeyValue("broker", settings.broker())
                    .addKeyValue("reason", cause.getMessage())
                    .log("the outside broker " + what + "; trying again");
        }
        problem = now;
    }

    /// Why no messages come at present; empty when all is well.
    public Optional<String> problem() {
        return Optional.ofNullable(problem)
                .map(reason -> "broker " + settings.broker() + " " + reason);
    }

    /// Takes nothing more, waits some seconds until what was taken is acknowledged, and leaves. The
    /// session stays on the broker.
    @Override
    public void close() {
        closing = true;
        try {
            var deadline = System.nanoTime() + DRAIN_MAX.toNanos();
            while (room.availablePermits() < UNANSWERED_MAX && System.nanoTime() - deadline < 0) {
                TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
            }
            wire.disconnect()
                    .toCompletableFuture()
                    .orTimeout(DRAIN_MAX.toSeconds(), TimeUnit.SECONDS)
                    .handle((_, _) -> null)
                    .join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            thread.shutdownNow(); // the client tells it when a session ends
        }
    }
}
