package org.tethral;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tethral.cli.Cli;
import org.tethral.cli.Terminal;

/// What can be told of every document without running it: its links lead somewhere, and the
/// commands of `tethral` that it shows exist with these options.
final class DocumentsTest {

    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern ELSEWHERE = Pattern.compile("[a-z]+:.*");
    private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6} +(.+)$");
    private static final Pattern COMMAND =
            Pattern.compile("(?:^|\\(|&& |\\$ )(?:\\./)?tethral ([a-z][a-z-]* ?[^\\n]*)");

    private static final Pattern FIGURE =
            Pattern.compile("\\d[\\d,.]*(?: / \\d[\\d.]*)?(?:/s| ms| s| MB)\\b");

    private static final Pattern WORD = Pattern.compile("'([^']*)'|\"([^\"]*)\"|([^\\s'\"]+)");

    static List<Path> documents() throws IOException {
        try (var docs = Files.walk(Path.of("docs"));
                var others = Files.list(Path.of("."))) {
            return Stream.concat(docs, others)
                    .filter(file -> file.toString().endsWith(".md"))
                    .map(Path::normalize)
                    .toList();
        }
    }

    @Test
    void everyLinkLeadsToAFileAndAHeadingOfIt() throws IOException {
        var broken = new ArrayList<String>();
        var links = 0;
        for (var document : documents()) {
            for (var found : LINK.matcher(prose(document)).results().toList()) {
                var link = found.group(1);
                if (!ELSEWHERE.matcher(link).matches()) {
                    links++;
                    if (!leadsSomewhere(document, link)) {
                        broken.add(document + ": " + link);
                    }
                }
            }
        }
        assertThat(broken).isEmpty();
        assertThat(links).isGreaterThan(100);
    }

    private static boolean leadsSomewhere(Path document, String link) throws IOException {
        var parts = link.split("#", 2);
        var file = parts[0].isEmpty() ? document : document.resolveSibling(parts[0]).normalize();
        if (!Files.exists(file)) {
            return false;
        }
        return parts.length == 1
                || HEADING.matcher(Files.readString(file))
                        .results()
                        .anyMatch(heading -> anchor(heading.group(1)).equals(parts[1]));
    }

    private static String anchor(String heading) {
        return heading.toLowerCase(java.util.Locale.ROOT)
                .replaceAll("[^\\p{L}\\p{N} _-]", "")
                .strip()
                .replace(' ', '-');
    }

    /// Without code.
    private static String prose(Path document) throws IOException {
        return Files.readString(document)
                .replaceAll("(?s)```.*?```", "")
                .replaceAll("`[^`\n]*`", "``");
    }

    @Test
    void everyFigureOfTheReadmeAndTheComparisonStandsInTheBenchmarks() throws IOException {
        var benchmarks = Files.readString(Path.of("docs/benchmarks.md")).replace("*", "");
        var cells = new ArrayList<>(cells(Path.of("README.md"), "| what | SQLite |", 1));
        cells.addAll(cells(Path.of("docs/comparison.md"), "| | ThingsBoard |", 2));
        var figures =
                cells.stream()
                        .flatMap(cell -> FIGURE.matcher(cell).results())
                        .map(MatchResult::group)
                        .toList();
        assertThat(figures)
                .hasSize(12 + 7)
                .allSatisfy(figure -> assertThat(benchmarks).contains(" " + figure));
    }

    /// Of the table with that head, from that column on.
    private static List<String> cells(Path document, String head, int from) throws IOException {
        return Files.readAllLines(document).stream()
                .dropWhile(line -> !line.startsWith(head))
                .takeWhile(line -> line.startsWith("|"))
                .flatMap(line -> Stream.of(line.substring(1).split("\\|")).skip(from))
                .toList();
    }

    @Test
    void everyCommandThatIsShownExistsWithTheseOptions() throws IOException {
        var wrong = new ArrayList<String>();
        var commands = 0;
        for (var document : documents()) {
            for (var line : code(document)) {
                var command = COMMAND.matcher(line);
                while (command.find()) {
                    commands++;
                    var complaint = complaint(words(command.group(1)));
                    if (!complaint.isEmpty()) {
                        wrong.add(document + ": " + line.strip() + " -- " + complaint);
                    }
                }
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(commands).isGreaterThan(60);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    device add pump-7 --typ pump | unknown option
                    devise add pump-7            | unknown command
                    simulate --devices many      | is not a
                    """)
    void aCommandThatDoesNotExistIsFound(String line, String expected) {
        assertThat(complaint(words(line))).contains(expected);
    }

    private static List<String> code(Path document) throws IOException {
        var lines = new ArrayList<String>();
        var fenced = false;
        for (var line : Files.readAllLines(document)) {
            if (line.startsWith("```")) {
                fenced = !fenced;
            } else if (fenced || line.startsWith("    ")) {
                lines.add(line.strip());
            }
        }
        return lines;
    }

    /// Up to a comment, a pipe, or the end of `$(…)`.
    private static List<String> words(String line) {
        var words = new ArrayList<String>();
        for (var found : WORD.matcher(line).results().toList()) {
            var bare = found.group(3);
            if (bare != null
                    && (bare.startsWith("#")
                            || List.of("|", "&&", "\\", ">", "&").contains(bare))) {
                break;
            }
            if (bare != null && bare.endsWith(")")) {
                words.add(bare.substring(0, bare.length() - 1));
                break;
            }
            words.add(found.group().replaceAll("^['\"]|['\"]$", ""));
        }
        return words;
    }

    /// Empty: the command line can be understood.
    private static String complaint(List<String> words) {
        var nowhere =
                new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);
        var terminal =
                new Terminal(
                        nowhere,
                        nowhere,
                        false,
                        Map.of(),
                        () -> {},
                        InstantSource.system(),
                        new Random(1));
        return new Cli(new Launch(InstantSource.system(), new Random(1)), terminal)
                .complaintAbout(words.toArray(String[]::new))
                .orElse("");
    }
}
