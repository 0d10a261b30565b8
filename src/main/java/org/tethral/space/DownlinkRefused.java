package org.tethral.space;

/// A downlink was not taken.
public final class DownlinkRefused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean permanent;

    /// @param reason for people
    /// @param permanent it will never be taken: too long for the data rate, no such device
    public DownlinkRefused(String reason, boolean permanent) {
        super(reason, null, false, false);
        this.permanent = permanent;
    }

    public boolean permanent() {
        return permanent;
    }

    public String reason() {
        return String.valueOf(getMessage());
    }
}
