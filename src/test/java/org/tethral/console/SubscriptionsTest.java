package org.tethral.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.kernel.Eventually.eventually;

import com.microsoft.playwright.options.ColorScheme;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tethral.json.Json;
import org.tethral.kafka.KafkaBroker;
import org.tethral.mqtt.TalkingClient;

/// What a person sees of subscriptions, and that everybody who follows sees the same events.
final class SubscriptionsTest extends ConsoleRig {

    private static final String LISTEN =
            """
            new Promise((open) => {
              window.seen = [];
              const source = new EventSource("/api/v1/events/stream?type=same.*");
              source.onopen = open;
              source.onmessage = (event) => window.seen.push(JSON.parse(event.data).event_id);
            })\
            """;
    private static final Pattern EVENT_ID = Pattern.compile("\"event_id\":\"(same-\\d+)\"");

    @Test
    void showsWhoIsToldAndSendsDeadLettersAgain() throws Exception {
        try (var receiver = new Receiver(_ -> false);
                var context = visitor(ColorScheme.DARK)) {
            var page = signedIn(context);
            page.locator("nav a[href='#/subscriptions']").click();
            assertThat(page.locator(".empty h2")).hasText("Nobody is told yet");

            subscribe("desk", receiver.url(), "desk.*", ", \"max_attempts\": 1");
            var row = page.locator("tr[data-subscription='desk']");
            assertThat(row.locator(".status")).hasText("delivering");
            for (int i = 0; i < 3; i++) {
                publish("desk.bell", "desk-" + i);
            }
            row.locator("a").click();
            assertThat(page.locator("h1")).hasText("desk");
            assertThat(page.locator(".deliveries tbody tr").first()).containsText("status 503");
            assertThat(page.locator(".notice.bad")).containsText("takes nothing since");
            assertThat(lowContrast(page)).isEmpty();

            receiver.takesAll();
            page.getByText("Send dead letters again").click();
            eventually(() -> receiver.taken.contains("desk-0"));
            page.getByText("Pause").click();
            assertThat(page.locator(".vitals .status")).hasText("paused");
            page.getByText("Resume").click();
            assertThat(page.locator(".vitals .status")).hasText("delivering");
            page.setViewportSize(360, 800);
            assertThat(besideTheScreen(page)).isEmpty();
        }
    }

    /// A browser, `curl`, a webhook that fails three times of four, a consumer of Kafka, and an
    /// application on MQTT.
    @Test
    void tellsEverybodyTheSame(@TempDir Path folder) throws Exception {
        try (var receiver = new Receiver(request -> request % 4 == 0);
                var broker = new KafkaBroker(folder);
                var application =
                        TalkingClient.start(5, "same")
                                .user(server().key(), null)
                                .at(server().mqttPort());
                var context = visitor(ColorScheme.LIGHT)) {
            subscribe("same-webhook", receiver.url(), "same.*", "");
            server().send(
                            "POST",
                            "/api/v1/subscriptions",
                            """
                            {"subscription_id": "same-kafka", "event_types": ["same.*"],
                             "sink": {"kind": "kafka", "bootstrap_servers": "%s", "topic": "same"}}\
                            """
                                    .formatted(broker.servers()));
            application.subscribe("apps/same", 1);
            server().send(
                            "POST",
                            "/api/v1/subscriptions",
                            """
                            {"subscription_id": "same-mqtt", "event_types": ["same.*"],
                             "sink": {"kind": "mqtt", "topic": "apps/same"}}\
                            """);
            var page = context.newPage();
            page.navigate(server().signInLink());
            page.evaluate(LISTEN);
            var curl = curl();
            try {
                var lines = lines(curl);
                eventually(
                        () -> lines.stream().anyMatch(line -> line.startsWith(": events after")));
                var expected = new HashSet<String>();
                for (int i = 0; i < 3; i++) {
                    publish("same.event", "same-" + i);
                    expected.add("same-" + i);
                }
                eventually(() -> ids(lines).equals(expected));
                eventually(
                        () -> Set.copyOf((List<?>) page.evaluate("window.seen")).equals(expected));
                assertThat(consumed(broker)).isEqualTo(expected);
                assertThat(application.texts(3))
                        .extracting(text -> Json.parseObject(text).text("id").orElseThrow())
                        .containsExactlyInAnyOrderElementsOf(expected);
                eventually(() -> new HashSet<>(receiver.taken).equals(expected));
                assertThat(receiver.taken).hasSize(3);
            } finally {
                curl.destroy();
            }
        }
    }

    private Process curl() throws Exception {
        return new ProcessBuilder(
                        "curl",
                        "-sN",
                        "-H",
                        "Authorization: Bearer " + server().key(),
                        server().http() + "/api/v1/events/stream?type=same.*")
                .start();
    }

    private static List<String> lines(Process process) {
        var lines = new CopyOnWriteArrayList<String>();
        Thread.ofVirtual()
                .start(() -> {
                    try (var reader =
                            new BufferedReader(
                                    new InputStreamReader(
                                            process.getInputStream(), StandardCharsets.UTF_8))) {
                        reader.lines().forEach(lines::add);
                    } catch (Exception e) {
                        lines.add("over");
                    }
                });
        return lines;
    }

    private static Set<String> ids(List<String> lines) {
        var ids = new HashSet<String>();
        for (var line : lines) {
            var found = EVENT_ID.matcher(line);
            if (found.find()) {
                ids.add(found.group(1));
            }
        }
        return ids;
    }

    private static Set<String> consumed(KafkaBroker broker) throws Exception {
        var ids = new HashSet<String>();
        Map<String, Object> properties =
                Map.of("bootstrap.servers", broker.servers(), "auto.offset.reset", "earliest");
        try (var consumer =
                new KafkaConsumer<>(
                        properties, new StringDeserializer(), new StringDeserializer())) {
            consumer.assign(List.of(new TopicPartition("same", 0)));
            for (int i = 0; i < 100 && ids.size() < 3; i++) {
                for (var one : consumer.poll(Duration.ofMillis(200))) {
                    ids.add(Json.parseObject(one.value()).text("id").orElseThrow());
                }
            }
        }
        return ids;
    }

    private void subscribe(String name, String url, String type, String more) throws Exception {
        server().send(
                        "POST",
                        "/api/v1/subscriptions",
                        """
                        {"subscription_id": "%s", "event_types": ["%s"], "sink": {"kind": "webhook", "url": "%s"}%s}\
                        """
                                .formatted(name, type, url, more));
    }

    private void publish(String type, String id) throws Exception {
        server().send(
                        "POST",
                        "/api/v1/events",
                        "{\"type\": \"%s\", \"event_id\": \"%s\", \"source\": \"from-%s\"}"
                                .formatted(type, id, type));
    }
}
