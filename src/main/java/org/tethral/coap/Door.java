package org.tethral.coap;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.Principal;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.elements.auth.PreSharedKeyIdentity;
import org.eclipse.californium.elements.auth.X509CertPath;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tethral.device.ConnectingDevice;
import org.tethral.device.Credential;
import org.tethral.device.DeviceId;
import org.tethral.device.DeviceLogin;
import org.tethral.device.Protocol;
import org.tethral.device.Rejections;
import org.tethral.kernel.StorageException;

/// Who sends a request: by its token, else by what the DTLS handshake has shown. Asked at each
/// request, because a session outlives a credential that ends.
final class Door {

    /// Look-ups that ask the database at the same time; whoever comes on top is told to come back.
    static final int LOOK_UPS_MAX = 4_096;

    /// What the handshake notes of a session with a shared key: whose credential opened it.
    static final String CREDENTIAL = "credential";

    private static final String ANONYMOUS = "token from ";
    private static final Logger LOG = LoggerFactory.getLogger(Door.class);

    private final DeviceLogin login;
    private final Rejections rejections;
    private final Answers answers;
    private final ExecutorService blocking;
    private final Semaphore lookUps = new Semaphore(LOOK_UPS_MAX);

    Door(DeviceLogin login, Rejections rejections, Answers answers, ExecutorService blocking) {
        this.login = login;
        this.rejections = rejections;
        this.answers = answers;
        this.blocking = blocking;
    }

    /// Goes on with the device whose token it is, or answers why not; on the exchange's own thread.
    void authenticate(Call call, Consumer<ConnectingDevice> next) {
        var token = call.token();
        if (token.isPresent()) {
            var known = login.remembered(token.get());
            decide(
                    call,
                    known,
                    () -> {
                        var claimed = call.query("device");
                        return claimed.isEmpty()
                                ? login.token(token.get())
                                : login.tokenOf(new DeviceId(claimed.get()), token.get());
                    },
                    null,
                    next);
            return;
        }
        switch (call.request().getSourceContext().getPeerIdentity()) {
            case PreSharedKeyIdentity shared ->
                    decide(
                            call,
                            login.remembered(Credential.Type.PSK, shared.getIdentity()),
                            () -> login.sharedKey(shared.getIdentity()),
                            shared.getExtendedInfo().get(CREDENTIAL, UUID.class),
                            next);
            case X509CertPath path -> {
                var certificate = path.getTarget();
                var fingerprint = fingerprint(certificate);
                var subject = certificate.getSubjectX500Principal().getName();
                decide(
                        call,
                        login.remembered(Credential.Type.X509, fingerprint)
                                .or(() -> login.remembered(Credential.Type.X509, subject)),
                        () -> login.certificate(fingerprint, subject),
                        null,
                        next);
            }
            case null -> unauthenticated(call);
            case Principal _ -> unauthenticated(call);
        }
    }

    private static void unauthenticated(Call call) {
        call.refuse(
                ResponseCode.UNAUTHORIZED,
                "the device's token is missing: add ?token=… to the URI");
    }

    /// @param credential the one that must be in force; null: any
    private void decide(
            Call call,
            Optional<DeviceLogin.Accepted> remembered,
            Supplier<DeviceLogin.Outcome> question,
            @Nullable UUID credential,
            Consumer<ConnectingDevice> next) {
        if (remembered.isPresent()) {
            decide(call, remembered.get(), credential, next);
            return;
        }
        look(
                call,
                () -> {
                    var outcome = question.get();
                    call.exchange().execute(() -> decide(call, outcome, credential, next));
                });
    }

    /// Does something that asks the database, on a thread for it.
    void look(Call call, Runnable task) {
        answers.await(call);
        if (!lookUps.tryAcquire()) {
            call.busy("too many devices ask at once; try again shortly", 1);
            return;
        }
        blocking.execute(() -> {
            try {
                task.run();
            } catch (StorageException e) {
                LOG.atDebug().addKeyValue("reason", e.getMessage()).log("look-up failed");
                call.busy("the database does not answer; try again shortly", 5);
            } catch (IllegalArgumentException e) {
                call.refuse(ResponseCode.BAD_REQUEST, String.valueOf(e.getMessage()));
            } catch (RuntimeException e) {
                LOG.atError().setCause(e).log("a request failed by a fault");
                call.refuse(ResponseCode.INTERNAL_SERVER_ERROR, "a fault of the platform");
            } finally {
                lookUps.release();
            }
        });
    }

    private void decide(
            Call call,
            DeviceLogin.Outcome outcome,
            @Nullable UUID credential,
            Consumer<ConnectingDevice> next) {
        var claimed = call.query("device");
        switch (outcome) {
            case DeviceLogin.Accepted(_, var by)
                    when credential != null && !by.equals(credential) ->
                    refuse(
                            call,
                            claimed,
                            ResponseCode.UNAUTHORIZED,
                            "the key of this session is not in use any more: open a new one");
            case DeviceLogin.Accepted(var device, _)
                    when claimed.isEmpty() || claimed.get().equals(device.id().value()) ->
                    next.accept(device.askingBy(Protocol.COAP));
            case DeviceLogin.Accepted _ ->
                    refuse(
                            call,
                            claimed,
                            ResponseCode.FORBIDDEN,
                            "the credential is another device's");
            case DeviceLogin.Refused refused ->
                    refuse(
                            call,
                            claimed,
                            refused.credentialIsWrong()
                                    ? ResponseCode.UNAUTHORIZED
                                    : ResponseCode.FORBIDDEN,
                            refused.reason());
        }
    }

    private void refuse(Call call, Optional<String> claimed, ResponseCode code, String reason) {
        var address = call.address();
        rejections.rejected(claimed.orElse(ANONYMOUS + address), Protocol.COAP, address, reason);
        call.refuse(code, reason);
    }

    private static String fingerprint(X509Certificate certificate) {
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
