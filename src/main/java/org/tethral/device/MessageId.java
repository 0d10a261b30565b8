package org.tethral.device;

/// The name that a device gave to one message, so that its repetition is known as such. 1 to 255
/// characters.
public record MessageId(String value) {

    public MessageId {
        if (value.isEmpty() || value.length() > 255) {
            throw new IllegalArgumentException("a message_id has 1 to 255 characters");
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
