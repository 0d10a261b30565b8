package org.tethral.mqtt;

import org.tethral.kernel.Secret;

/// With what a client says who it is.
sealed interface Credentials {

    /// A user name alone.
    record Token(Secret token) implements Credentials {}

    /// A user name and a password. Programs that want a password where none is needed send
    /// anything: the name may still be a token.
    record Password(String userName, Secret password) implements Credentials {}

    /// @param fingerprint SHA-256 of the certificate (DER), lower-case hex; TLS has checked its
    ///   chain
    /// @param subject in RFC 2253 form
    record Certificate(String fingerprint, String subject) implements Credentials {}

    enum None implements Credentials {
        NONE
    }
}
