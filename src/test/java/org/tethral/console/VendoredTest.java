package org.tethral.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

final class VendoredTest {

    private static final Path FOLDER = Path.of("src/main/resources/console/vendor");

    private static final Pattern ROW =
            Pattern.compile("\\| \\S+ \\| [\\d.]+ \\| [\\w.-]+ \\| (\\S+) \\| ([0-9a-f]{64}) \\|");

    @Test
    void everyVendoredFileIsTheOneThatItsPackageHas() throws Exception {
        var stated = new TreeMap<String, String>();
        var rows = ROW.matcher(Files.readString(FOLDER.resolve("VENDORED.md")));
        while (rows.find()) {
            stated.put(rows.group(1), rows.group(2));
        }
        var found = new TreeMap<String, String>();
        try (var files = Files.walk(FOLDER)) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                var name = FOLDER.relativize(file).toString().replace('\\', '/');
                if (!name.equals("VENDORED.md") && !name.endsWith("LICENSE")) {
                    var hash =
                            MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
                    found.put(name, HexFormat.of().formatHex(hash));
                }
            }
        }
        assertThat(stated).isNotEmpty().isEqualTo(found);
    }

    @Test
    void everyVendoredPackageHasItsLicence() throws Exception {
        try (var folders = Files.list(FOLDER)) {
            assertThat(folders.filter(Files::isDirectory))
                    .isNotEmpty()
                    .allSatisfy(folder -> assertThat(folder.resolve("LICENSE")).isNotEmptyFile());
        }
    }
}
