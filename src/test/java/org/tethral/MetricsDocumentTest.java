package org.tethral;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tethral.cli.Given;
import org.tethral.json.Json;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// What is written of metrics, drawn of them, and told of them is what a running server shows.
class MetricsDocumentTest {

    private static final Pattern ROW =
            Pattern.compile(
                    "^\\| `([a-z0-9_]+)` \\| (gauge|counter|summary) \\| ([^|]+) \\| ([^|]+) \\|$",
                    Pattern.MULTILINE);
    private static final Pattern SHOWN =
            Pattern.compile("^# TYPE (\\S+) (\\S+)$", Pattern.MULTILINE);
    private static final Pattern METRIC =
            Pattern.compile("\\b(?:tethral|jvm|process|system)_[a-z0-9_]+");

    /// @param certain false: it is there once something happened, or with an outside broker
    private record Written(String kind, boolean certain) {}

    private static Map<String, Written> written() throws IOException {
        var written = new TreeMap<String, Written>();
        ROW.matcher(Files.readString(Path.of("docs/metrics.md")))
                .results()
                .forEach(row ->
                        written.put(
                                row.group(1),
                                new Written(row.group(2), !row.group(4).startsWith("*"))));
        return written;
    }

    private static Map<String, String> shown(Path home) throws Exception {
        var flags =
                Map.of(
                        "home", home.toString(),
                        "http-port", "0",
                        "mqtt-port", "0",
                        "mqtt-websocket-port", "off",
                        "coap-port", "0",
                        "coaps-port", "off");
        try (var tethral =
                        Tethral.start(
                                Config.resolve(new Given(flags, null, Map.of())),
                                InstantSource.system(),
                                new SecureRandom());
                var client = HttpClient.newHttpClient()) {
            var request = HttpRequest.newBuilder(tethral.http().resolve("/metrics")).build();
            var text = client.send(request, HttpResponse.BodyHandlers.ofString()).body();
            return SHOWN.matcher(text)
                    .results()
                    .collect(
                            Collectors.toMap(
                                    row -> row.group(1), row -> row.group(2), (a, _) -> a));
        }
    }

    @Test
    void namesEveryMetricOfARunningServerAndNoOther(@TempDir Path home) throws Exception {
        var written = written();
        var shown = shown(home);
        var kinds = new TreeMap<String, String>();
        written.forEach((name, row) -> kinds.put(name, row.kind()));
        assertThat(kinds).containsAllEntriesOf(shown);
        var certain = new TreeSet<String>();
        written.forEach((name, row) -> {
            if (row.certain()) {
                certain.add(name);
            }
        });
        assertThat(shown.keySet()).containsAll(certain);
    }

    @Test
    void drawsOnlyMetricsThatThereAre() throws Exception {
        var dashboard = Json.parseObject(Files.readString(Path.of("ops/grafana/tethral.json")));
        var panels = ((Value.Array) dashboard.find("panels").orElseThrow()).items();
        assertThat(panels).hasSizeGreaterThan(20);
        for (var panel : panels) {
            assertThat(((Document) panel).text("title").orElse("")).isNotBlank();
        }
        assertThat(metrics(Json.write(dashboard))).isNotEmpty().isSubsetOf(names());
    }

    @Test
    void tellsOnlyOfMetricsThatThereAre() throws Exception {
        var rules = Files.readString(Path.of("ops/prometheus/alerts.yml"));
        var found = metrics(rules.replaceAll("(?m)^(\\s+summary:|#).*$", ""));
        assertThat(found).hasSizeGreaterThan(10).isSubsetOf(names());
        var count = rules.split("- alert: ", -1).length - 1;
        for (var part : List.of("expr: '", "for: ", "severity: ", "summary: '")) {
            assertThat(rules.split(Pattern.quote(part), -1).length - 1).as(part).isEqualTo(count);
        }
    }

    private static Set<String> metrics(String text) {
        return METRIC.matcher(text)
                .results()
                .map(found -> found.group())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> names() throws IOException {
        return written().keySet();
    }
}
