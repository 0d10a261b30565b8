package org.tethral.command;

import java.util.UUID;

public record CommandId(UUID value) implements Comparable<CommandId> {

    /// @throws IllegalArgumentException it is no UUID
    public static CommandId parse(String text) {
        if (text.length() != 36) {
            throw new IllegalArgumentException("a command_id is a UUID");
        }
        return new CommandId(UUID.fromString(text));
    }

    /// For protocols whose requests have small numbers (ThingsBoard RPC): always the same for the
    /// same command, 1 to 2^31 - 1. Two commands may share one; among the few in flight to one
    /// device that is next to impossible.
    public int number() {
        return 1 + Math.floorMod(value.hashCode(), Integer.MAX_VALUE);
    }

    /// As every database sorts it: byte by byte.
    @Override
    public int compareTo(CommandId other) {
        var most =
                Long.compareUnsigned(
                        value.getMostSignificantBits(), other.value.getMostSignificantBits());
        return most != 0
                ? most
                : Long.compareUnsigned(
                        value.getLeastSignificantBits(), other.value.getLeastSignificantBits());
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
