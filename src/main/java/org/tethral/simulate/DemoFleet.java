package org.tethral.simulate;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tethral.kernel.Document;
import org.tethral.kernel.Secret;

/// A dozen devices that live at their own pace, so that there is something to look at: they report
/// every few seconds, change their states, and two of them go away and return.
public final class DemoFleet implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DemoFleet.class);
    private static final Duration BACK_OFF_FIRST = Duration.ofSeconds(1);
    private static final Duration BACK_OFF_MAX = Duration.ofSeconds(30);

    /// One report in so many comes with a change of state.
    private static final int STATE_CHANGE_EVERY = 8;

    private final HttpClient client =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(Duration.ofSeconds(10))
                    .build();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final URI http;
    private final InetSocketAddress mqtt;
    private final InetSocketAddress coap;
    private final InstantSource clock;

    private DemoFleet(
            URI http, InetSocketAddress mqtt, InetSocketAddress coap, InstantSource clock) {
        this.http = http;
        this.mqtt = mqtt;
        this.coap = coap;
        this.clock = clock;
    }

    public static List<Resident> residents() {
        return Resident.all();
    }

    /// Starts all residents; they find the server whenever it is there.
    ///
    /// @param tokens of each resident
    /// @param key with which commands are sent to them now and then
    public static DemoFleet start(
            URI http,
            InetSocketAddress mqtt,
            InetSocketAddress coap,
            Function<Resident, String> tokens,
            Secret key,
            InstantSource clock,
            long seed) {
        var fleet = new DemoFleet(http, mqtt, coap, clock);
        var random = new SplittableRandom(seed);
        for (var resident : residents()) {
            var life =
                    fleet
                    .new Life(
                            resident,
                            new Plan.Identity(resident.id(), tokens.apply(resident)),
                            random.split());
            fleet.threads.execute(life);
        }
        fleet.threads.execute(new DemoOperator(fleet.client, http, key, random.split()));
        return fleet;
    }

    private final class Life implements Runnable {
        private final Resident resident;
        private final Plan.Identity identity;
        private final SplittableRandom random;
        private final double phase;

        Life(Resident resident, Plan.Identity identity, SplittableRandom random) {
            this.resident = resident;
            this.identity = identity;
            this.random = random;
            this.phase = random.nextDouble();
        }

        @Override
        public void run() {
            try {
                var backOff = BACK_OFF_FIRST;
                while (true) {
                    try (var connection = connect()) {
                        backOff = BACK_OFF_FIRST;
                        live(connection);
                        // away for a while
                    } catch (IOException e) {
                        LOG.atDebug()
                                .addKeyValue("device_id", resident.id())
                                .addKeyValue("reason", e.getMessage())
                                .log("simulated device lost its connection");
                        sleep(backOff);
                        backOff =
                                backOff.compareTo(BACK_OFF_MAX) < 0
                                        ? backOff.multipliedBy(2)
                                        : BACK_OFF_MAX;
                        continue;
                    }
                    sleep(Duration.ofSeconds(25));
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private DemoClient connect() throws IOException, InterruptedException {
            return switch (resident.wire()) {
                case MQTT -> new DemoMqtt(mqtt, identity);
                case HTTP -> new DemoHttp(client, http, identity);
                case COAP -> new DemoCoap(coap, identity);
                case WEBSOCKET ->
                        new DemoWebSocket(
                                client,
                                http,
                                identity,
                                resident.type(),
                                Long.toString(random.nextLong() >>> 20, 36));
            };
        }

        /// Returns when the device goes away.
        private void live(DemoClient connection) throws IOException, InterruptedException {
            var awake = resident.awake();
            var until = awake == null ? Long.MAX_VALUE : System.nanoTime() + awake.toNanos();
            while (awake == null || System.nanoTime() - until < 0) {
                connection.report(values());
                if (!resident.states().isEmpty() && random.nextInt(STATE_CHANGE_EVERY) == 0) {
                    connection.state(
                            resident.states().get(random.nextInt(resident.states().size())));
                }
                connection.idle(around(resident.every()));
            }
        }

        private Document values() {
            var now = clock.instant();
            var values = Document.EMPTY;
            for (var metric : resident.metrics()) {
                values = values.with(metric.name(), metric.at(now, phase, random));
            }
            return values;
        }

        private void sleep(Duration about) throws InterruptedException {
            TimeUnit.MILLISECONDS.sleep(around(about).toMillis());
        }

        /// Between half of the time and one and a half.
        private Duration around(Duration about) {
            return Duration.ofMillis(about.toMillis() / 2 + random.nextLong(about.toMillis()));
        }
    }

    /// Cuts all connections.
    @Override
    public void close() {
        threads.shutdownNow();
        client.shutdownNow();
    }
}
