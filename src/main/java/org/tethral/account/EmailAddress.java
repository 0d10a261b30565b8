package org.tethral.account;

import java.util.Locale;
import java.util.regex.Pattern;

/// By what a person signs in, and histories name them. In lower case: two that differ only in case
/// are one.
public record EmailAddress(String value) {

    /// RFC 5321, section 4.5.3.1.3.
    public static final int LENGTH_MAX = 254;

    private static final Pattern FORM = Pattern.compile("[^\\s@\\p{Cntrl}]+@[^\\s@\\p{Cntrl}]+");

    public EmailAddress {
        value = value.strip().toLowerCase(Locale.ROOT);
        if (value.length() > LENGTH_MAX || !FORM.matcher(value).matches()) {
            throw new IllegalArgumentException("is no e-mail address");
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
