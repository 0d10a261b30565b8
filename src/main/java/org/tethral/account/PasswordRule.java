package org.tethral.account;

import org.tethral.kernel.Secret;

/// What passwords people may choose: long ones, and not what everybody knows of them. Nothing is
/// asked of their characters (NIST SP 800-63B, section 5.1.1.2).
public final class PasswordRule {

    public static final int LENGTH_MIN = 12;
    public static final int LENGTH_MAX = 256;

    private PasswordRule() {}

    /// @throws IllegalArgumentException says what is wrong with it
    public static Secret checked(String password, EmailAddress email) {
        if (password.codePointCount(0, password.length()) < LENGTH_MIN
                || password.length() > LENGTH_MAX) {
            throw new IllegalArgumentException(
                    "has " + LENGTH_MIN + " to " + LENGTH_MAX + " characters");
        }
        if (password.strip().equalsIgnoreCase(email.value())) {
            throw new IllegalArgumentException("must not be the e-mail address");
        }
        if (password.codePoints().distinct().count() < 3) {
            throw new IllegalArgumentException("has more than two different characters");
        }
        return new Secret(password);
    }
}
