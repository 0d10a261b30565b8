package org.tethral.webhook;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.tethral.webhook.WebhookTest.names;
import static org.tethral.webhook.WebhookTest.surroundings;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

class WebhookSettingsTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://127.0.0.1/",
                "http://127.1.2.3:8080/",
                "http://[::1]/",
                "http://10.0.0.1/",
                "http://172.16.0.1/",
                "http://172.31.255.255/",
                "http://192.168.1.1/",
                "http://169.254.169.254/latest/meta-data/",
                "http://100.64.0.1/",
                "http://0.0.0.0/",
                "http://[::]/",
                "http://[fd00::1]/",
                "http://[fe80::1]/",
                "http://[::ffff:10.0.0.1]/",
                "http://[64:ff9b::7f00:1]/",
                "http://[2002:7f00:1::]/",
                "http://224.0.0.1/",
                "http://255.255.255.255/",
                "http://2130706433/",
                "http://localhost/",
                "https://localhost:8443/"
            })
    void refusesPrivateAddresses(String url) {
        assertThatThrownBy(() ->
                        new WebhookKind()
                                .checked(Document.of("url", Value.of(url)), surroundings(false)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is the private address");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ftp://example.org/",
                "example.org",
                "http://",
                "http:///x",
                "http://user:pw@example.org/",
                "http://example.org/#x",
                "http://0x7f.1/",
                "http://127.1/",
                "http://exa mple.org/",
                "http://example.org:0/",
                "http://example.org:70000/",
                "file:///etc/passwd"
            })
    void refusesWhatIsNoWebUrl(String url) {
        assertThatThrownBy(() ->
                        new WebhookKind()
                                .checked(Document.of("url", Value.of(url)), surroundings(true)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("url");
    }

    @Test
    void takesPublicAddressesAndNamesThatAreNotKnownYet() {
        for (var url : List.of("https://8.8.8.8/", "http://[2606:4700::1111]/x")) {
            new WebhookKind().checked(Document.of("url", Value.of(url)), surroundings(false));
        }
        new WebhookKind(names(Map.of()))
                .checked(
                        Document.of("url", Value.of("https://nowhere.example/")),
                        surroundings(false));
    }

    @Test
    void refusesASecretAndHeadersThatCannotBe() {
        for (var wrong :
                List.of(
                        Document.of("secret", Value.of("whsec_abc")),
                        Document.of("secret", Value.of("hunter2")),
                        Document.of("headers", Document.of("Host", Value.of("x"))),
                        Document.of("headers", Document.of("A\r\nB", Value.of("x"))),
                        Document.of("headers", Document.of("A", Value.of("x\r\nB: c"))),
                        Document.of("headers", Document.of("A", Value.of(1))),
                        Document.of("color", Value.of("red")))) {
            var given = wrong.with("url", Value.of("http://8.8.8.8/"));
            assertThatThrownBy(() -> new WebhookKind().checked(given, surroundings(false)))
                    .as("%s", wrong)
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }
}
