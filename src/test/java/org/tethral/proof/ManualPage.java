package org.tethral.proof;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// A page of the manual, as far as somebody types it in.
///
/// Blocks fenced as `bash` are run, one after the other in one shell, so that what one sets the
/// next ones have. A comment on the line before says otherwise: `<!-- in another terminal -->` runs
/// the block beside those that follow, `<!-- not run: REASON -->` leaves it out. A block fenced as
/// `text` behind one says what it prints: these lines in this order, with others between them; `…`
/// stands for anything.
record ManualPage(Path file, List<Block> blocks) {

    private static final Pattern LEFT_OUT = Pattern.compile("<!-- not run: (.+) -->");
    private static final String BESIDE = "<!-- in another terminal -->";

    sealed interface Manner {
        record Run() implements Manner {}

        record Beside() implements Manner {}

        record LeftOut(String reason) implements Manner {}
    }

    /// @param line of its fence, from 1
    /// @param prints empty: nothing is said of it
    record Block(int line, String language, Manner manner, String text, List<String> prints) {

        boolean isTyped() {
            return List.of("bash", "sh", "shell", "console").contains(language);
        }

        private Block printing(List<String> lines) {
            return new Block(line, language, manner, text, lines);
        }

        /// Says what was to be seen and is not; empty: all was.
        String missingIn(String output) {
            var rest = output;
            for (var expected : prints) {
                var found = pattern(expected).matcher(rest);
                if (!found.find()) {
                    return expected;
                }
                rest = rest.substring(found.end());
            }
            return "";
        }

        private static Pattern pattern(String expected) {
            var parts = new ArrayList<String>();
            for (var part : expected.split("…", -1)) {
                var words = Pattern.compile("\\s+").splitAsStream(part.strip());
                parts.add(words.map(Pattern::quote).collect(Collectors.joining("\\s+")));
            }
            return Pattern.compile(String.join(".*?", parts));
        }
    }

    static ManualPage read(Path file) throws IOException {
        var blocks = new ArrayList<Block>();
        var lines = Files.readAllLines(file);
        var before = "";
        for (int at = 0; at < lines.size(); at++) {
            var line = lines.get(at);
            if (!line.startsWith("```")) {
                before = line;
                continue;
            }
            var end = at + 1;
            while (!lines.get(end).startsWith("```")) {
                end++;
            }
            var language = line.substring(3).strip();
            var text = lines.subList(at + 1, end);
            if (language.equals("text") && !blocks.isEmpty()) {
                blocks.add(blocks.removeLast().printing(text));
            } else {
                blocks.add(
                        new Block(
                                at + 1,
                                language,
                                manner(before),
                                String.join("\n", text),
                                List.of()));
            }
            at = end;
            before = "";
        }
        return new ManualPage(file, List.copyOf(blocks));
    }

    private static Manner manner(String before) {
        var leftOut = LEFT_OUT.matcher(before.strip());
        if (leftOut.matches()) {
            return new Manner.LeftOut(leftOut.group(1));
        }
        return before.strip().equals(BESIDE) ? new Manner.Beside() : new Manner.Run();
    }

    /// The whole page as one script. What block n prints is in the file `n` of that directory, and
    /// the number of the newest block, and then `done`, in `at`. It ends when its input does.
    String script(Path output) {
        var script = new StringBuilder("set -euo pipefail\n");
        for (int n = 0; n < blocks.size(); n++) {
            var block = blocks.get(n);
            if (!block.isTyped()) {
                continue;
            }
            script.append("echo %d >%s/at\n".formatted(n, output));
            switch (block.manner()) {
                case Manner.Run _ ->
                        script.append("exec >%s/%d 2>&1\n%s\n".formatted(output, n, block.text()));
                case Manner.Beside _ ->
                        script.append(
                                "{\n%s\n} >%s/%d 2>&1 &\n".formatted(block.text(), output, n));
                case Manner.LeftOut _ -> {}
            }
        }
        return script.append(
                        "exec >/dev/null 2>&1\necho done >%s/at\nread -r _ || true\n"
                                .formatted(output))
                .toString();
    }
}
