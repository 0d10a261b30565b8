package org.tethral;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The program as a process.
class MainTest {

    @TempDir Path home;

    /// As after a jar was replaced by another under a running process: a class is not there when it
    /// is needed.
    @Test
    void endsAtOnceWhenTheProgramItselfIsBroken() throws Exception {
        var withoutSqlite =
                Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                        .filter(entry -> !entry.contains("sqlite-jdbc"))
                        .collect(Collectors.joining(File.pathSeparator));
        var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        var output = home.resolve("output").toFile();
        var process =
                new ProcessBuilder(
                                java,
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                withoutSqlite,
                                "org.tethral.Main",
                                "serve",
                                "--home=" + home,
                                "--http-port=0",
                                "--mqtt-port=0",
                                "--mqtt-websocket-port=off",
                                "--coap-port=off",
                                "--coaps-port=off")
                        .redirectErrorStream(true)
                        .redirectOutput(output)
                        .start();
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("it ended").isTrue();
            assertThat(process.exitValue()).isEqualTo(70);
            assertThat(output).content().contains("NoClassDefFoundError");
        } finally {
            process.destroyForcibly();
        }
    }
}
