package org.tethral.webhook;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.io.ByteArrayInputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tethral.delivery.Resolver;
import org.tethral.delivery.Sink;
import org.tethral.delivery.SinkKind;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// `webhook`: settings `url`, `secret` (made where it is left out), `headers`, `ca` (who signs the
/// receiver's certificate, PEM; else whoever this machine trusts).
public final class WebhookKind implements SinkKind {

    static final int HEADERS_MAX = 10;
    private static final int HEADER_LENGTH_MAX = 2_000;
    private static final int CA_LENGTH_MAX = 20_000;
    private static final Set<String> SETTINGS = Set.of("url", "secret", "headers", "ca");

    /// Those that we set, or that say how a message is framed.
    private static final Set<String> OURS =
            Set.of(
                    "host",
                    "content-type",
                    "content-length",
                    "transfer-encoding",
                    "connection",
                    "keep-alive",
                    "upgrade",
                    "te",
                    "trailer",
                    "expect",
                    "proxy-authorization",
                    "proxy-connection",
                    "webhook-id",
                    "webhook-timestamp",
                    "webhook-signature");

    private final Resolver resolver;
    private @Nullable Vertx vertx;
    private int open;

    public WebhookKind() {
        this(InetAddress::getAllByName);
    }

    WebhookKind(Resolver.Names names) {
        this.resolver = new Resolver(names);
    }

    @Override
    public String name() {
        return "webhook";
    }

    /// `headers` too, as they may carry a token of the receiver.
    @Override
    public Set<String> secrets() {
        return Set.of("secret", "headers");
    }

    /// A name that is not known at present is taken: it may be tomorrow.
    @Override
    public Document checked(Document given, Surroundings surroundings) {
        for (var name : given.values().keySet()) {
            if (!SETTINGS.contains(name)) {
                throw new IllegalArgumentException(
                        name + " is no setting of a webhook: url, secret, headers, ca");
            }
        }
        var url =
                given.text("url").orElseThrow(() -> new IllegalArgumentException("url is missing"));
        var target = Target.parse(url);
        try {
            resolver.address(target.host(), surroundings.privateTargets());
        } catch (Resolver.PrivateTarget e) {
            throw new IllegalArgumentException("url: " + e.getMessage(), e);
        } catch (UnknownHostException e) {
            // tried with each delivery
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        checkHeaders(given);
        checkAuthority(given);
        var secret =
                given.text("secret").orElseGet(() -> Signature.newSecret(surroundings.random()));
        var _ = new Signature(secret);
        return given.with("secret", Value.of(secret));
    }

    private static void checkAuthority(Document given) {
        var ca = given.find("ca").orElse(Value.of(""));
        if (!(ca instanceof Value.Text(var pem)) || pem.length() > CA_LENGTH_MAX) {
            throw new IllegalArgumentException(
                    "ca is a text in PEM, of " + CA_LENGTH_MAX + " characters at most");
        }
        if (pem.isEmpty()) {
            return;
        }
        try {
            var certificates =
                    CertificateFactory.getInstance("X.509")
                            .generateCertificates(
                                    new ByteArrayInputStream(
                                            pem.getBytes(StandardCharsets.US_ASCII)));
            if (!certificates.isEmpty()) {
                return;
            }
        } catch (CertificateException e) {
            throw new IllegalArgumentException("ca is no certificate in PEM", e);
        }
        throw new IllegalArgumentException("ca is no certificate in PEM");
    }

    private static void checkHeaders(Document given) {
        var value = given.find("headers").orElse(Document.EMPTY);
        if (!(value instanceof Document headers) || headers.values().size() > HEADERS_MAX) {
            throw new IllegalArgumentException(
                    "headers is an object of " + HEADERS_MAX + " names at most, with texts");
        }
        headers.values()
                .forEach((name, content) -> {
                    if (!name.matches("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
                            || OURS.contains(name.toLowerCase(Locale.ROOT))) {
                        throw new IllegalArgumentException("headers: '" + name + "' cannot be set");
                    }
                    if (!(content instanceof Value.Text(var text))
                            || !text.matches("[\\x20-\\x7e]{0," + HEADER_LENGTH_MAX + "}")) {
                        throw new IllegalArgumentException(
                                "headers." + name + " is a text of printable ASCII characters");
                    }
                });
    }

    @Override
    public Sink open(Document settings, Surroundings surroundings) {
        return new WebhookSink(acquire(), resolver, settings, surroundings, this::release);
    }

    /// One event loop for all webhooks, while there are any.
    private synchronized Vertx acquire() {
        open++;
        var running = vertx;
        if (running == null) {
            running =
                    Vertx.vertx(
                            new VertxOptions()
                                    .setEventLoopPoolSize(1)
                                    .setWorkerPoolSize(1)
                                    .setInternalBlockingPoolSize(1)
                                    .setFileSystemOptions(
                                            new FileSystemOptions()
                                                    .setFileCachingEnabled(false)
                                                    .setClassPathResolvingEnabled(false)));
            vertx = running;
        }
        return running;
    }

    private synchronized void release() {
        open--;
        if (open == 0 && vertx != null) {
            vertx.close();
            vertx = null;
        }
    }
}
