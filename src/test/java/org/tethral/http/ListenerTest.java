package org.tethral.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Vertx;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tethral.mqtt.Certificates;

class ListenerTest {

    @Test
    void speaksTlsAndKnowsADeviceByItsCertificate(@TempDir Path folder) throws Exception {
        var authority = new Certificates("Test authority");
        try (var server = new ApiServer(authority.serverFiles(folder))) {
            var own = authority.issue("CN=certified");
            server.device("certified");
            server.post(
                    "/api/v1/credentials",
                    "{\"device_id\":\"certified\",\"type\":\"x509\",\"fingerprint\":\""
                            + own.fingerprint()
                            + "\"}");
            assertThat(report(server, authority.client(own))).isEqualTo(200);
            assertThat(report(server, authority.client(authority.issue("CN=unknown"))))
                    .isEqualTo(401);
            assertThat(report(server, authority.client())).isEqualTo(401);
        }
    }

    private static int report(ApiServer server, SSLContext context) throws Exception {
        try (var client = HttpClient.newBuilder().sslContext(context).build()) {
            var request =
                    HttpRequest.newBuilder(
                                    URI.create(
                                            "https://localhost:"
                                                    + server.edge.tlsPort()
                                                    + "/device/v1/report"))
                            .POST(HttpRequest.BodyPublishers.ofString("{\"a\":1}"));
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString()).statusCode();
        }
    }

    @Test
    void saysWhichPortIsTaken() throws Exception {
        try (var server = new ChannelServer()) {
            var vertx = Vertx.vertx();
            try (var second = server.second(vertx, server.edge.port())) {
                assertThatThrownBy(second::start)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("127.0.0.1:" + server.edge.port());
            } finally {
                vertx.close().toCompletionStage().toCompletableFuture().join();
            }
        }
    }
}
