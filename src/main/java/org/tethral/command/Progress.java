package org.tethral.command;

/// How many dispatches of a command stand where.
public record Progress(
        int pending,
        int sent,
        int delivered,
        int success,
        int error,
        int timeout,
        int expired,
        int cancelled) {

    /// Of a command to one device.
    public static Progress of(CommandStatus one) {
        return new Progress(
                one == CommandStatus.PENDING ? 1 : 0,
                one == CommandStatus.SENT ? 1 : 0,
                one == CommandStatus.DELIVERED ? 1 : 0,
                one == CommandStatus.ACK_SUCCESS ? 1 : 0,
                one == CommandStatus.ACK_ERROR ? 1 : 0,
                one == CommandStatus.TIMEOUT ? 1 : 0,
                one == CommandStatus.EXPIRED ? 1 : 0,
                one == CommandStatus.CANCELLED ? 1 : 0);
    }

    public int targets() {
        return open() + success + failures() + cancelled;
    }

    public int open() {
        return pending + sent + delivered;
    }

    public int failures() {
        return error + timeout + expired;
    }

    public boolean isComplete() {
        return open() == 0;
    }

    /// Of a command to one device, that device's. Of a group command under way `sent`, or
    /// `delivered` when all that are still open have it; at its end the worst there was.
    public CommandStatus status() {
        if (pending == targets()) {
            return CommandStatus.PENDING;
        }
        if (pending + sent > 0) {
            return CommandStatus.SENT;
        }
        if (delivered > 0) {
            return CommandStatus.DELIVERED;
        }
        if (error > 0) {
            return CommandStatus.ACK_ERROR;
        }
        if (timeout > 0) {
            return CommandStatus.TIMEOUT;
        }
        if (expired > 0) {
            return CommandStatus.EXPIRED;
        }
        return cancelled > 0 ? CommandStatus.CANCELLED : CommandStatus.ACK_SUCCESS;
    }
}
