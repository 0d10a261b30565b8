package org.tethral.http;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;
import org.tethral.account.PasswordHash;
import org.tethral.device.Credential;
import org.tethral.device.CredentialStore;
import org.tethral.device.DeviceId;
import org.tethral.device.DeviceStore;
import org.tethral.device.Evictions;
import org.tethral.device.SharedKeys;
import org.tethral.kernel.Document;
import org.tethral.kernel.Micros;
import org.tethral.kernel.Secret;

/// With what devices prove who they are.
final class CredentialRoutes {

    private static final String PASSWORD_PREFIX = "tethral_pw_";
    private static final String SHARED_KEY_PREFIX = "tethral_psk_";

    private final CredentialStore credentials;
    private final DeviceStore devices;
    private final PasswordHash passwords;
    private final SharedKeys sharedKeys;
    private final Evictions evictions;
    private final InstantSource clock;
    private final RandomGenerator random;

    CredentialRoutes(HttpEdge.Parts parts) {
        this.credentials = parts.stores().credentials();
        this.devices = parts.stores().devices();
        this.passwords = parts.passwords();
        this.sharedKeys = parts.sharedKeys();
        this.evictions = parts.evictions();
        this.clock = parts.clock();
        this.random = parts.random();
    }

    void on(Operations.Target operations) {
        operations.on("listCredentials", this::list);
        operations.on("addCredential", this::add);
        operations.on("endCredential", this::end);
        operations.on("revokeCredential", this::revoke);
    }

    private Reply list(ApiRequest request) {
        var device = request.query("device_id", DeviceId::new);
        if (device == null) {
            throw new Refusal(Problem.invalid("device_id", "is missing"));
        }
        return Reply.ok(Fields.whole(credentials.list(device), CredentialRoutes::document));
    }

    /// @param shown what the device needs to know, and nobody can ever look up again
    private record Made(Credential credential, @Nullable Secret shown) {}

    private Reply add(ApiRequest request) {
        var made = make(request, request.field("type", Credential.Type::parse));
        return switch (credentials.add(made.credential())) {
            case CredentialStore.Addition.Added(var credential) ->
                    Reply.created(
                                    "/api/v1/credentials/" + credential.id(),
                                    fields(credential)
                                            .text(
                                                    "secret",
                                                    made.shown() == null
                                                            ? null
                                                            : made.shown().reveal())
                                            .document())
                            .audited(
                                    Act.added(
                                            credential.id(),
                                            community(credential),
                                            document(credential)));
            case CredentialStore.Addition.IdentityTaken _ ->
                    Reply.of(Problem.of(409, "credential-taken", "it serves a device already"));
            case CredentialStore.Addition.UnknownDevice(var device) ->
                    Reply.of(Problem.unknown("device", device));
        };
    }

    private Made make(ApiRequest request, Credential.Type type) {
        return switch (type) {
            case TOKEN -> {
                var token = secret(request, Credential.TOKEN_PREFIX);
                yield new Made(credential(request, type, token.sha256(), ""), token);
            }
            case PASSWORD -> {
                var password = secret(request, PASSWORD_PREFIX);
                var user =
                        request.body()
                                .text("user_name")
                                .orElseGet(() -> request.field("device_id", text -> text));
                yield new Made(credential(request, type, user, passwords.hash(password)), password);
            }
            case X509 ->
                    new Made(credential(request, type, certificateIdentity(request), ""), null);
            case PSK -> sharedKey(request);
        };
    }

    /// A key of bytes is the device's already; one that is a text is shown.
    private Made sharedKey(ApiRequest request) {
        var bytes = request.optionalField("key", HexFormat.of()::parseHex);
        var shown = bytes == null ? secret(request, SHARED_KEY_PREFIX) : null;
        var key =
                shown == null
                        ? Objects.requireNonNull(bytes)
                        : shown.reveal().getBytes(StandardCharsets.UTF_8);
        var identity =
                request.body()
                        .text("identity")
                        .orElseGet(() -> request.field("device_id", text -> text));
        var plain = credential(request, Credential.Type.PSK, identity, "");
        try {
            return new Made(
                    sharedKeys.credential(
                            plain.id(),
                            plain.device(),
                            identity,
                            key,
                            plain.notBefore(),
                            plain.notAfter()),
                    shown);
        } catch (IllegalArgumentException e) {
            throw new Refusal(
                    Problem.invalid(
                            bytes == null ? "secret" : "key", String.valueOf(e.getMessage())));
        }
    }

    private Secret secret(ApiRequest request, String prefix) {
        return request.body()
                .text("secret")
                .map(Secret::new)
                .orElseGet(() -> Secret.generate(prefix, random));
    }

    private Credential credential(
            ApiRequest request, Credential.Type type, String identity, String secretHash) {
        var notBefore = request.optionalField("not_before", ApiRequest::time);
        var notAfter = request.optionalField("not_after", ApiRequest::time);
        var start = notBefore == null ? Micros.truncated(clock.instant()) : notBefore;
        if (notAfter != null && !start.isBefore(notAfter)) {
            throw new Refusal(Problem.invalid("not_after", "must be after not_before"));
        }
        return new Credential(
                Ids.next(random),
                request.field("device_id", DeviceId::new),
                type,
                identity,
                secretHash,
                start,
                notAfter,
                null,
                null);
    }

    /// The fingerprint of a certificate, or as it is given; or the subject.
    private static String certificateIdentity(ApiRequest request) {
        var body = request.body();
        var pem = body.text("certificate");
        if (pem.isPresent()) {
            return ApiRequest.parsed("certificate", pem.get(), CredentialRoutes::fingerprint);
        }
        var fingerprint = body.text("fingerprint");
        if (fingerprint.isPresent()) {
            return ApiRequest.parsed(
                    "fingerprint",
                    fingerprint.get(),
                    text ->
                            HexFormat.of()
                                    .formatHex(
                                            HexFormat.of()
                                                    .parseHex(
                                                            text.replace(":", "")
                                                                    .toLowerCase(Locale.ROOT))));
        }
        return body.text("subject")
                .map(text ->
                        ApiRequest.parsed(
                                "subject",
                                text,
                                given ->
                                        new javax.security.auth.x500.X500Principal(given)
                                                .getName()))
                .orElseThrow(() ->
                        new Refusal(
                                Problem.invalid(
                                        "certificate",
                                        "give the certificate, its fingerprint or its subject")));
    }

    private static String fingerprint(String pem) {
        try {
            return ClientCertificate.fingerprint(
                    (X509Certificate)
                            CertificateFactory.getInstance("X.509")
                                    .generateCertificate(
                                            new ByteArrayInputStream(
                                                    pem.getBytes(StandardCharsets.US_ASCII))));
        } catch (CertificateException e) {
            throw new IllegalArgumentException("is no X.509 certificate in PEM", e);
        }
    }

    private Reply end(ApiRequest request) {
        var at = request.optionalField("at", ApiRequest::time);
        var now = clock.instant();
        var credential = find(request);
        if (!credentials.end(credential.id(), at == null ? now : at)) {
            return Reply.of(
                    Problem.of(
                            409, "credential-over", "the credential is revoked or over already"));
        }
        // who is remembered would outlive the end otherwise
        evict(credential, at == null ? now : at, now);
        var after = find(request);
        return Reply.ok(document(after)).audited(changed(credential, after));
    }

    private Act changed(Credential before, Credential after) {
        return Act.changed(after.id(), community(after), document(before), document(after));
    }

    private @Nullable CommunityId community(Credential credential) {
        return devices.find(credential.device())
                .map(device -> device.about().community())
                .orElse(null);
    }

    private Reply revoke(ApiRequest request) {
        var credential = find(request);
        var now = clock.instant();
        if (!credentials.revoke(credential.id(), now)) {
            return Reply.of(
                    Problem.of(
                            409, "credential-over", "the credential is revoked or over already"));
        }
        evict(credential, now, now);
        return Reply.noContent().audited(changed(credential, find(request)));
    }

    private void evict(Credential credential, Instant end, Instant now) {
        if (!end.isAfter(now)) {
            evictions.evict(credential.device(), "credential ended");
        }
    }

    private Credential find(ApiRequest request) {
        return credentials
                .find(request.id())
                .orElseThrow(() -> new Refusal(Problem.unknown("credential", request.id())));
    }

    private static Document document(Credential credential) {
        return fields(credential).document();
    }

    private static Fields fields(Credential credential) {
        return new Fields()
                .word("id", credential.id())
                .word("device_id", credential.device())
                .text("type", credential.type().word())
                // of a token it is its hash, which is nobody's business
                .text(
                        "identity",
                        credential.type() == Credential.Type.TOKEN ? null : credential.identity())
                .time("not_before", credential.notBefore())
                .time("not_after", credential.notAfter())
                .time("revoked_at", credential.revokedAt())
                .time("last_used_at", credential.lastUsedAt());
    }
}
