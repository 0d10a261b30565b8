package org.tethral.house;

import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.tethral.Main;

class ArchitectureTest {
    private static final Path SOURCES = Path.of("src/main/java/org/tethral");

    @Test
    void everyPackageHasARowAndEveryRowAPackage() throws IOException {
        assertThat(table().compareWith(packages())).isEmpty();
    }

    @Test
    void packagesUseOnlyWhatTheirRowAllows() throws IOException, URISyntaxException {
        var compiled =
                Path.of(Main.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        var classes = new ClassFileImporter().importPath(compiled);
        assertThat(classes).isNotEmpty();
        assertThat(table().violations(classes)).isEmpty();
    }

    @Test
    void aRowAllowsWhatFollowsFromIt() {
        var table = example("| `a` | `b` |", "| `b` | `c` |", "| `c` | |");
        assertThat(table.reach("a")).containsExactly("b", "c");
        assertThat(table.reach("c")).isEmpty();
    }

    @Test
    void aPackageWithoutARowIsNamed() {
        var table = example("| `a` | |", "| `b` (later) | |", "| `c` (later) | |");
        assertThat(table.compareWith(Set.of("c", "d")))
                .containsExactly(
                        "package `d` has no row",
                        "no package for the row | `a` | |",
                        "package `c` exists: drop the mark in | `c` (later) | |");
    }

    @Test
    void anImportAgainstTheTableNamesTheRow() {
        var classes = new ClassFileImporter().importPackages("org.tethral.house.example");
        assertThat(example("| `upper` | `lower` |", "| `lower` | |").violations(classes)).isEmpty();
        assertThat(example("| `lower` | |", "| `upper` | |").violations(classes))
                .isNotEmpty()
                .allMatch(
                        complaint -> complaint.startsWith("the row | `upper` | | does not allow: "))
                .anyMatch(complaint -> complaint.contains("Branch") && complaint.contains("Leaf"));
    }

    @Test
    void aLibraryThatIsNotAllowedIsNamed() {
        var classes = new ClassFileImporter().importPackages("org.tethral.house.example");
        var table =
                DependencyTable.parse(
                        "org.tethral.house.example",
                        """
                        | package | may use |
                        | --- | --- |
                        | `upper` | `lower` |
                        | `lower` | |

                        | package | may use of others |
                        | --- | --- |
                        | `upper` | `org.jspecify` |
                        """);
        assertThat(table.violations(classes))
                .isNotEmpty()
                .allMatch(complaint ->
                        complaint.startsWith("the libraries [org.jspecify] of `upper`"))
                .anyMatch(complaint -> complaint.contains("org.slf4j.LoggerFactory"));
    }

    @Test
    void aRowThatPointsUpwardsIsRefused() {
        assertThatThrownBy(() -> example("| `a` | |", "| `b` | `a` |"))
                .hasMessage("`a` does not stand below: | `b` | `a` |");
    }

    private static DependencyTable table() throws IOException {
        return DependencyTable.parse("org.tethral", Files.readString(Path.of("ARCHITECTURE.md")));
    }

    private static DependencyTable example(String... rows) {
        var markdown =
                """
                | package | may use |
                | --- | --- |
                %s

                | package | may use of others |
                | --- | --- |
                |||
                """
                        .formatted(String.join("\n", rows));
        return DependencyTable.parse("org.tethral.house.example", markdown);
    }

    private static Set<String> packages() throws IOException {
        try (var files = Files.walk(SOURCES)) {
            return files.filter(file -> file.toString().endsWith(".java"))
                    .map(SOURCES::relativize)
                    .filter(file -> file.getNameCount() > 1)
                    .map(file -> file.getName(0).toString())
                    .collect(toCollection(TreeSet::new));
        }
    }
}
