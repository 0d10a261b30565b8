package org.tethral.http;

import org.tethral.account.PasswordHash;
import org.tethral.kernel.Secret;

/// Quick, for tests of everything but the hash.
final class PlainPasswords implements PasswordHash {

    @Override
    public String hash(Secret password) {
        return "plain:" + password.sha256();
    }

    @Override
    public boolean matches(Secret password, String phc) {
        return phc.equals(hash(password));
    }
}
