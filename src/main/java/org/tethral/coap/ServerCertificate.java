package org.tethral.coap;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import org.tethral.kernel.TlsFiles;

/// With what the server proves who it is, and whose certificates it takes from devices.
///
/// @param trusted empty: devices show no certificates
record ServerCertificate(
        PrivateKey key, List<X509Certificate> chain, List<X509Certificate> trusted) {

    private static final List<String> KEY_ALGORITHMS = List.of("EC", "RSA", "EdDSA");

    ServerCertificate {
        chain = List.copyOf(chain);
        trusted = List.copyOf(trusted);
    }

    /// @throws IllegalStateException a file cannot be used; the message says which
    static ServerCertificate read(TlsFiles files) {
        var clients = files.clientAuthority();
        return new ServerCertificate(
                key(files.privateKey()),
                certificates(files.certificate()),
                clients == null ? List.of() : certificates(clients));
    }

    private static List<X509Certificate> certificates(Path file) {
        try (var in = Files.newInputStream(file)) {
            return CertificateFactory.getInstance("X.509").generateCertificates(in).stream()
                    .map(X509Certificate.class::cast)
                    .toList();
        } catch (IOException | GeneralSecurityException e) {
            throw unusable(file, e);
        }
    }

    private static PrivateKey key(Path file) {
        try {
            var text = Files.readString(file, StandardCharsets.US_ASCII);
            var begin = text.indexOf("-----BEGIN PRIVATE KEY-----");
            var end = text.indexOf("-----END PRIVATE KEY-----");
            if (begin < 0 || end < begin) {
                throw new InvalidKeySpecException("no PKCS #8 private key in it");
            }
            var inner = text.substring(text.indexOf('\n', begin), end);
            return key(new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(inner)));
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            throw unusable(file, e);
        }
    }

    private static PrivateKey key(PKCS8EncodedKeySpec encoded)
            throws NoSuchAlgorithmException, InvalidKeySpecException {
        for (var algorithm : KEY_ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(encoded);
            } catch (InvalidKeySpecException e) {
                // of another kind
            }
        }
        throw new InvalidKeySpecException("it is none of " + KEY_ALGORITHMS);
    }

    private static IllegalStateException unusable(Path file, Exception e) {
        return new IllegalStateException(
                "CoAP over DTLS cannot use " + file + ": " + e.getMessage(), e);
    }
}
