package org.tethral.benchmark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/// On what figures were measured.
///
/// @param load the system's load average before: above some tenths, others were at work
public record Machine(String processor, int cores, String system, String java, double load) {

    public static Machine here() {
        return new Machine(
                processorName(),
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("os.name")
                        + " "
                        + System.getProperty("os.version")
                        + " "
                        + System.getProperty("os.arch"),
                "java " + Runtime.version(),
                Math.max(0, ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage()));
    }

    private static String processorName() {
        try (var lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("unknown processor");
        } catch (IOException | UncheckedIOException e) {
            return "unknown processor"; // no such system
        }
    }

    @Override
    public String toString() {
        return processor
                + ", "
                + cores
                + " cores, "
                + system
                + ", "
                + java
                + String.format(Locale.ROOT, ", load before %.1f", load);
    }
}
