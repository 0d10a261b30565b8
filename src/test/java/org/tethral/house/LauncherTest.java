package org.tethral.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// The script `tethral`, in front of JDKs that only print how they were called.
@DisabledOnOs(OS.WINDOWS)
class LauncherTest {
    @TempDir Path folder;

    Path release;

    @BeforeEach
    void layOutARelease() throws IOException {
        release = Files.createDirectories(folder.resolve("a release"));
        Files.copy(Path.of("tethral"), release.resolve("tethral"));
        assertThat(release.resolve("tethral").toFile().setExecutable(true)).isTrue();
        Files.createFile(release.resolve("tethral.jar"));
    }

    @Test
    void javaHomeWinsOverThePath() throws Exception {
        var home = jdk("home", "25.0.1");
        var path = jdk("path", "26");
        assertThat(launch(home, path, "--print-java-home")).isEqualTo(home + "\n");
    }

    @Test
    void aJavaThatIsTooOldIsPassedOver() throws Exception {
        var home = jdk("home", "17.0.15");
        var path = jdk("path", "25.0.1");
        assertThat(launch(home, path, "--print-java-home")).isEqualTo(path + "\n");
        assertThat(launch(jdk("old", "1.8.0_402"), path, "--print-java-home"))
                .isEqualTo(path + "\n");
        assertThat(launch(folder.resolve("gone"), path, "--print-java-home"))
                .isEqualTo(path + "\n");
    }

    @Test
    void aReleaseStartsThroughALinkFromAnotherFolder() throws Exception {
        var link = Files.createSymbolicLink(folder.resolve("link"), Path.of("a release/tethral"));
        var second = Files.createSymbolicLink(folder.resolve("second"), link);
        var output =
                launch(
                        second,
                        jdk("home", "25"),
                        jdk("path", "25"),
                        Map.of(),
                        "serve",
                        "--home",
                        "a b");
        assertThat(output).contains("[-jar] [" + release.toRealPath().resolve("tethral.jar") + "]");
        assertThat(output).endsWith("[serve] [--home] [a b] \n");
    }

    @Test
    void jarsOfOthersAreOnTheClassPathBehindTheProgram() throws Exception {
        var extensions = Files.createDirectories(release.resolve("extensions"));
        Files.createFile(extensions.resolve("a.jar"));
        Files.createFile(extensions.resolve("b.jar"));
        Files.createFile(extensions.resolve("notes.txt"));
        var script = release.toRealPath();
        assertThat(launch(jdk("home", "25"), jdk("path", "25"), "serve"))
                .contains(
                        "[-cp] [%1$s/tethral.jar:%1$s/extensions/a.jar:%1$s/extensions/b.jar] [org.tethral.Main] [serve]"
                                .formatted(script));

        var others = Files.createDirectories(folder.resolve("others"));
        Files.createFile(others.resolve("c.jar"));
        var options = Map.of("TETHRAL_EXTENSIONS", others.toString());
        assertThat(
                        launch(
                                release.resolve("tethral"),
                                jdk("home", "25"),
                                jdk("path", "25"),
                                options))
                .contains("tethral.jar:" + others.resolve("c.jar") + "]")
                .doesNotContain("a.jar");
    }

    @Test
    void whatTheUserAsksOfJavaComesLast() throws Exception {
        var options = Map.of("TETHRAL_JAVA_OPTS", "-XX:+UseZGC -Xmx1g");
        var output =
                launch(release.resolve("tethral"), jdk("home", "25"), jdk("path", "25"), options);
        assertThat(output)
                .doesNotContain("SerialGC")
                .containsSubsequence("[-Xmx256m]", "[-XX:+UseZGC]", "[-Xmx1g]");
    }

    /// A folder that looks like a JDK of that version.
    private Path jdk(String name, String version) throws IOException {
        var home = folder.toRealPath().resolve(name);
        Files.createDirectories(home.resolve("bin"));
        Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
        var java = home.resolve("bin/java");
        Files.writeString(java, "#!/bin/sh\nprintf '[%s] ' \"$@\"\necho\n");
        assertThat(java.toFile().setExecutable(true)).isTrue();
        return home;
    }

    private String launch(Path javaHome, Path onPath, String... arguments) throws Exception {
        return launch(release.resolve("tethral"), javaHome, onPath, Map.of(), arguments);
    }

    private String launch(
            Path script,
            Path javaHome,
            Path onPath,
            Map<String, String> variables,
            String... arguments)
            throws Exception {
        var builder =
                new ProcessBuilder(script.toString())
                        .directory(folder.toFile())
                        .redirectErrorStream(true);
        builder.command().addAll(List.of(arguments));
        builder.environment().remove("TETHRAL_JAVA_OPTS");
        builder.environment().put("JAVA_HOME", javaHome.toString());
        builder.environment()
                .merge("PATH", onPath.resolve("bin").toString(), (old, first) -> first + ":" + old);
        builder.environment().putAll(variables);
        var process = builder.start();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
        return output;
    }
}
