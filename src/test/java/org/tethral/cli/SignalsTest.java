package org.tethral.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

@DisabledOnOs(OS.WINDOWS)
class SignalsTest {

    private static final long PATIENCE_SECONDS = 30;

    /// A program that ends at once when it is told to, or, with an argument, takes an hour for it.
    static final class Slow {
        public static void main(String[] arguments) throws InterruptedException {
            var signals = new Signals();
            signals.listen();
            System.out.println("ready");
            signals.await();
            System.out.println("draining");
            Thread.sleep(arguments.length == 0 ? Duration.ZERO : Duration.ofHours(1));
        }
    }

    private static Process start(String... arguments) throws IOException {
        var command =
                new java.util.ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                System.getProperty("java.class.path"),
                                Slow.class.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    @Test
    void aFirstSignalLetsTheProgramEndInItsOwnWay() throws Exception {
        var process = start();
        try (var output = process.inputReader()) {
            assertThat(output.readLine()).isEqualTo("ready");
            process.toHandle().destroy();
            assertThat(output.readLine()).isEqualTo("draining");
            assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isZero();
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void aSecondSignalEndsItAtOnce() throws Exception {
        var process = start("an hour");
        try (var output = process.inputReader()) {
            assertThat(output.readLine()).isEqualTo("ready");
            process.toHandle().destroy();
            assertThat(output.readLine()).isEqualTo("draining");
            assertThat(process.isAlive()).isTrue();
            process.toHandle().destroy();
            assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isEqualTo(143);
        } finally {
            process.destroyForcibly();
        }
    }
}
