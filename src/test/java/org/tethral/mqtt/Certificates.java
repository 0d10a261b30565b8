package org.tethral.mqtt;

import java.io.IOException;
import java.math.BigInteger;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Date;
import java.util.HexFormat;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.tethral.kernel.TlsFiles;

/// An authority of the test's own, with a certificate for the server and some for clients.
public final class Certificates {

    private static final char[] PASSWORD = "only in memory".toCharArray();

    private final Issued authority;

    /// A certificate with its key.
    public record Issued(X509Certificate certificate, KeyPair keys) {
        public String fingerprint() throws GeneralSecurityException {
            return HexFormat.of()
                    .formatHex(
                            MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()));
        }
    }

    public Certificates(String name) throws Exception {
        var keys = newKeys();
        authority = sign("CN=" + name, keys, "CN=" + name, keys, true);
    }

    public Issued issue(String subject) throws Exception {
        return sign(
                subject,
                newKeys(),
                authority.certificate().getSubjectX500Principal().getName(),
                authority.keys(),
                false);
    }

    /// Of a server on the local host that asks clients for certificates of this authority.
    public TlsFiles serverFiles(Path directory) throws Exception {
        var server = issue("CN=localhost");
        return new TlsFiles(
                pem(
                        directory.resolve("server.pem"),
                        "CERTIFICATE",
                        server.certificate().getEncoded()),
                pem(
                        directory.resolve("server.key"),
                        "PRIVATE KEY",
                        server.keys().getPrivate().getEncoded()),
                authorityFile(directory));
    }

    Path authorityFile(Path directory) throws Exception {
        return pem(
                directory.resolve("authority.pem"),
                "CERTIFICATE",
                authority.certificate().getEncoded());
    }

    /// A client's side, that trusts this authority.
    public SSLContext client(Issued... own) throws GeneralSecurityException, IOException {
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, PASSWORD);
        store.setCertificateEntry("authority", authority.certificate());
        for (var one : own) {
            store.setKeyEntry(
                    "own",
                    one.keys().getPrivate(),
                    PASSWORD,
                    new X509Certificate[] {one.certificate()});
        }
        var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, PASSWORD);
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        var context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    public X509Certificate authority() {
        return authority.certificate();
    }

    static Socket socket(SSLContext context) throws IOException {
        return context.getSocketFactory().createSocket();
    }

    private static KeyPair newKeys() throws GeneralSecurityException {
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        return generator.generateKeyPair();
    }

    private static Issued sign(
            String subject, KeyPair keys, String issuer, KeyPair issuerKeys, boolean isAuthority)
            throws IOException, GeneralSecurityException, OperatorCreationException {
        var now = Instant.now();
        var builder =
                new JcaX509v3CertificateBuilder(
                        new X500Name(issuer),
                        BigInteger.valueOf(now.toEpochMilli()),
                        Date.from(now.minus(1, ChronoUnit.DAYS)),
                        Date.from(now.plus(1, ChronoUnit.DAYS)),
                        new X500Name(subject),
                        keys.getPublic());
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(isAuthority));
        builder.addExtension(
                Extension.subjectAlternativeName,
                false,
                new GeneralNames(
                        new GeneralName[] {
                            new GeneralName(GeneralName.dNSName, "localhost"),
                            new GeneralName(GeneralName.iPAddress, "127.0.0.1")
                        }));
        var signer = new JcaContentSignerBuilder("SHA256withECDSA").build(issuerKeys.getPrivate());
        return new Issued(
                new JcaX509CertificateConverter().getCertificate(builder.build(signer)), keys);
    }

    public static Path pem(Path file, String kind, byte[] der) throws IOException {
        var text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return Files.writeString(
                file, "-----BEGIN " + kind + "-----\n" + text + "\n-----END " + kind + "-----\n");
    }
}
