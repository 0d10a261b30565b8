package org.tethral.account;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

class RedactionTest {

    private static final List<String> SECRET =
            List.of(
                    "token",
                    "password",
                    "Password",
                    "wifiPassword",
                    "wifi_password",
                    "wifipassword",
                    "provisioning_secret",
                    "provisioning_key",
                    "apiKey",
                    "X-API-Key",
                    "APIKEY",
                    "psk",
                    "Authorization",
                    "access.token");

    private static final List<String> PLAIN =
            List.of("name", "pin", "keyboard", "tokens_left", "secretary", "version");

    @Test
    void strikesOutWhatIsCalledASecretAtAnyDepth() {
        var document = Document.EMPTY;
        for (var name : SECRET) {
            document = document.with(name, Value.of("hunter2"));
        }
        var deep =
                Document.of(
                        "list",
                        new Value.Array(List.of(Document.of("inner", document), Value.of(1))));
        for (var given : List.of(document, deep)) {
            assertThat(entry(given).after().toString())
                    .doesNotContain("hunter2")
                    .contains("[redacted]");
            assertThat(entry(given).before()).isEqualTo(entry(given).after());
        }
    }

    @Test
    void strikesOutWholeObjectsUnderSuchAName() {
        var given = Document.of("credentials", Document.of("user", Value.of("ada")));
        assertThat(entry(given).after().toString()).doesNotContain("ada");
    }

    @Test
    void leavesTheRestAsItIs() {
        var document = Document.of("secret", Value.Null.NULL);
        for (var name : PLAIN) {
            document = document.with(name, Value.of("plain"));
        }
        assertThat(entry(document).after()).isEqualTo(document);
    }

    private static AuditEntry entry(Document document) {
        return new AuditEntry(
                new UUID(1, 1),
                Instant.EPOCH,
                Actor.system("test"),
                "thing.update",
                "thing",
                "1",
                null,
                document,
                document,
                null);
    }
}
