package org.tethral.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.tethral.kernel.Eventually.eventually;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5PubAckException;
import com.hivemq.client.mqtt.mqtt5.message.publish.puback.Mqtt5PubAckReasonCode;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tethral.device.Credential;
import org.tethral.ingest.Fact;
import org.tethral.kernel.TlsFiles;
import org.tethral.payload.TopicMaps;

/// The ways to reach the edge, and how it begins and ends; with a client library that others use.
final class TransportTest {

    private static TestEdge platform;
    private static Certificates authority;

    @TempDir private static Path directory;

    @BeforeAll
    static void start() throws Exception {
        authority = new Certificates("authority");
        platform = started(authority.serverFiles(directory));
    }

    private static TestEdge started(TlsFiles tls) {
        return TestEdge.started(s ->
                new MqttEdge.Settings(
                        s.bind(),
                        0,
                        0,
                        0,
                        tls,
                        s.messageBytesMax(),
                        s.node(),
                        false,
                        TopicMaps.NONE,
                        false));
    }

    @AfterAll
    static void stop() {
        platform.close();
    }

    @Test
    void servesAnMqtt3ClientLibrary() {
        var client =
                MqttClient.builder()
                        .useMqttVersion3()
                        .serverHost("127.0.0.1")
                        .serverPort(platform.edge.port())
                        .identifier("three")
                        .buildBlocking();
        client.connectWith()
                .simpleAuth()
                .username(platform.registry.device("three"))
                .applySimpleAuth()
                .send();
        for (var qos : MqttQos.values()) {
            client.publishWith()
                    .topic("devices/three/report")
                    .qos(qos)
                    .payload("{\"n\":1}".getBytes(StandardCharsets.UTF_8))
                    .send();
        }
        client.disconnect();

        eventually(() -> reports("three") == 3);
    }

    @Test
    void servesAnMqtt5ClientLibrary() throws Exception {
        var client =
                MqttClient.builder()
                        .useMqttVersion5()
                        .serverHost("127.0.0.1")
                        .serverPort(platform.edge.port())
                        .buildBlocking();
        var connack =
                client.connectWith()
                        .simpleAuth()
                        .username(platform.registry.device("five"))
                        .applySimpleAuth()
                        .send();
        assertThat(connack.getAssignedClientIdentifier()).isPresent();
        assertThat(connack.getRestrictions().isSharedSubscriptionAvailable()).isFalse();
        try (var publishes = client.publishes(MqttGlobalPublishFilter.ALL)) {
            client.subscribeWith().topicFilter("devices/five/+").qos(MqttQos.AT_LEAST_ONCE).send();
            client.publishWith()
                    .topic("devices/five/report")
                    .qos(MqttQos.EXACTLY_ONCE)
                    .payload("{\"n\":1}".getBytes(StandardCharsets.UTF_8))
                    .send();
            platform.desire("five", "{\"speed\":1}");
            var desired = publishes.receive(30, TimeUnit.SECONDS).orElseThrow();
            assertThat(desired.getTopic()).hasToString("devices/five/desired");
            assertThatThrownBy(() ->
                            client.publishWith()
                                    .topic("devices/three/report")
                                    .qos(MqttQos.AT_LEAST_ONCE)
                                    .payload("{\"n\":1}".getBytes(StandardCharsets.UTF_8))
                                    .send())
                    .isInstanceOfSatisfying(
                            Mqtt5PubAckException.class,
                            e ->
                                    assertThat(e.getMqttMessage().getReasonCode())
                                            .isEqualTo(Mqtt5PubAckReasonCode.NOT_AUTHORIZED));
        }
        client.disconnect();
        assertThat(reports("five")).isEqualTo(1);
    }

    @Test
    void servesClientsOverTlsAndWebSocket() throws Exception {
        var token = platform.registry.device("web");
        for (var secure : new boolean[] {false, true}) {
            var builder =
                    MqttClient.builder()
                            .useMqttVersion5()
                            .serverHost("localhost")
                            .serverPort(platform.edge.webSocketPort())
                            .webSocketConfig()
                            .serverPath("mqtt")
                            .applyWebSocketConfig();
            if (secure) {
                builder = builder.sslConfig().trustManagerFactory(trust()).applySslConfig();
            }
            var client = builder.buildBlocking();
            client.connectWith().simpleAuth().username(token).applySimpleAuth().send();
            client.publishWith()
                    .topic("devices/web/report")
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .payload(
                            ("{\"text\":\"" + "x".repeat(200_000) + "\"}")
                                    .getBytes(StandardCharsets.UTF_8))
                    .send();
            client.disconnect();
        }
        assertThat(reports("web")).isEqualTo(2);
    }

    private static javax.net.ssl.TrustManagerFactory trust() throws Exception {
        var store = java.security.KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry("authority", authority.authority());
        var trust =
                javax.net.ssl.TrustManagerFactory.getInstance(
                        javax.net.ssl.TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        return trust;
    }

    private static long reports(String device) {
        return platform.journal.facts(Fact.Reported.class).stream()
                .filter(fact -> fact.device().value().equals(device))
                .count();
    }

    @Test
    void letsDevicesInByCertificate() throws Exception {
        platform.registry.device("by-print");
        platform.registry.device("by-name");
        var known = authority.issue("CN=by-print");
        platform.registry.credential("by-print", Credential.Type.X509, known.fingerprint(), "");
        platform.registry.credential("by-name", Credential.Type.X509, "CN=by-name,O=works", "");

        assertThat(connackOverTls(known, null)).isZero();
        assertThat(connackOverTls(authority.issue("O=works,CN=by-name"), null)).isZero();
        assertThat(connackOverTls(authority.issue("CN=nobody"), null)).isEqualTo(0x86);
    }

    @Test
    void asksForAnotherCredentialWhereThereIsNoCertificate() throws Exception {
        var token = platform.registry.device("tls-token");

        assertThat(connackOverTls(null, token)).isZero();
        assertThat(connackOverTls(null, null)).isEqualTo(0x87);
    }

    private static int connackOverTls(Certificates.Issued certificate, String token)
            throws Exception {
        var context = certificate == null ? authority.client() : authority.client(certificate);
        try (var wire = new Wire(Certificates.socket(context), platform.edge.tlsPort(), 0)) {
            wire.send(Wire.connect(5, "c", true, 60, token, null));
            return wire.expect(Wire.CONNACK).at(1);
        }
    }

    @Test
    void doesNotLetInByACertificateOfAnotherAuthority() throws Exception {
        var stranger = new Certificates("stranger").issue("CN=forged");
        platform.registry.device("forged");
        platform.registry.credential("forged", Credential.Type.X509, stranger.fingerprint(), "");

        // the client keeps back a certificate that the server's authorities did not issue
        assertThat(connackOverTls(stranger, null)).isEqualTo(0x87);
    }

    @Test
    void doesNotTalkPlainTextWhereTlsIsExpected() {
        try (var wire = new Wire(platform.edge.tlsPort())) {
            wire.send(Wire.connect(5, "c", true, 60, "t", null));
            var answer = wire.read();
            assertThat(answer == null || answer.type() != Wire.CONNACK).isTrue();
        }
    }

    @Test
    void saysWhereTheWebSocketIs() throws Exception {
        var address = URI.create("http://127.0.0.1:" + platform.edge.webSocketPort() + "/other");
        try (var http = HttpClient.newHttpClient()) {
            var answer =
                    http.send(
                            HttpRequest.newBuilder(address).build(),
                            HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(404);
            assertThat(answer.body()).contains("/mqtt");
        }
    }

    @Test
    void namesThePortThatIsTaken() throws Exception {
        try (var taken = new ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress());
                var second =
                        new TestEdge(s ->
                                new MqttEdge.Settings(
                                        s.bind(),
                                        taken.getLocalPort(),
                                        -1,
                                        -1,
                                        null,
                                        s.messageBytesMax(),
                                        s.node(),
                                        false,
                                        TopicMaps.NONE,
                                        false))) {
            second.ingest.start();
            assertThatThrownBy(second.edge::start)
                    .isInstanceOf(MqttEdge.CannotListen.class)
                    .hasMessageContaining("127.0.0.1:" + taken.getLocalPort());
        }
    }

    @Test
    void namesTheCertificateThatIsOfNoUse() throws Exception {
        var files = authority.serverFiles(directory);
        var broken = Files.writeString(directory.resolve("broken.pem"), "no certificate");
        try (var second =
                new TestEdge(s ->
                        new MqttEdge.Settings(
                                s.bind(),
                                0,
                                0,
                                -1,
                                new TlsFiles(broken, files.privateKey(), null),
                                s.messageBytesMax(),
                                s.node(),
                                false,
                                TopicMaps.NONE,
                                false))) {
            second.ingest.start();
            assertThatThrownBy(second.edge::start)
                    .isInstanceOf(MqttEdge.CannotListen.class)
                    .hasMessageContaining("broken.pem");
        }
    }

    @Test
    void answersWhatItHasTakenBeforeItStops() throws Exception {
        var own = TestEdge.started();
        var token = own.registry.device("pump-7");
        try (own;
                var wire = Wire.connected5(own, "c", token)) {
            eventually(() -> own.journal.facts(Fact.Linked.class).size() == 1);
            own.journal.hold();
            wire.send(Wire.publish(5, "devices/pump-7/report", 1, 1, "{\"n\":1}"));
            wire.send(Wire.pingreq());
            wire.expect(Wire.PINGRESP);
            var closing = Thread.ofVirtual().start(own.edge::close);
            assertThat(wire.silentFor(100)).isTrue();
            own.journal.release();

            wire.expect(Wire.PUBACK);
            assertThat(wire.expect(Wire.DISCONNECT).at(0)).isEqualTo(0x8B);
            closing.join();
        }
        assertThat(own.journal.facts(Fact.Linked.class).getLast().entry().reason())
                .isEqualTo("the server stops");
    }
}
