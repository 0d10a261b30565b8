package org.tethral.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tethral.device.ConnectingDevice;
import org.tethral.device.DeviceId;
import org.tethral.device.MessageId;
import org.tethral.ingest.Answer;
import org.tethral.ingest.Inbound;
import org.tethral.ingest.Ingest;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;
import org.tethral.sql.Database;
import org.tethral.sql.SqlJournal;

class ExportCommandTest {

    private static final Instant AT = Instant.parse("2026-07-14T12:00:00.000001Z");

    @TempDir Path directory;
    private Shell shell;

    @BeforeEach
    void report() {
        shell = new Shell(directory);
        shell.run("device", "add", "a");
        shell.run("device", "add", "b");
        try (var database = Database.open(shell.database, InstantSource.fixed(AT));
                var ingest =
                        new Ingest(
                                1,
                                lane ->
                                        SqlJournal.open(
                                                database, "n", lane, new SplittableRandom(1)),
                                InstantSource.fixed(AT),
                                new SimpleMeterRegistry())) {
            ingest.start();
            report(ingest, "a", AT, "=1+1");
            report(ingest, "a", AT.plusSeconds(60), "x, \"y\"");
            report(ingest, "b", AT, "z");
        }
    }

    private static void report(Ingest ingest, String id, Instant at, String note) {
        var values = Document.of("note", Value.of(note)).with("t", Value.of(21.5));
        var answer =
                ingest.submit(
                        new Inbound.Report(
                                ConnectingDevice.named(new DeviceId(id)),
                                at,
                                List.of(
                                        new Inbound.Measurement(
                                                at, new MessageId("@" + at), values))));
        assertThat(answer.join()).isInstanceOf(Answer.Stored.class);
    }

    @Test
    void writesSnapshotsOfARangeAsCsvThatNoSpreadsheetTakesForFormulas() throws IOException {
        var file = directory.resolve("out.csv");
        var result =
                shell.run(
                        "export",
                        "snapshots",
                        file.toString(),
                        "--device",
                        "a",
                        "--from",
                        AT.toString(),
                        "--to",
                        AT.plusSeconds(60).toString(),
                        "--values",
                        "note,t,none");

        assertThat(result.err()).contains("1 snapshots in");
        assertThat(Files.readAllLines(file))
                .containsExactly(
                        "device_id,timestamp,sequence,message_id,note,t,none",
                        "a,2026-07-14T12:00:00.000001Z,1,'@2026-07-14T12:00:00.000001Z,'=1+1,21.5,\"\"");
    }

    @Test
    void writesSnapshotsOfAllDevicesAsJsonLines() {
        var lines = shell.run("export", "snapshots", "-").outLines();

        assertThat(lines).hasSize(3);
        assertThat(lines.get(1))
                .startsWith("{\"device_id\":\"a\",\"timestamp\":\"2026-07-14T12:01:00.000001Z\",")
                .endsWith("\"state_data\":{\"note\":\"x, \\\"y\\\"\",\"t\":21.5}}");
        assertThat(lines.get(2)).contains("\"b\"");
    }

    @Test
    void takesDevicesElsewhere() throws IOException {
        var file = directory.resolve("devices.csv").toString();
        assertThat(shell.run("export", "devices", file).code()).isZero();
        var copy = new Shell(Files.createDirectory(directory.resolve("copy")));
        assertThat(copy.run("import", "devices", file).err()).contains("2 devices registered");
    }

    @Test
    void saysWhatItDoesNotUnderstand() {
        assertThat(shell.run("export").code()).isEqualTo(Failure.MISUSED);
        assertThat(shell.run("export", "snapshots", "x.parquet").code()).isEqualTo(Failure.MISUSED);
        assertThat(shell.run("export", "snapshots", "-", "--from", "today").err())
                .contains("'today' is no time");
        assertThat(
                        shell.run(
                                        "export",
                                        "snapshots",
                                        "-",
                                        "--from",
                                        AT.toString(),
                                        "--to",
                                        AT.toString())
                                .code())
                .isEqualTo(Failure.MISUSED);
    }
}
