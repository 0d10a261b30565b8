package org.tethral.mqtt;

import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.ssl.SslHandler;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.UUID;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tethral.device.Link;
import org.tethral.device.Protocol;
import org.tethral.ingest.Answer;
import org.tethral.ingest.Inbound;
import org.tethral.kernel.StorageException;

/// From CONNECT to CONNACK: who is it, may it, and whose session is that. On the event loop, but
/// for the look-up.
final class Greeting {

    private static final Logger LOG = LoggerFactory.getLogger(Greeting.class);
    private static final Refusal BUSY =
            new Refusal(Reason.SERVER_BUSY, "too much at once; try again shortly");

    private final MqttConnection connection;
    private final Surroundings around;

    Greeting(MqttConnection connection, Surroundings around) {
        this.connection = connection;
        this.around = around;
    }

    void greet(MqttConnectMessage connect) {
        switch (Hello.parse(connect, certificate(), around.random())) {
            case Refusal refusal ->
                    connection.notAccepted(connect.variableHeader().version() == 5, refusal);
            case Hello hello when ProvisioningTalk.isMeant(hello.credentials()) ->
                    connection.provisioning(hello.withoutSession());
            case Hello hello -> {
                connection.loggingIn(hello);
                connection.intake().pause(Intake.Pause.LOGIN);
                var evictions = around.evictions().get();
                var remembered = around.login().remembered(hello.credentials());
                if (remembered.isPresent()) {
                    welcome(hello, remembered.get(), evictions);
                } else {
                    ask(hello);
                }
            }
        }
    }

    private void ask(Hello hello) {
        var lookups = Login.slow(hello.credentials()) ? around.hashes() : around.lookups();
        if (!lookups.start(() -> lookUp(hello))) {
            connection.notAccepted(BUSY);
        }
    }

    /// On a virtual thread.
    private void lookUp(Hello hello) {
        if (connection.closed()) {
            return; // it did not wait; reading that from here may come late, and then costs a
            // look-up
        }
        var evictions = around.evictions().get();
        Runnable next;
        try {
            next =
                    switch (around.login().ask(hello.credentials(), hello.clientId())) {
                        case Login.Outcome.Known(var identity) ->
                                () -> welcome(hello, identity, evictions);
                        case Login.Outcome.Unknown unknown -> () -> turnAway(hello, unknown);
                    };
        } catch (StorageException e) {
            LOG.atDebug().addKeyValue("reason", e.getMessage()).log("cannot look up a credential");
            next =
                    () ->
                            connection.notAccepted(
                                    new Refusal(
                                            Reason.SERVER_UNAVAILABLE,
                                            "the database does not answer; try again"));
        }
        connection.loop().outbox().addAndRing(next);
    }

    private void turnAway(Hello hello, Login.Outcome.Unknown refused) {
        if (connection.closed()) {
            return;
        }
        var reason = refused.credentialIsWrong() ? Reason.BAD_CREDENTIALS : Reason.NOT_AUTHORIZED;
        var name = hello.clientIdAssigned() ? "client without an id" : hello.clientId();
        around.rejections()
                .rejected(name, Protocol.MQTT, connection.remoteAddress(), refused.reason());
        connection.notAccepted(new Refusal(reason, refused.reason()));
    }

    private void welcome(Hello hello, Identity identity, long evictions) {
        if (connection.closed()) {
            return;
        }
        var refusal = refusal(hello, identity);
        if (refusal != null) {
            connection.notAccepted(refusal);
            return;
        }
        switch (around.sessions()
                .claim(
                        identity.owner(),
                        identity.sessionsMax(),
                        hello.clientId(),
                        hello.cleanStart(),
                        connection)) {
            case Sessions.Claim.TooManyConnections _ ->
                    connection.notAccepted(
                            new Refusal(
                                    Reason.QUOTA_EXCEEDED,
                                    identity.owner()
                                            + " has "
                                            + identity.sessionsMax()
                                            + " connections already"));
            case Sessions.Claim.Granted granted -> {
                if (around.evictions().get() != evictions) {
                    giveBack(granted, hello);
                    ask(hello);
                    return;
                }
                begin(hello, identity, granted);
            }
        }
    }

    /// A will is checked before it is promised. Of a device see [DeviceTraffic#say].
    private static @Nullable Refusal refusal(Hello hello, Identity identity) {
        return hello.will() == null || identity instanceof Identity.OfDevice
                ? null
                : identity.publishing(hello.will().topic());
    }

    /// A device was evicted since its credential was looked at, perhaps this one: it is looked at
    /// again.
    private void giveBack(Sessions.Claim.Granted granted, Hello hello) {
        settle(granted);
        around.afterlife()
                .left(
                        granted.session(),
                        connection,
                        granted.session().id() == null ? 0 : hello.sessionExpirySeconds(),
                        null,
                        () -> {});
    }

    private void settle(Sessions.Claim.Granted granted) {
        if (granted.replaced() != null) {
            around.afterlife().replaced(granted.replaced());
        }
        around.afterlife().returned(granted.session());
        if (granted.displaced() != null) {
            granted.displaced().displaced();
        }
    }

    private void begin(Hello hello, Identity identity, Sessions.Claim.Granted granted) {
        Link link = null;
        if (identity instanceof Identity.OfDevice(var device)) {
            link =
                    new Link(
                            new UUID(around.random().nextLong(), around.random().nextLong()),
                            Protocol.MQTT,
                            connection.remoteAddress(),
                            around.settings().node());
            var connected = new Inbound.Connected(device, around.clock().instant(), link);
            if (!around.ingest().offer(connected, 0, this::connected)) {
                giveBack(granted, hello);
                connection.notAccepted(BUSY);
                return;
            }
        }
        settle(granted);
        around.broker().opened(granted.session(), hello, link == null ? hello.will() : null);
        var conversation =
                new Conversation(connection, around, hello, identity, link, granted.session());
        connection.open(conversation);
        connection.write(
                Packets.accepted(
                        hello, identity, granted.resumed(), around.settings().messageBytesMax()));
        conversation.begin(granted.resumed());
        connection.intake().resume(Intake.Pause.LOGIN);
        conversation.flushLater();
    }

    /// On a lane's thread. The registry may have changed since the log-in was remembered.
    private void connected(Answer answer) {
        var refusal = Acknowledgement.refusal(answer);
        if (refusal != null) {
            connection.loop().outbox().add(() -> connection.end(refusal));
        }
    }

    /// What the client proved by TLS, if it did.
    private Credentials.@Nullable Certificate certificate() {
        var tls = connection.context().pipeline().get(SslHandler.class);
        if (tls == null) {
            return null;
        }
        try {
            var certificates = tls.engine().getSession().getPeerCertificates();
            return certificates.length > 0 && certificates[0] instanceof X509Certificate certificate
                    ? new Credentials.Certificate(
                            fingerprint(certificate),
                            certificate.getSubjectX500Principal().getName(X500Principal.RFC2253))
                    : null;
        } catch (SSLPeerUnverifiedException | CertificateEncodingException e) {
            return null; // it showed none
        }
    }

    private static String fingerprint(X509Certificate certificate)
            throws CertificateEncodingException {
        try {
            return HexFormat.of()
                    .formatHex(
                            MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
