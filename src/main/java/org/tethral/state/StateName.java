package org.tethral.state;

import java.util.List;

/// A device's condition in one word: a common one, or the maker's own. 1 to 64 letters, digits, `_
/// - .`, lower case.
public record StateName(String value) {

    public static final StateName UNKNOWN = new StateName("unknown");
    public static final StateName ONLINE = new StateName("online");
    public static final StateName OFFLINE = new StateName("offline");

    /// Words for states that a device should soon leave. An index of `device_states` has them in
    /// this order.
    public static final List<String> TRANSIENT =
            List.of(
                    "booting",
                    "starting",
                    "connecting",
                    "initializing",
                    "calibrating",
                    "updating",
                    "rebooting",
                    "restarting",
                    "stopping");

    public StateName {
        if (value.isEmpty() || value.length() > 64) {
            throw new IllegalArgumentException("a state has 1 to 64 characters");
        }
        for (int i = 0; i < value.length(); i++) {
            var c = value.charAt(i);
            if (!(c >= 'a' && c <= 'z'
                    || c >= '0' && c <= '9'
                    || c == '_'
                    || c == '-'
                    || c == '.')) {
                throw new IllegalArgumentException(
                        "a state has lower-case letters, digits, _ - and . only, not '" + c + "'");
            }
        }
    }

    public boolean isTransient() {
        return TRANSIENT.contains(value);
    }

    /// True of the words that only say whether the device is reached; the platform moves between
    /// these itself.
    public boolean saysOnlyReachability() {
        return equals(UNKNOWN) || equals(ONLINE) || equals(OFFLINE);
    }

    @Override
    public String toString() {
        return value;
    }
}
