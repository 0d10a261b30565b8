package org.tethral.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.tethral.kernel.Document;

/// How fast a typical sensor's codec decodes on one core: processor time of the whole process, all
/// threads, so that others on this machine do not count.
class CodecFiguresTest {

    private static final Duration WARM_UP = Duration.ofSeconds(20);
    private static final Duration MEASURED = Duration.ofSeconds(15);

    @Tag("soak")
    @Test
    void decodesFiveThousandASecondOnOneCore() throws Exception {
        var script = Files.readString(Path.of("src/test/resources/codecs/leak.js"));
        var uplink =
                new Uplink(
                        HexFormat.of().parseHex("01755c050001"), 85, Instant.EPOCH, Document.EMPTY);
        var started = System.nanoTime();
        var codec = new JavaScriptKind().open(script);
        assertThat(codec.decode(uplink)).isInstanceOf(Decoding.Decoded.class);
        System.out.printf("first decode: %d ms%n", (System.nanoTime() - started) / 1_000_000);

        rate(codec, uplink, WARM_UP);
        var rate = rate(codec, uplink, MEASURED);
        System.out.printf("%.0f decodes per second of processor time%n", rate);
        var kind = new CayenneLppKind();
        var bytes = HexFormat.of().parseHex("03670110056700ff");
        var cayenne = new Uplink(bytes, 1, Instant.EPOCH, Document.EMPTY);
        assertThat(kind.decode(cayenne)).isInstanceOf(Decoding.Decoded.class);
        rate(kind, cayenne, Duration.ofSeconds(2));
        System.out.printf("%.0f Cayenne LPP%n", rate(kind, cayenne, Duration.ofSeconds(2)));
        assertThat(rate).isGreaterThan(5_000);
    }

    private static double rate(Codec codec, Uplink uplink, Duration wall) {
        var process =
                (com.sun.management.OperatingSystemMXBean)
                        ManagementFactory.getOperatingSystemMXBean();
        var cpu = process.getProcessCpuTime();
        var until = System.nanoTime() + wall.toNanos();
        var count = 0;
        while (System.nanoTime() < until) {
            codec.decode(uplink);
            count++;
        }
        return count * 1e9 / (process.getProcessCpuTime() - cpu);
    }
}
