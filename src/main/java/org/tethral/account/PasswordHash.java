package org.tethral.account;

import org.tethral.kernel.Secret;

/// A slow, salted hash for secrets that people choose.
public interface PasswordHash {

    /// In PHC form, with its parameters and salt.
    String hash(Secret password);

    boolean matches(Secret password, String phc);
}
