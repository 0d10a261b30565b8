package org.tethral.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tethral.account.Role;
import org.tethral.kernel.Secret;
import org.tethral.kernel.StorageException;

class CliTest {

    @TempDir Path directory;
    private Shell shell;

    @BeforeEach
    void open() {
        shell = new Shell(directory);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            textBlock =
                    """
                        servee                       | tethral: unknown command 'servee'; did you mean serve
                        serve --hom x                | tethral: unknown option '--hom'; did you mean --home
                        device                       | tethral: device what? add, list, show, remove, import or export
                        device add a/b               | 'a/b': a device id has no control characters
                        device show                  | tethral: Missing required parameter: 'ID'
                        device export x.xml          | what is in x.xml? Its name must end with .csv or .jsonl
                        api-key add --role king      | no role 'king'
                        simulate --protocol smtp     | --protocol is mqtt, http, websocket or coap, not 'smtp'
                        completion csh               | completion is for bash, zsh or fish, not 'csh'
                        benchmark everything         | benchmark what? store, ingest, commands, query, fleet or events
                    benchmark store --scale 11   | with a --scale above 0, at most 10
                    simulate --for ever          | 'ever' is no length of time
                        simulate --devices 0         | --devices is a number from 1
                    simulate --open-registration | --open-registration is a setting of the server, and nothing to this command
                    verify --open-registration   | --open-registration is a setting of the server
                    events tail --log-level=warn | --log-level is a setting of the server
                        device list --server nonsense --api-key k | 'nonsense' is no server
                        device list --server http://127.0.0.1:1   | give the API key of http://127.0.0.1:1
                    """)
    void saysInOneLineHowItWasMisused(String line, String expected) {
        var result = shell.run(line.split(" "));

        assertThat(result.code()).isEqualTo(Failure.MISUSED);
        assertThat(result.errLines()).singleElement().asString().contains(expected);
        assertThat(result.out()).isEmpty();
    }

    @Test
    void saysInOneLineWhyItCannotServe() {
        shell.serveFails =
                new StorageException(
                        StorageException.Cause.UNAVAILABLE, "the database\n  does not answer");
        var result = shell.run("serve");

        assertThat(result.code()).isEqualTo(Failure.FAILED);
        assertThat(result.err()).isEqualTo("tethral: the database; does not answer\n");
    }

    @Test
    void hidesNoFaultOfItsOwnBehindATrace() {
        shell.serveFails = new IllegalStateException("a bug");
        var result = shell.run("serve");

        assertThat(result.code()).isEqualTo(Failure.FAILED);
        assertThat(result.errLines())
                .singleElement()
                .asString()
                .contains("internal error")
                .contains("a bug");

        shell.environment.put("TETHRAL_LOG_LEVEL", "debug");
        assertThat(shell.run("serve").err()).contains("at org.tethral.cli");
    }

    @Test
    void saysWhenItIsReadyAndClosesWhenItIsToldTo() {
        var result = shell.run("serve");

        assertThat(result.out()).isEqualTo("ready http=http://127.0.0.1:1 in 0.1 s\n");
        assertThat(result.code()).isZero();
        assertThat(shell.platformClosed).isTrue();
    }

    @Test
    void isReadyOnlyWhenItCanBeToldToEnd() {
        shell.run("serve");

        assertThat(shell.beforeListening).isEmpty();
    }

    @Test
    void noServerMeansOneLineNotATrace() {
        var result =
                shell.run("device", "list", "--server", "http://127.0.0.1:1", "--api-key", "k");

        assertThat(result.code()).isEqualTo(Failure.FAILED);
        assertThat(result.errLines())
                .singleElement()
                .asString()
                .startsWith("tethral: no answer from http://127.0.0.1:1");
    }

    @Test
    void listsSettingsWithTheirOrigin() {
        assertThat(shell.run("config", "--home", "/srv").outLines())
                .contains("home               /srv   data     --home");
        assertThat(shell.run("config", "--open-registration", "--json").out())
                .contains(
                        "{\"name\":\"open-registration\",\"value\":\"true\",\"default\":\"false\",\"origin\":\"--open-registration\"");
    }

    @Test
    void printsTheSchema() {
        assertThat(shell.run("schema").out())
                .contains(
                        "things\n  id                        TEXT not null\n  unique index by_id (id, at)\n");
        assertThat(shell.run("schema", "--json").out()).startsWith("{\"database\":\"sqlite:x\"");
    }

    @Test
    void failsWhereAnInvariantDoesNotHold() {
        shell.findings.add(new Programs.Finding("counters agree", 10, 0, ""));
        assertThat(shell.run("verify").code()).isZero();

        shell.findings.add(new Programs.Finding("no orphans", 20, 3, "snapshot 7"));
        var result = shell.run("verify");
        assertThat(result.code()).isEqualTo(Failure.FAILED);
        assertThat(result.out())
                .contains("holds")
                .contains("BROKEN  no orphans")
                .contains("snapshot 7");
        assertThat(result.err()).contains("1 of 2 invariants do not hold");
    }

    @Test
    void printsAnApiKeyOnceAloneOnTheLastLine() {
        var result = shell.run("api-key", "add", "--role", "operator", "--name", "grafana");

        var secret = new Secret(result.outLines().getLast());
        assertThat(secret.reveal()).startsWith("tethral_key_");
        try (var stores = shell.open()) {
            var key = stores.accounts().findApiKey(secret.sha256()).orElseThrow();
            assertThat(key.role()).isEqualTo(Role.OPERATOR);
            assertThat(key.name()).isEqualTo("grafana");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"bash", "zsh", "fish"})
    void completesEveryCommandAndItsOptions(String name) {
        var script = shell.run("completion", name).out();

        assertThat(script).contains("serve", "api-key", "completion", "home", "open-registration");
        assertThat(shell.run("completion").out()).isEqualTo(shell.run("completion", "bash").out());
    }

    @Test
    void bashTakesItsCompletion() throws Exception {
        var script = directory.resolve("completion");
        Files.writeString(script, shell.run("completion", "bash").out());
        var bash =
                new ProcessBuilder(
                                "bash", "-c", "source \"$0\" && complete -p tethral", script + "")
                        .redirectErrorStream(true)
                        .start();
        var said = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(bash.waitFor()).as(said).isZero();
        assertThat(said).startsWith("complete ").endsWith("tethral\n");
    }

    @Test
    void saysOfEachCommandAndOptionWhatItIsFor() {
        assertThat(shell.run("completion", "fish").outLines())
                .filteredOn(line -> line.startsWith("complete -c tethral -n"))
                .filteredOn(line -> !line.endsWith("-F")) // the file names behind a command
                .hasSizeGreaterThan(100)
                .allMatch(line -> line.matches(".* -d '.+'"));
    }

    @Test
    void fishCompletesOptionsOfTheCommandThatIsTyped() {
        assertThat(shell.run("completion", "fish").outLines())
                .contains(
                        "complete -c tethral -n '__tethral_at' -a device -d 'The registry: through a running server (--server, or the one of this --home), else in the database itself.'",
                        "complete -c tethral -n '__tethral_at device' -a add -d 'Register a device. Its access token is printed once, alone on the last line.'",
                        "complete -c tethral -n '__tethral_in device add' -l token -r -d 'its token, where it has one already'",
                        "complete -c tethral -n '__tethral_in device add' -l json -d 'print JSON'",
                        "complete -c tethral -n '__tethral_in backup' -F");
    }

    /// Those that print nothing that a program would read have none.
    @Test
    void everyCommandThatPrintsDataCanPrintJson() {
        var without = new ArrayList<String>();
        for (var command : commands("")) {
            if (!shell.run((command + " --help").split(" ")).out().contains("--json")) {
                without.add(command);
            }
        }
        assertThat(without)
                .containsExactly(
                        "serve",
                        "demo",
                        "device remove",
                        "device import",
                        "device export",
                        "user deactivate",
                        "export devices",
                        "export snapshots",
                        "import devices",
                        "completion");
    }

    /// Of the help, the deepest commands below that one.
    private List<String> commands(String path) {
        var help = shell.run((path + " --help").strip().split(" ")).out();
        var commands = help.indexOf("Commands:");
        if (commands < 0) {
            return List.of(path.strip());
        }
        return help.substring(commands)
                .lines()
                .skip(1)
                .filter(line -> line.matches("  [a-z].*"))
                .flatMap(line -> commands(path + " " + line.strip().split(" ", 2)[0]).stream())
                .toList();
    }

    @Test
    void secretsForProgramsAreInJson() {
        var key = shell.run("api-key", "add", "--role", "viewer", "--name", "grafana", "--json");
        assertThat(key.out())
                .startsWith(
                        "{\"name\":\"grafana\",\"role\":\"viewer\",\"scopes\":[],\"secret\":\"tethral_key_");
        assertThat(key.err()).isEmpty();

        var user = shell.run("user", "add", "ada@example.org", "--role", "superadmin", "--json");
        assertThat(user.out())
                .startsWith(
                        "{\"email\":\"ada@example.org\",\"role\":\"superadmin\",\"password\":\"");
        assertThat(shell.run("user", "password", "ada@example.org", "--json").out())
                .startsWith("{\"email\":\"ada@example.org\",\"password\":\"")
                .isNotEqualTo(user.out());
    }

    @Test
    void helpsWithEveryCommandAndTellsItsVersion() {
        assertThat(shell.run().out())
                .contains("serve")
                .contains("demo")
                .contains("simulate")
                .contains("verify");
        assertThat(shell.run("device", "add", "--help").out()).contains("--token");
        assertThat(shell.run("--version").out()).isEqualTo("tethral 1.2.3\n");
        assertThat(shell.run("serve", "--version").out()).isEqualTo("tethral 1.2.3\n");
    }
}
