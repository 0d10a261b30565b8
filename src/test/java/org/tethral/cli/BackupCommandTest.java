package org.tethral.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackupCommandTest {

    @TempDir Path directory;
    private Shell shell;
    private String file = "";

    @BeforeEach
    void open() {
        shell = new Shell(directory);
        file = directory.resolve("all.backup").toString();
        shell.run("device", "add", "pump-7");
    }

    @Test
    void writesChecksAndRestores() {
        assertThat(shell.run("backup", file).outLines())
                .anyMatch(line -> line.matches("devices +1 +[0-9a-f]{32}"));
        var checked = shell.run("backup", "--check", file);
        assertThat(checked.code()).isZero();
        assertThat(checked.err()).contains("sound");
        assertThat(shell.run("restore", "--check", file).code()).isZero();

        shell.run("device", "remove", "pump-7");
        var refused = shell.run("restore", file);
        assertThat(refused.code()).isEqualTo(Failure.FAILED);
        assertThat(refused.errLines()).singleElement().asString().contains("--replace");

        assertThat(shell.run("restore", "--replace", file).err()).contains("all compared");
        assertThat(shell.run("device", "show", "pump-7").code()).isZero();
        assertThat(shell.run("backup", "--json", file + "2").out())
                .contains("\"name\":\"devices\",\"rows\":1");
    }

    @Test
    void saysWhatIsWrongWithAFile() throws IOException {
        Files.writeString(Path.of(file), "no backup");
        assertThat(shell.run("backup", file).errLines())
                .containsExactly("tethral: there is a file " + file + " already");
        for (var arguments : new String[][] {{"backup", "--check"}, {"restore", "--replace"}}) {
            var result = shell.run(arguments[0], arguments[1], file);
            assertThat(result.code()).isEqualTo(Failure.FAILED);
            assertThat(result.errLines()).singleElement().asString().contains("it is no backup");
        }
        assertThat(shell.run("device", "show", "pump-7").code()).isZero();
    }

    /// As the owner's alone: there are hashes of secrets in it.
    @Test
    void nobodyElseMayReadIt() throws IOException {
        shell.run("backup", file);
        assertThat(Files.getPosixFilePermissions(Path.of(file))).hasSize(2);
    }
}
