package org.tethral.coap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.tethral.kernel.Eventually.eventually;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.elements.config.CertificateAuthenticationMode;
import org.eclipse.californium.scandium.DTLSConnector;
import org.eclipse.californium.scandium.config.DtlsConfig;
import org.eclipse.californium.scandium.config.DtlsConnectorConfig;
import org.eclipse.californium.scandium.dtls.CertificateType;
import org.eclipse.californium.scandium.dtls.cipher.CipherSuite;
import org.eclipse.californium.scandium.dtls.pskstore.AdvancedSinglePskStore;
import org.eclipse.californium.scandium.dtls.x509.SingleCertificateProvider;
import org.eclipse.californium.scandium.dtls.x509.StaticNewAdvancedCertificateVerifier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tethral.device.Credential;
import org.tethral.kernel.Value;
import org.tethral.mqtt.Certificates;

class DtlsTest {

    private TestCoap platform = null;

    @AfterEach
    void stop() {
        if (platform != null) {
            platform.close();
        }
    }

    private static DtlsConnectorConfig.Builder builder() {
        return new DtlsConnectorConfig.Builder(Client.configuration())
                .set(DtlsConfig.DTLS_ROLE, DtlsConfig.DtlsRole.CLIENT_ONLY)
                .set(DtlsConfig.DTLS_RECEIVER_THREAD_COUNT, 1)
                .set(DtlsConfig.DTLS_CONNECTOR_THREAD_COUNT, 1);
    }

    private static Client sharing(String identity, String key, CipherSuite... suites) {
        var builder =
                builder()
                        .setAdvancedPskStore(
                                new AdvancedSinglePskStore(
                                        identity, key.getBytes(StandardCharsets.UTF_8)));
        if (suites.length > 0) {
            builder.setAsList(DtlsConfig.DTLS_CIPHER_SUITES, suites);
        }
        return new Client(new DTLSConnector(builder.build()));
    }

    @Test
    void knowsADeviceByTheKeyItShares() throws Exception {
        platform = TestCoap.started();
        platform.sharedKey("meter-1", "identity of meter 1", "0123456789abcdef");
        // the one that the smallest devices speak, and what others prefer
        for (var suite :
                List.of(
                        CipherSuite.TLS_PSK_WITH_AES_128_CCM_8,
                        CipherSuite.TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256)) {
            try (var device = sharing("identity of meter 1", "0123456789abcdef", suite)) {
                var reply = device.post(platform.secureUri("/device/v1/report"), "{\"kwh\":4}");
                assertThat(reply.code()).as(reply.text()).isEqualTo(ResponseCode.CHANGED);
            }
        }
        assertThat(platform.reported("meter-1").find("kwh")).contains(Value.of(4));
        assertThat(platform.journal.reports()).isEqualTo(2);
    }

    @Test
    void letsNobodyInWithAnotherKeyOrIdentity() throws Exception {
        platform = TestCoap.started();
        platform.sharedKey("meter-1", "meter-1", "0123456789abcdef");
        for (var wrong :
                List.of(
                        List.of("meter-1", "fedcba9876543210"),
                        List.of("meter-2", "0123456789abcdef"))) {
            try (var device = sharing(wrong.getFirst(), wrong.getLast())) {
                var answer =
                        device.sendLater(
                                Request.newPost(),
                                platform.secureUri("/device/v1/report"),
                                "{\"a\":1}".getBytes(StandardCharsets.UTF_8),
                                Client.JSON);
                // a handshake that fails is not always told: it is enough that nothing comes of it
                assertThatThrownBy(() -> answer.get(1, TimeUnit.SECONDS))
                        .isInstanceOfAny(TimeoutException.class, ExecutionException.class);
            }
        }
        assertThat(platform.journal.reports()).isZero();
        eventually(() -> !platform.inbox.isEmpty());
        assertThat(platform.inbox).extracting(entry -> entry.identity()).containsOnly("meter-2");
    }

    @Test
    void endsASessionWhoseKeyEnded() throws Exception {
        platform = TestCoap.started();
        platform.sharedKey("meter-1", "meter-1", "0123456789abcdef");
        try (var device = sharing("meter-1", "0123456789abcdef")) {
            var uri = platform.secureUri("/device/v1/report");
            assertThat(device.post(uri, "{\"a\":1}").code()).isEqualTo(ResponseCode.CHANGED);
            platform.end(Credential.Type.PSK, "meter-1");
            assertThat(device.post(uri, "{\"a\":1}").code()).isEqualTo(ResponseCode.UNAUTHORIZED);

            // another device comes to that identity: the session is not its
            platform.sharedKey("meter-9", "meter-1", "another-key-of-16");
            var reply = device.post(uri, "{\"a\":1}");
            assertThat(reply.code()).isEqualTo(ResponseCode.UNAUTHORIZED);
            assertThat(reply.text()).contains("open a new one");
        }
        assertThat(platform.journal.reports()).isEqualTo(1);
    }

    @Test
    void takesBodiesInBlocksAndObservationsAsWell() throws Exception {
        platform = TestCoap.started();
        platform.sharedKey("meter-1", "meter-1", "0123456789abcdef");
        try (var device = sharing("meter-1", "0123456789abcdef")) {
            var text = "x".repeat(100_000);
            assertThat(
                            device.post(
                                            platform.secureUri("/device/v1/report"),
                                            "{\"text\":\"" + text + "\"}")
                                    .code())
                    .isEqualTo(ResponseCode.CHANGED);
            assertThat(platform.reported("meter-1").find("text")).contains(Value.of(text));

            var observed = device.observe(platform.secureUri("/device/v1/desired"));
            observed.next();
            platform.desire("meter-1", "{\"text\":\"" + text + "\"}");
            assertThat(observed.next().getResponseText()).contains(text).contains("\"delta\":{}");
        }
    }

    @Test
    void knowsADeviceByItsCertificateOrTokenWhereTheServerHasACertificate(@TempDir Path directory)
            throws Exception {
        var certificates = new Certificates("our authority");
        var files = certificates.serverFiles(directory);
        var own = certificates.issue("CN=meter-3");
        platform =
                TestCoap.started(settings ->
                        new CoapEdge.Settings(
                                settings.bind(), -1, 0, files, settings.messageBytesMax()));
        platform.certificate("meter-3", own.fingerprint());
        platform.device("meter-4");

        try (var device = certified(certificates, own)) {
            var reply = device.post(platform.secureUri("/device/v1/report"), "{\"a\":1}");
            assertThat(reply.code()).as(reply.text()).isEqualTo(ResponseCode.CHANGED);
        }
        try (var device = certified(certificates, certificates.issue("CN=stranger"))) {
            assertThat(device.post(platform.secureUri("/device/v1/report"), "{\"a\":1}").code())
                    .isEqualTo(ResponseCode.UNAUTHORIZED);
        }
        var others = new Certificates("another authority");
        try (var device = certified(certificates, others.issue("CN=meter-3"))) {
            // it does not show what the server would not take
            assertThat(device.post(platform.secureUri("/device/v1/report"), "{\"a\":1}").code())
                    .isEqualTo(ResponseCode.UNAUTHORIZED);
        }
        try (var device = certified(certificates, null)) {
            assertThat(
                            device.post(
                                            platform.secureUri(
                                                    "/device/v1/report?token=token-of-meter-4"),
                                            "{\"a\":1}")
                                    .code())
                    .isEqualTo(ResponseCode.CHANGED);
            assertThat(device.post(platform.secureUri("/device/v1/report"), "{\"a\":1}").code())
                    .isEqualTo(ResponseCode.UNAUTHORIZED);
        }
        assertThat(platform.journal.reports()).isEqualTo(2);
    }

    /// @param own null: it shows none
    private static Client certified(Certificates trusted, Certificates.Issued own) {
        var builder =
                builder()
                        .set(DtlsConfig.DTLS_VERIFY_SERVER_CERTIFICATES_SUBJECT, false)
                        .set(
                                DtlsConfig.DTLS_CLIENT_AUTHENTICATION_MODE,
                                CertificateAuthenticationMode.NEEDED)
                        .setAdvancedCertificateVerifier(
                                StaticNewAdvancedCertificateVerifier.builder()
                                        .setTrustedCertificates(trusted.authority())
                                        .setSupportedCertificateTypes(
                                                List.of(CertificateType.X_509))
                                        .build());
        if (own != null) {
            builder.setCertificateIdentityProvider(
                    new SingleCertificateProvider(
                            own.keys().getPrivate(),
                            new java.security.cert.Certificate[] {own.certificate()},
                            CertificateType.X_509));
        }
        return new Client(new DTLSConnector(builder.build()));
    }

    @Test
    void sleepsUntilTheFirstDatagram() throws Exception {
        platform = TestCoap.started();
        assertThat(receivers()).isZero();
        platform.sharedKey("meter-1", "meter-1", "0123456789abcdef");
        try (var device = sharing("meter-1", "0123456789abcdef")) {
            device.post(platform.secureUri("/device/v1/report"), "{\"a\":1}");
            assertThat(receivers()).isEqualTo(1);
        }
    }

    private long receivers() {
        var port = ":" + platform.edge.dtlsPort();
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("DTLS-Receiver") && name.endsWith(port))
                .count();
    }

    @Test
    void closesWhetherItWokeOrNot() {
        platform = TestCoap.started(UnaryOperator.identity());
        var port = platform.edge.dtlsPort();
        platform.close();
        platform =
                TestCoap.started(settings ->
                        new CoapEdge.Settings(
                                settings.bind(), -1, port, null, settings.messageBytesMax()));
        assertThat(platform.edge.dtlsPort()).isEqualTo(port);
        assertThat(platform.edge.port()).isEqualTo(-1);
    }
}
