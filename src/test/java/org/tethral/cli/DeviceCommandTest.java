package org.tethral.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tethral.account.AuditEntry;
import org.tethral.account.AuditLog;
import org.tethral.device.Credential;
import org.tethral.device.DeviceId;
import org.tethral.device.Lifecycle;
import org.tethral.kernel.Page;
import org.tethral.kernel.Secret;

class DeviceCommandTest {

    @TempDir Path directory;
    private Shell shell;

    @BeforeEach
    void open() {
        shell = new Shell(directory);
    }

    @Test
    void printsTheTokenOfANewDeviceOnceAloneOnTheLastLine() {
        var result = shell.run("device", "add", "pump-7", "--type", "pump");

        assertThat(result.code()).isZero();
        assertThat(result.outLines()).hasSize(1);
        try (var stores = shell.open()) {
            var token = new Secret(result.outLines().getLast());
            var found =
                    stores.credentials().find(Credential.Type.TOKEN, token.sha256()).orElseThrow();
            assertThat(found.device().id()).isEqualTo(new DeviceId("pump-7"));
        }
        assertThat(shell.run("device", "show", "pump-7", "--json").out())
                .contains("\"device_type\":\"pump\"")
                .doesNotContain(result.outLines().getLast());
    }

    @Test
    void keepsWhoAddedAndRemovedADeviceWithoutItsToken() {
        shell.run("device", "add", "pump-7", "--token", "burnt-in-token");
        shell.run("device", "remove", "pump-7", "--purge");

        try (var stores = shell.open()) {
            var entries = stores.audit().list(AuditLog.Filter.ALL, Page.Request.first(10)).items();
            assertThat(entries)
                    .extracting(AuditEntry::action, AuditEntry::objectId)
                    .containsExactlyInAnyOrder(
                            tuple("device.add", "pump-7"), tuple("device.remove", "pump-7"));
            assertThat(entries).allMatch(entry -> entry.actor().kind().equals("system"));
            assertThat(entries.toString()).doesNotContain("burnt-in-token");
        }
    }

    @Test
    void keepsTheFirstOfTwoDevicesWithOneId() {
        shell.run("device", "add", "pump-7", "--type", "pump");
        var second = shell.run("device", "add", "pump-7", "--type", "valve");

        assertThat(second.code()).isEqualTo(Failure.FAILED);
        assertThat(second.errLines()).containsExactly("tethral: there is a device pump-7 already");
        assertThat(shell.run("device", "show", "pump-7").out())
                .contains("pump")
                .doesNotContain("valve");
    }

    @Test
    void takesATokenThatTheDeviceHasAlreadyUnlessItServesAnother() {
        assertThat(shell.run("device", "add", "a", "--token", "burnt-in-token").outLines())
                .containsExactly("burnt-in-token");
        var second = shell.run("device", "add", "b", "--token", "burnt-in-token");

        assertThat(second.code()).isEqualTo(Failure.FAILED);
        assertThat(second.err()).doesNotContain("burnt-in-token");
        assertThat(shell.run("device", "show", "b").code()).isEqualTo(Failure.FAILED);
    }

    @Test
    void listsWhatIsAskedFor() {
        shell.run("device", "add", "b", "--type", "pump");
        shell.run("device", "add", "a", "--type", "pump", "--name", "North");
        shell.run("device", "add", "c", "--type", "valve");

        var lines = shell.run("device", "list", "--type", "pump").outLines();
        assertThat(lines).hasSize(3);
        assertThat(lines.get(1)).startsWith("a ").endsWith("North");
        assertThat(shell.run("device", "list", "--limit", "2", "--json").out())
                .contains("\"a\"")
                .contains("\"b\"")
                .doesNotContain("\"c\"");
        assertThat(shell.run("device", "list", "--status", "lost").err())
                .contains("no status 'lost'");
    }

    @Test
    void removesADevice() {
        shell.run("device", "add", "pump-7");

        assertThat(shell.run("device", "remove", "pump-7").code()).isZero();
        assertThat(shell.run("device", "show", "pump-7").errLines())
                .containsExactly("tethral: there is no device pump-7");
        assertThat(shell.run("device", "remove", "pump-7").code()).isEqualTo(Failure.FAILED);
    }

    @Test
    void whatIsExportedCanBeImportedInEitherForm() throws IOException {
        var file = directory.resolve("in.jsonl");
        Files.writeString(
                file,
                """
                {"device_id": "=cmd", "name": "a, \\"b\\"", "capabilities": ["x", "y"], "metadata": {"floor": "2"}, "protocol": "mqtt"}

                {"device_id": "plain", "enabled": false, "lifecycle": "maintenance", "token": "secret-of-plain"}
                """);
        assertThat(shell.run("device", "import", file.toString()).err())
                .contains("2 devices registered");

        for (var name : new String[] {"out.csv", "out.jsonl"}) {
            var exported = directory.resolve(name);
            assertThat(shell.run("device", "export", exported.toString()).code()).isZero();
            assertThat(exported).content().doesNotContain("secret-of-plain");
            var copy = new Shell(Files.createDirectory(directory.resolve(name + "-copy")));
            assertThat(copy.run("device", "import", exported.toString()).err())
                    .contains("2 devices registered");

            try (var stores = copy.open()) {
                var first = stores.devices().find(new DeviceId("=cmd")).orElseThrow();
                assertThat(first.about().name()).isEqualTo("a, \"b\"");
                assertThat(first.about().capabilities()).containsExactly("x", "y");
                assertThat(first.about().metadata().text("floor")).hasValue("2");
                var second = stores.devices().find(new DeviceId("plain")).orElseThrow();
                assertThat(second.enabled()).isFalse();
                assertThat(second.lifecycle()).isEqualTo(Lifecycle.MAINTENANCE);
            }
        }
    }

    @Test
    void importsTheGoodOnesAndNamesTheOthers() throws IOException {
        shell.run("device", "add", "taken");
        var file = directory.resolve("in.csv");
        Files.writeString(
                file,
                """
                device_id,name,capabilities
                good,Good,
                taken,Taken,
                a/b,Slash,
                short
                list,List,not json
                last,Last,"[""x""]"
                """);

        var result = shell.run("device", "import", file.toString());

        assertThat(result.code()).isEqualTo(Failure.FAILED);
        assertThat(result.errLines())
                .anyMatch(line -> line.contains("device 2: there is a device taken already"))
                .anyMatch(line -> line.contains("device 3: a device id has"))
                .anyMatch(line -> line.contains("device 4: has 1 cells, the head line 3"))
                .anyMatch(line -> line.contains("device 5: capabilities: malformed JSON"))
                .contains("2 devices registered")
                .last()
                .asString()
                .contains("4 devices of");
        assertThat(shell.run("device", "list").outLines()).hasSize(4);
    }

    @Test
    void saysThatAFileIsNotThere() {
        var result = shell.run("device", "import", directory.resolve("none.csv").toString());

        assertThat(result.code()).isEqualTo(Failure.FAILED);
        assertThat(result.errLines()).singleElement().asString().contains("none.csv");
    }
}
