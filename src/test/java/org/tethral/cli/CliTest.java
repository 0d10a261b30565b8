package org.tethral.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
                    simulate --for ever          | 'ever' is no length of time
                    simulate --devices 0         | --devices is a number from 1
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

    @Test
    void completesEveryCommand() {
        assertThat(shell.run("completion").out())
                .contains("serve")
                .contains("api-key")
                .contains("--home");
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
