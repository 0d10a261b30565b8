package org.tethral.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TidyTest {
    private static final Path MAIN = Path.of("src/main/java");
    private static final Path ENTRY = MAIN.resolve("org/tethral/Main.java");
    private static final Set<String> NOT_OURS =
            Set.of(".git", ".idea", "data", "node_modules", "target", "vendor");
    private static final Pattern TEXT =
            Pattern.compile(
                    ".*\\.(java|js|mjs|ts|css|html|sql|json|md|xml|ya?ml|properties|sh)|run|tethral|mvnw|\\.gitignore");

    @Test
    void sourcesAreTidy() throws IOException {
        var complaints = new ArrayList<String>();
        var sources = new ArrayList<Tidy.Source>();
        for (var file : files()) {
            var text = Files.readString(file);
            complaints.addAll(Tidy.text(file.toString(), text));
            if (file.toString().endsWith(".java")) {
                var mayReadTheClock = !file.startsWith(MAIN) || file.equals(ENTRY);
                sources.add(new Tidy.Source(file.toString(), text, mayReadTheClock));
            }
        }
        complaints.addAll(Tidy.java(sources));
        assertThat(complaints).isEmpty();
    }

    @Test
    void everyPackageIsNullMarked() throws IOException {
        try (var files = Files.walk(MAIN)) {
            var unmarked =
                    files.filter(file -> file.toString().endsWith(".java"))
                            .map(file -> file.resolveSibling("package-info.java"))
                            .distinct()
                            .filter(info -> !isNullMarked(info));
            assertThat(unmarked).isEmpty();
        }
    }

    @Test
    void aLongFileIsNamed() {
        var source = "class Long {" + "\n".repeat(Tidy.FILE_LINES_MAX) + "}";
        assertThat(java("Long.java", source, false))
                .containsExactly("Long.java:1 has 401 lines, of 400 at most");
    }

    @Test
    void aLongMethodIsNamed() {
        var allowed = "class A {\n    void m() {" + "\n".repeat(58) + "}\n}";
        var tooLong = "class A {\n    void m() {" + "\n".repeat(59) + "}\n}";
        assertThat(java("A.java", allowed, false)).isEmpty();
        assertThat(java("A.java", tooLong, false))
                .containsExactly("A.java:2 m has 60 lines, of 59 at most");
    }

    @ParameterizedTest
    @ValueSource(strings = {"StoreImpl", "TextUtil", "TextUtils", "TestHelper", "DeviceManager"})
    void aVagueNameIsNamed(String name) {
        assertThat(java("A.java", "record " + name + "() {}", false)).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Instant.now()",
                "java.time.Instant.now()",
                "Stream.generate(Instant::now)",
                "System.currentTimeMillis()",
                "new Random()",
                "Math.random()"
            })
    void theClockAndChanceAreReadInMainOnly(String expression) {
        var source = "class A {\n    Object a = " + expression + ";\n}";
        assertThat(java("A.java", source, false))
                .hasSize(1)
                .allMatch(complaint -> complaint.startsWith("A.java:2 uses "));
        assertThat(java("Main.java", source, true)).isEmpty();
    }

    @Test
    void aGivenClockIsNoComplaint() {
        var source =
                "class A {\n    Object a = clock.instant(), b = Instant.now(clock), c = new Random(seed);\n}";
        assertThat(java("A.java", source, false)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "// TO%sDO: later",
                "cd /ho%sme/alice/tethral",
                "http://build.inter%snal:8080/",
                "/wo%srk/a"
            })
    void leftOversAndWorkplacesAreNamed(String template) {
        assertThat(Tidy.text("a.sh", template.formatted(""))).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /api/v1/wo%srk/",
                "cd ~/tethral",
                "org.flywaydb.core.internal",
                "http://localhost:8080/"
            })
    void ordinaryTextIsNoComplaint(String template) {
        assertThat(Tidy.text("a.md", template.formatted(""))).isEmpty();
    }

    private static List<String> java(String file, String text, boolean mayReadTheClock) {
        return Tidy.java(List.of(new Tidy.Source(file, text, mayReadTheClock)));
    }

    private static boolean isNullMarked(Path info) {
        try {
            return Files.exists(info) && Files.readString(info).contains("@NullMarked");
        } catch (IOException e) {
            throw new UncheckedIOException("read " + info, e);
        }
    }

    private static List<Path> files() throws IOException {
        var files = new ArrayList<Path>();
        Files.walkFileTree(
                Path.of(""),
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult preVisitDirectory(
                            Path directory, BasicFileAttributes attributes) {
                        var name = directory.getFileName();
                        return name != null && NOT_OURS.contains(name.toString())
                                ? FileVisitResult.SKIP_SUBTREE
                                : FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                        if (TEXT.matcher(file.getFileName().toString()).matches()) {
                            files.add(file);
                        }
                        return FileVisitResult.CONTINUE;
                    }
                });
        assertThat(files).contains(ENTRY, Path.of("pom.xml"));
        return Stream.of(files).flatMap(List::stream).sorted().toList();
    }
}
