package org.tethral.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tethral.delivery.Sink;
import org.tethral.event.Event;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;
import org.tethral.mqtt.Certificates;
import org.tethral.sql.Events;

/// Receivers with a certificate that no public authority signed.
class WebhookTlsTest {

    @TempDir private Path directory;

    private final AtomicInteger taken = new AtomicInteger();
    private String authority;
    private HttpsServer server;

    @BeforeEach
    void start() throws Exception {
        var certificates = new Certificates("webhooks");
        authority = pem(certificates);
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(
                new HttpsConfigurator(certificates.client(certificates.issue("CN=localhost"))));
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext(
                "/",
                exchange -> {
                    exchange.getRequestBody().readAllBytes();
                    taken.incrementAndGet();
                    exchange.sendResponseHeaders(204, -1);
                    exchange.close();
                });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private String pem(Certificates certificates) throws Exception {
        return Files.readString(
                Certificates.pem(
                        directory.resolve("ca.pem"),
                        "CERTIFICATE",
                        certificates.authority().getEncoded()));
    }

    private Sink.Outcome deliver(String host, String ca) throws Exception {
        var kind = new WebhookKind(WebhookTest.names(Map.of(host, "127.0.0.1")));
        var url = "https://" + host + ":" + server.getAddress().getPort() + "/";
        var given = Document.of("url", Value.of(url));
        var settings =
                kind.checked(
                        ca.isEmpty() ? given : given.with("ca", Value.of(ca)),
                        WebhookTest.surroundings(true));
        try (var sink = kind.open(settings, WebhookTest.surroundings(true))) {
            var event = Events.of("e", "d", WebhookTest.NOW);
            return sink.deliver(List.of(new Event.Logged(1, event)));
        }
    }

    @Test
    void deliversToAReceiverWhoseAuthorityItWasTold() throws Exception {
        assertThat(deliver("localhost", authority)).isEqualTo(Sink.Outcome.DELIVERED);
        assertThat(taken).hasValue(1);
    }

    @Test
    void tellsNobodyElseAnything() throws Exception {
        assertThat(deliver("localhost", "")).isInstanceOf(Sink.Outcome.Failed.class);
        assertThat(deliver("localhost", pem(new Certificates("somebody else"))))
                .isInstanceOf(Sink.Outcome.Failed.class);
        // the certificate is for another name
        assertThat(deliver("hook.example", authority)).isInstanceOf(Sink.Outcome.Failed.class);
        assertThat(taken).hasValue(0);
    }

    @Test
    void refusesWhatIsNoCertificate() {
        var kind = new WebhookKind();
        var given =
                Document.of("url", Value.of("https://93.184.215.14/")).with("ca", Value.of("x"));
        assertThatThrownBy(() -> kind.checked(given, WebhookTest.surroundings(true)))
                .hasMessage("ca is no certificate in PEM");
    }
}
