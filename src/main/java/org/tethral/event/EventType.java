package org.tethral.event;

/// What kind of thing happened, general to special: `device.connected`. 1 to 64 letters, digits, `.
/// _ - :`.
public record EventType(String value) {

    public EventType {
        if (value.isEmpty() || value.length() > 64) {
            throw new IllegalArgumentException("an event type has 1 to 64 characters");
        }
        for (int i = 0; i < value.length(); i++) {
            var c = value.charAt(i);
            if (!(c >= 'a' && c <= 'z'
                    || c >= 'A' && c <= 'Z'
                    || c >= '0' && c <= '9'
                    || c == '.'
                    || c == '_'
                    || c == '-'
                    || c == ':')) {
                throw new IllegalArgumentException(
                        "an event type has letters, digits and . _ - : only, not '" + c + "'");
            }
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
