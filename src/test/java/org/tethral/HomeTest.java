package org.tethral;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tethral.cli.Failure;

class HomeTest {

    private static final URI HTTP = URI.create("http://127.0.0.1:8080");

    @TempDir Path directory;

    @Test
    void belongsToOneProcessAtATime() {
        var first = Home.open(directory.resolve("home"));
        first.announce(HTTP, OptionalInt.of(1883), OptionalInt.of(5683));

        assertThatThrownBy(() -> Home.open(directory.resolve("home")))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("another tethral")
                .hasMessageContaining(Long.toString(ProcessHandle.current().pid()));

        first.close();
        Home.open(directory.resolve("home")).close();
    }

    @Test
    void saysWhereTheServerIsForAsLongAsItRuns() {
        var random = new SplittableRandom(1);
        assertThat(Home.running(directory)).isEmpty();
        try (var home = Home.open(directory)) {
            var key = home.localKey(random);
            assertThat(Home.running(directory)).isEmpty();
            home.announce(HTTP, OptionalInt.of(1883), OptionalInt.of(5683));

            var running = Home.running(directory).orElseThrow();
            assertThat(running.http()).isEqualTo(HTTP);
            assertThat(running.mqttPort()).isEqualTo(1883);
            assertThat(running.coapPort()).isEqualTo(5683);
            assertThat(running.key()).isEqualTo(key);
        }
        assertThat(Home.running(directory)).isEmpty();
    }

    @Test
    void keepsItsDirectoryFromOthersAlsoAfterItLookedWhoHasIt() throws Exception {
        var other = directory.resolve("Other.java");
        Files.writeString(
                other,
                """
                import java.nio.channels.FileChannel;
                import java.nio.file.*;

                class Other {
                    public static void main(String[] file) throws Exception {
                        var lock = FileChannel.open(Path.of(file[0]), StandardOpenOption.WRITE);
                        System.exit(lock.tryLock() == null ? 7 : 0);
                    }
                }
                """);
        var home = directory.resolve("home");
        try (var mine = Home.open(home)) {
            mine.localKey(new SplittableRandom(1));
            mine.announce(HTTP, OptionalInt.of(1883), OptionalInt.of(5683));
            assertThat(Home.running(home)).isPresent();
            assertThat(Home.running(home)).isPresent();

            var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
            var process =
                    new ProcessBuilder(java, other.toString(), home.resolve("lock").toString())
                            .inheritIO()
                            .start();
            assertThat(process.waitFor()).as("somebody has the lock").isEqualTo(7);
        }
    }

    @Test
    void doesNotBelieveWhatAProcessThatWasKilledLeftBehind() throws IOException {
        try (var home = Home.open(directory)) {
            home.localKey(new SplittableRandom(1));
        }
        Files.writeString(directory.resolve("running"), "4711 http://127.0.0.1:8080 1883 5683\n");

        assertThat(Home.running(directory)).isEmpty();
    }

    @Test
    void keepsItsNameAndItsKeyForTheNextStart() {
        String node;
        String key;
        try (var home = Home.open(directory)) {
            node = home.node(new SplittableRandom(1));
            key = home.localKey(new SplittableRandom(1)).reveal();
        }
        try (var home = Home.open(directory)) {
            assertThat(home.node(new SplittableRandom(2))).isEqualTo(node);
            assertThat(home.localKey(new SplittableRandom(2)).reveal()).isEqualTo(key);
        }
    }

    @Test
    void letsNobodyElseReadTheKey() throws IOException {
        try (var home = Home.open(directory)) {
            home.localKey(new SplittableRandom(1));
        }
        assertThat(
                        PosixFilePermissions.toString(
                                Files.getPosixFilePermissions(directory.resolve("local-key"))))
                .isEqualTo("rw-------");
    }

    @Test
    void opensAfterARestartWhatItSealedBefore() throws IOException {
        String sealed;
        try (var home = Home.open(directory)) {
            sealed = home.vault(null, new SplittableRandom(1)).seal(new byte[] {1, 2}, "one");
        }
        try (var home = Home.open(directory)) {
            assertThat(home.vault(null, new SplittableRandom(2)).open(sealed, "one"))
                    .hasValue(new byte[] {1, 2});
            var moved = Files.copy(directory.resolve("secrets-key"), directory.resolve("moved"));
            assertThat(home.vault(moved, new SplittableRandom(2)).open(sealed, "one")).isPresent();
            var broken = Files.writeString(directory.resolve("broken"), "no key");
            assertThatThrownBy(() -> home.vault(broken, new SplittableRandom(2)))
                    .isInstanceOf(Failure.class)
                    .hasMessageContaining("32 bytes")
                    .hasMessageContaining(broken.toString());
        }
        assertThat(
                        PosixFilePermissions.toString(
                                Files.getPosixFilePermissions(directory.resolve("secrets-key"))))
                .isEqualTo("rw-------");
    }

    @Test
    void saysThatItCannotBeWritten() throws IOException {
        var file = Files.writeString(directory.resolve("a-file"), "");

        assertThatThrownBy(() -> Home.open(file.resolve("home")))
                .isInstanceOf(Failure.class)
                .hasMessageStartingWith("cannot write to the directory " + file);
        assertThatThrownBy(() -> Home.open(file))
                .hasMessageContaining("there is a file of that name");
    }
}
