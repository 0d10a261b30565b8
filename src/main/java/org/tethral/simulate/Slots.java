package org.tethral.simulate;

/// The messages of one connection that wait for their acknowledgement, without an object for each.
final class Slots {

    private final long[] messages;
    private final long[] sinceNanos;
    private final int[] free;
    private int freeCount;

    Slots(int size) {
        messages = new long[size];
        sinceNanos = new long[size];
        free = new int[size];
        freeCount = size;
        for (int i = 0; i < size; i++) {
            free[i] = size - 1 - i;
        }
    }

    boolean hasFree() {
        return freeCount > 0;
    }

    int used() {
        return messages.length - freeCount;
    }

    int size() {
        return messages.length;
    }

    /// @param message never 0
    int take(long message, long since) {
        var slot = free[--freeCount];
        messages[slot] = message;
        sinceNanos[slot] = since;
        return slot;
    }

    /// 0: the slot is free.
    long message(int slot) {
        return slot >= 0 && slot < messages.length ? messages[slot] : 0;
    }

    long since(int slot) {
        return sinceNanos[slot];
    }

    void release(int slot) {
        messages[slot] = 0;
        free[freeCount++] = slot;
    }

    /// The slot that holds the message, -1 for none.
    int find(long message) {
        for (int i = 0; i < messages.length; i++) {
            if (messages[i] == message) {
                return i;
            }
        }
        return -1;
    }
}
