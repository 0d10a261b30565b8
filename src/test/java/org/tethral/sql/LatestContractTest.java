package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.tethral.device.ConnectingDevice;
import org.tethral.ingest.Answer;
import org.tethral.ingest.Inbound;
import org.tethral.ingest.Ingest;
import org.tethral.kernel.Document;
import org.tethral.kernel.Page;
import org.tethral.kernel.Value;

/// What a device reports now is the newest by time, in whatever order it came, also after a
/// restart.
@EachEngine
class LatestContractTest {

    private static final Instant NOW = Instant.parse("2026-07-14T12:00:00Z");
    private static final int REPORTS = 40;
    private static int names;

    private final Database database;
    private final ConnectingDevice device;
    private final SplittableRandom random;
    private final String name = "latest-" + names++;

    LatestContractTest(TestDatabase test) {
        this.database = test.database();
        this.device = new Fleet(database).add(name);
        var seed = Long.getLong("tethral.seed", System.nanoTime());
        System.out.println("seed " + seed);
        this.random = new SplittableRandom(seed);
    }

    private Ingest ingest() {
        return new Ingest(
                SqlJournal.lanes(database),
                lane -> SqlJournal.open(database, name, lane, random.split()),
                InstantSource.fixed(NOW),
                new SimpleMeterRegistry());
    }

    @Test
    void isWhatReportsInTheOrderOfTheirTimesWouldMake() throws Exception {
        var sent = new ArrayList<Inbound.Measurement>();
        while (sent.size() < REPORTS) {
            try (var ingest = ingest()) { // another process each time
                ingest.start();
                for (int i = 0; i < REPORTS / 4; i++) {
                    var one = measurement();
                    sent.add(one);
                    assertThat(
                                    ingest.submit(new Inbound.Report(device, NOW, List.of(one)))
                                            .get(20, TimeUnit.SECONDS))
                            .isInstanceOf(Answer.Stored.class);
                }
            }
        }
        assertThat(
                        new SqlHistoryStore(database, _ -> {})
                                .newest(device.id(), Page.Request.first(100))
                                .items())
                .hasSize(REPORTS);
        var state = new SqlStateStore(database).find(device.id()).orElseThrow();
        assertThat(state.reportedVersion()).isEqualTo(REPORTS);
        sent.sort(Comparator.comparing(Inbound.Measurement::timestamp)); // stable
        var expected = Document.EMPTY;
        for (var one : sent) {
            expected = expected.merged(one.values());
        }
        assertThat(state.reported()).isEqualTo(expected);
    }

    /// Some of the names, some of them gone, at one of a few times.
    private Inbound.Measurement measurement() {
        var values = new LinkedHashMap<String, Value>();
        for (var one : List.of("t", "h/%", "ü~")) {
            if (random.nextBoolean()) {
                var gone = random.nextInt(4) == 0;
                values.put(one, gone ? Value.Null.NULL : Value.of(random.nextInt(1_000_000)));
            }
        }
        return new Inbound.Measurement(
                NOW.minusSeconds(random.nextInt(15)), null, new Document(values));
    }

    @Test
    void keepsANewerValueFromOneThatCameLate() throws Exception {
        try (var ingest = ingest()) {
            ingest.start();
            for (int ago : new int[] {60, 3_600, 30, 86_400}) {
                var one =
                        new Inbound.Measurement(
                                NOW.minusSeconds(ago), null, Document.of("ago", Value.of(ago)));
                ingest.submit(new Inbound.Report(device, NOW, List.of(one)))
                        .get(20, TimeUnit.SECONDS);
            }
        }
        var state = new SqlStateStore(database).find(device.id()).orElseThrow();
        assertThat(state.reported()).isEqualTo(Document.of("ago", Value.of(30)));
        assertThat(state.lastUpdated()).as("all were heard").isEqualTo(NOW);
    }
}
