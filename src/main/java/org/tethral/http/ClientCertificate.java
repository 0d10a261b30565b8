package org.tethral.http;

import io.vertx.core.http.HttpServerRequest;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;

/// Who a client is by its certificate, whose chain TLS has checked.
///
/// @param fingerprint SHA-256 of its DER, lower-case hex
/// @param subject in RFC 2253 form
record ClientCertificate(String fingerprint, String subject) {

    static Optional<ClientCertificate> of(HttpServerRequest request) {
        if (!request.isSSL()) {
            return Optional.empty();
        }
        try {
            var chain = request.connection().peerCertificates();
            return chain == null
                            || chain.isEmpty()
                            || !(chain.getFirst() instanceof X509Certificate own)
                    ? Optional.empty()
                    : Optional.of(
                            new ClientCertificate(
                                    fingerprint(own), own.getSubjectX500Principal().getName()));
        } catch (SSLPeerUnverifiedException e) {
            return Optional.empty(); // it shows none
        }
    }

    static String fingerprint(X509Certificate certificate) {
        try {
            return HexFormat.of()
                    .formatHex(
                            MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()));
        } catch (CertificateEncodingException e) {
            throw new IllegalArgumentException("is no X.509 certificate", e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
