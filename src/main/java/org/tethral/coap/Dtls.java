package org.tethral.coap;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.eclipse.californium.elements.auth.AdditionalInfo;
import org.eclipse.californium.elements.config.CertificateAuthenticationMode;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.californium.elements.config.SystemConfig;
import org.eclipse.californium.scandium.DTLSConnector;
import org.eclipse.californium.scandium.config.DtlsConfig;
import org.eclipse.californium.scandium.config.DtlsConnectorConfig;
import org.eclipse.californium.scandium.dtls.CertificateType;
import org.eclipse.californium.scandium.dtls.SingleNodeConnectionIdGenerator;
import org.eclipse.californium.scandium.dtls.pskstore.AdvancedPskStore;
import org.eclipse.californium.scandium.dtls.x509.SingleCertificateProvider;
import org.eclipse.californium.scandium.dtls.x509.StaticNewAdvancedCertificateVerifier;
import org.jspecify.annotations.Nullable;

/// DTLS 1.2 on a socket that is bound already.
final class Dtls extends DTLSConnector {

    static final int SESSIONS_MAX = 20_000;

    /// Of sessions beyond that number, those that were silent for so long give way.
    private static final Duration STALE_AFTER = Duration.ofMinutes(10);

    /// By a connection id (RFC 9146), a device behind a NAT keeps its session when its address
    /// changes.
    private static final int CONNECTION_ID_BYTES = 6;

    private final DatagramSocket socket;

    private Dtls(DtlsConnectorConfig configuration, DatagramSocket socket) {
        super(configuration);
        this.socket = socket;
    }

    /// @param certificate null: shared keys only
    static Dtls on(
            DatagramSocket socket,
            AdvancedPskStore sharedKeys,
            @Nullable ServerCertificate certificate) {
        var configuration = new Configuration(DtlsConfig.DEFINITIONS, SystemConfig.DEFINITIONS);
        var builder =
                new DtlsConnectorConfig.Builder(configuration)
                        .setAddress((InetSocketAddress) socket.getLocalSocketAddress())
                        .set(DtlsConfig.DTLS_ROLE, DtlsConfig.DtlsRole.SERVER_ONLY)
                        .set(DtlsConfig.DTLS_RECEIVER_THREAD_COUNT, 1)
                        .set(DtlsConfig.DTLS_CONNECTOR_THREAD_COUNT, 1)
                        .set(DtlsConfig.DTLS_MAX_CONNECTIONS, SESSIONS_MAX)
                        .set(
                                DtlsConfig.DTLS_STALE_CONNECTION_THRESHOLD,
                                STALE_AFTER.toSeconds(),
                                TimeUnit.SECONDS)
                        .setConnectionIdGenerator(
                                new SingleNodeConnectionIdGenerator(CONNECTION_ID_BYTES))
                        .setAdvancedPskStore(sharedKeys)
                        .setApplicationLevelInfoSupplier((_, noted) -> noted(noted));
        if (certificate != null) {
            identify(builder, certificate);
        }
        return new Dtls(builder.build(), socket);
    }

    private static void identify(
            DtlsConnectorConfig.Builder builder, ServerCertificate certificate) {
        builder.setCertificateIdentityProvider(
                new SingleCertificateProvider(
                        certificate.key(),
                        certificate.chain().toArray(X509Certificate[]::new),
                        CertificateType.X_509));
        if (certificate.trusted().isEmpty()) {
            builder.set(
                    DtlsConfig.DTLS_CLIENT_AUTHENTICATION_MODE, CertificateAuthenticationMode.NONE);
            return;
        }
        builder.set(
                        DtlsConfig.DTLS_CLIENT_AUTHENTICATION_MODE,
                        CertificateAuthenticationMode.WANTED)
                .setAdvancedCertificateVerifier(
                        StaticNewAdvancedCertificateVerifier.builder()
                                .setTrustedCertificates(
                                        certificate.trusted().toArray(X509Certificate[]::new))
                                .setSupportedCertificateTypes(List.of(CertificateType.X_509))
                                .build());
    }

    private static @Nullable AdditionalInfo noted(@Nullable Object noted) {
        return noted instanceof AdditionalInfo info ? info : null;
    }

    @Override
    protected void start(InetSocketAddress address) throws IOException {
        if (!isRunning()) {
            init(address, socket, null);
        }
    }
}
