package org.tethral.simulate;

/// A message as one number: that of its report from 0, and whether it is the report itself or the
/// change of state that goes with it. What is in it follows from the number, so that it can be
/// written again when it must be sent again.
final class Message {

    private Message() {}

    static long report(long number) {
        return (number + 1) << 1;
    }

    static long stateChange(long number) {
        return (number + 1) << 1 | 1;
    }

    static boolean isReport(long message) {
        return (message & 1) == 0;
    }

    static long number(long message) {
        return (message >> 1) - 1;
    }
}
