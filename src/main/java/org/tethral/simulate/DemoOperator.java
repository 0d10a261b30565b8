package org.tethral.simulate;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tethral.json.Json;
import org.tethral.kernel.Document;
import org.tethral.kernel.Secret;
import org.tethral.kernel.Value;

/// Somebody who sends a command to one of the demonstration's devices now and then: to one that is
/// away at the moment, too, which gets it when it returns.
final class DemoOperator implements Runnable {

    private static final Duration FIRST_AFTER = Duration.ofSeconds(4);
    private static final Duration EVERY = Duration.ofSeconds(20);
    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(30);
    private static final int TTL_SECONDS = 600;
    private static final List<Document> REPERTOIRE =
            List.of(
                    command("identify", Document.of("seconds", Value.of(5)), "normal"),
                    command("set_interval", Document.of("seconds", Value.of(10)), "low"),
                    command("read_now", Document.EMPTY, "high"),
                    command("self_test", Document.EMPTY, "normal"),
                    command("calibrate", Document.of("reference", Value.of(20.5)), "normal"));
    private static final Logger LOG = LoggerFactory.getLogger(DemoOperator.class);

    private final HttpClient client;
    private final URI server;
    private final Secret key;
    private final SplittableRandom random;
    private final List<Resident> devices = Resident.all();

    DemoOperator(HttpClient client, URI server, Secret key, SplittableRandom random) {
        this.client = client;
        this.server = server;
        this.key = key;
        this.random = random;
    }

    private static Document command(String name, Document payload, String priority) {
        return Document.of("command_name", Value.of(name))
                .with("payload", payload)
                .with("priority", Value.of(priority))
                .with("ttl", Value.of(TTL_SECONDS));
    }

    @Override
    public void run() {
        try {
            TimeUnit.MILLISECONDS.sleep(FIRST_AFTER.toMillis());
            while (true) {
                var device = devices.get(random.nextInt(devices.size()));
                send(device, REPERTOIRE.get(random.nextInt(REPERTOIRE.size())));
                TimeUnit.MILLISECONDS.sleep(
                        EVERY.toMillis() / 2 + random.nextLong(EVERY.toMillis()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void send(Resident device, Document command) throws InterruptedException {
        var request =
                HttpRequest.newBuilder(
                                server.resolve("/api/v1/devices/" + device.id() + "/command"))
                        .timeout(ANSWER_WITHIN)
                        .header("Authorization", "Bearer " + key.reveal())
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(Json.bytes(command)))
                        .build();
        try {
            client.send(request, HttpResponse.BodyHandlers.discarding());
        } catch (IOException e) {
            LOG.atDebug()
                    .addKeyValue("reason", e.getMessage())
                    .log("the demonstration could not send a command");
        }
    }
}
