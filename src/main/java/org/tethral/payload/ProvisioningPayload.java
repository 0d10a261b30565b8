package org.tethral.payload;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tethral.device.Credential;
import org.tethral.device.DeviceId;
import org.tethral.device.Provisioning;
import org.tethral.device.Provisioning.Outcome;
import org.tethral.device.Provisioning.Wish;
import org.tethral.kernel.Document;
import org.tethral.kernel.Secret;
import org.tethral.kernel.Value;

/// A device asks to be registered, in Tethral's own words or in those of ThingsBoard
/// (thingsboard.io, "Device provisioning").
///
/// @param given as the device wrote it
public record ProvisioningPayload(Provisioning.Request request, Document given) {

    private static final int NAME_LENGTH_MAX = 255;
    private static final String PEM_BEGINS = "-----BEGIN";

    /// `{"deviceName", "provisionDeviceKey", "provisionDeviceSecret", "credentialsType", …}`
    public static ProvisioningPayload thingsBoard(byte[] json) throws Malformed {
        var given = object(json);
        var type = given.text("credentialsType").orElse("ACCESS_TOKEN");
        var wish =
                switch (type) {
                    case "ACCESS_TOKEN" -> token(given);
                    case "MQTT_BASIC" -> password(given, "username");
                    case "X509_CERTIFICATE" -> certificate(given, "hash");
                    default ->
                            throw new Malformed(
                                    "credentialsType is ACCESS_TOKEN, MQTT_BASIC or X509_CERTIFICATE");
                };
        return new ProvisioningPayload(
                request(given, "deviceName", "provisionDeviceKey", "provisionDeviceSecret", wish),
                given);
    }

    /// `{"device_id", "provisioning_key", "provisioning_secret", "type", …}`
    public static ProvisioningPayload ours(byte[] json) throws Malformed {
        var given = object(json);
        var type = given.text("type").orElse("token");
        var wish =
                switch (type) {
                    case "token" -> token(given);
                    case "password" -> password(given, "user_name");
                    case "x509" -> certificate(given, "certificate");
                    default -> throw new Malformed("type is token, password or x509");
                };
        return new ProvisioningPayload(
                request(given, "device_id", "provisioning_key", "provisioning_secret", wish),
                given);
    }

    /// As the device calls itself; empty: it leaves that to the platform.
    public Optional<String> name() {
        return Optional.ofNullable(request.device()).map(DeviceId::value);
    }

    /// `{"status": "SUCCESS", "credentialsType", "credentialsValue"}`, or `{"status": "NOT_FOUND" |
    /// "FAILURE", "errorMsg"}`.
    public Document thingsBoardAnswer(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Admitted admitted ->
                    Document.of("status", Value.of("SUCCESS"))
                            .with("credentialsType", Value.of(thingsBoardWord(admitted.type())))
                            .with("credentialsValue", thingsBoardValue(admitted))
                            .with("deviceName", Value.of(admitted.device().value()));
            case Outcome.WrongKey _ -> failure("NOT_FOUND", outcome);
            case Outcome.DeviceTaken _, Outcome.IdentityTaken _ -> failure("FAILURE", outcome);
        };
    }

    /// What ThingsBoard's clients understand of a request that cannot be read.
    public static Document thingsBoardFailure(Malformed why) {
        return Document.of("status", Value.of("FAILURE"))
                .with("errorMsg", Value.of(String.valueOf(why.getMessage())));
    }

    private static Document failure(String status, Outcome outcome) {
        return Document.of("status", Value.of(status))
                .with("errorMsg", Value.of(Provisioning.reason(outcome).orElse("")));
    }

    private static String thingsBoardWord(Credential.Type type) {
        return switch (type) {
            case TOKEN -> "ACCESS_TOKEN";
            case PASSWORD -> "MQTT_BASIC";
            case X509 -> "X509_CERTIFICATE";
            case PSK -> throw new IllegalArgumentException("nobody is given a PSK");
        };
    }

    private Value thingsBoardValue(Outcome.Admitted admitted) {
        return switch (admitted.type()) {
            case TOKEN -> Value.of(shown(admitted.secret()));
            case PASSWORD -> {
                var value =
                        Document.of("userName", Value.of(admitted.identity()))
                                .with("password", Value.of(shown(admitted.secret())));
                var client = given.text("clientId");
                yield client.isEmpty() ? value : value.with("clientId", Value.of(client.get()));
            }
            case X509 -> Value.of(given.text("hash").orElse(""));
            case PSK -> throw new IllegalArgumentException("nobody is given a PSK");
        };
    }

    /// `{"device_id", "type": "token", "token"}`; with a password `user_name` and `password`, with
    /// a certificate its `fingerprint`.
    public static Document answer(Outcome.Admitted admitted) {
        var answer =
                Document.of("device_id", Value.of(admitted.device().value()))
                        .with("type", Value.of(admitted.type().word()));
        return switch (admitted.type()) {
            case TOKEN -> answer.with("token", Value.of(shown(admitted.secret())));
            case PASSWORD ->
                    answer.with("user_name", Value.of(admitted.identity()))
                            .with("password", Value.of(shown(admitted.secret())));
            case X509 -> answer.with("fingerprint", Value.of(admitted.identity()));
            case PSK -> throw new IllegalArgumentException("nobody is given a PSK");
        };
    }

    private static String shown(@Nullable Secret secret) {
        return secret == null ? "" : secret.reveal();
    }

    private static Document object(byte[] json) throws Malformed {
        if (ThingsBoardPayload.parse(json) instanceof Document document) {
            return document;
        }
        throw new Malformed("a request to be registered is a JSON object");
    }

    private static Provisioning.Request request(
            Document given, String name, String key, String secret, Wish wish) throws Malformed {
        try {
            return new Provisioning.Request(
                    given.text(name).map(DeviceId::new).orElse(null),
                    required(given, key),
                    new Secret(required(given, secret)),
                    wish);
        } catch (IllegalArgumentException e) {
            throw new Malformed(String.valueOf(e.getMessage()));
        }
    }

    private static Wish token(Document given) throws Malformed {
        return new Wish.Token(secret(given, "token"));
    }

    private static Wish password(Document given, String userName) throws Malformed {
        var name = given.text(userName).filter(text -> !text.isEmpty()).orElse(null);
        if (name != null && name.length() > NAME_LENGTH_MAX) {
            throw new Malformed(userName + " has at most " + NAME_LENGTH_MAX + " characters");
        }
        return new Wish.Password(name, secret(given, "password"));
    }

    private static @Nullable Secret secret(Document given, String field) throws Malformed {
        try {
            return given.text(field).filter(text -> !text.isEmpty()).map(Secret::new).orElse(null);
        } catch (IllegalArgumentException e) {
            throw new Malformed(field + ": " + e.getMessage());
        }
    }

    /// The certificate in PEM, with or without its first and last line.
    private static Wish certificate(Document given, String field) throws Malformed {
        var text = required(given, field).strip();
        var pem =
                text.startsWith(PEM_BEGINS)
                        ? text
                        : "-----BEGIN CERTIFICATE-----\n" + text + "\n-----END CERTIFICATE-----\n";
        try {
            var der =
                    CertificateFactory.getInstance("X.509")
                            .generateCertificate(
                                    new ByteArrayInputStream(
                                            pem.getBytes(StandardCharsets.US_ASCII)))
                            .getEncoded();
            return new Wish.Certificate(
                    HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(der)));
        } catch (CertificateEncodingException e) {
            throw new Malformed(field + " is no X.509 certificate in PEM");
        } catch (CertificateException e) {
            throw new Malformed(field + " is no X.509 certificate in PEM");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static String required(Document given, String name) throws Malformed {
        return given.text(name)
                .filter(text -> !text.isEmpty())
                .orElseThrow(() -> new Malformed("'" + name + "' is missing or no text"));
    }
}
