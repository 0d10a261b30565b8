package org.tethral.delivery;

/// 1 to 64 letters, digits, `. _ -`: safe in paths, headers and logs.
public record SubscriptionId(String value) implements Comparable<SubscriptionId> {

    public SubscriptionId {
        if (!value.matches("[A-Za-z0-9._-]{1,64}")) {
            throw new IllegalArgumentException(
                    "a subscription_id has 1 to 64 letters, digits, . _ and -");
        }
    }

    @Override
    public int compareTo(SubscriptionId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
