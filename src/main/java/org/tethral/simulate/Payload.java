package org.tethral.simulate;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/// Writes what simulated devices say: plausible values, the same for the same seed, device and
/// number. Temperature and humidity swing with a day of 1,000 reports, each device in its own
/// phase, with noise; the battery runs down.
///
/// Written digit by digit into one array, because the generator shares its processor with the
/// server that it measures.
final class Payload {

    /// Ends the message id of a change of state.
    static final char STATE_CHANGE_MARK = 's';

    private static final int LENGTH_MAX = 512;
    private static final int DAY = 1_000;
    private static final int[] SINE = sine();
    private static final byte[] TEMPERATURE = ascii("{\"temperature\":");
    private static final byte[] HUMIDITY = ascii(",\"humidity\":");
    private static final byte[] BATTERY = ascii(",\"battery\":");
    private static final byte[] MESSAGE_ID = ascii("{\"message_id\":\"");
    private static final byte[] VALUES = ascii("\",\"values\":");
    private static final byte[] STATUS = ascii("{\"message_type\":\"status\",\"message_id\":\"");
    private static final byte[] STATE = ascii("{\"message_type\":\"state\",\"message_id\":\"");
    private static final byte[] PAYLOAD = ascii("\",\"payload\":");
    private static final byte[] STATE_MEMBER = ascii("\"state\":");
    private static final byte[][] STATES = {ascii("\"idle\"}"), ascii("\"busy\"}")};

    private final Plan.Content content;
    private final byte[] run;
    private final int devices;
    private final int[] states;
    private final byte[] bytes = new byte[LENGTH_MAX];
    private int length;

    Payload(Plan plan) {
        this.content = plan.content();
        this.run = ascii(content.run() + "-");
        this.devices = plan.devices().size();
        this.states = new int[devices];
    }

    private static int[] sine() {
        var table = new int[DAY];
        for (int i = 0; i < DAY; i++) {
            table[i] = (int) Math.round(Math.sin(2 * Math.PI * i / DAY) * 1_000);
        }
        return table;
    }

    int length() {
        return length;
    }

    void writeTo(ByteBuf out) {
        out.writeBytes(bytes, 0, length);
    }

    /// Makes the body of a report: the values, or with a message id the envelope of both.
    void report(int device, long number) {
        length = 0;
        if (content.messageIds()) {
            text(MESSAGE_ID);
            text(run);
            digits(number);
            text(VALUES);
            values(device, number);
            bytes[length++] = '}';
        } else {
            values(device, number);
        }
    }

    /// Makes the body of a change of state: the other one of two words, or, again, the last one.
    void state(int device, boolean again) {
        length = 0;
        bytes[length++] = '{';
        stateMember(device, again);
    }

    /// Makes a WebSocket frame of a report.
    void statusFrame(int device, long number) {
        length = 0;
        text(STATUS);
        text(run);
        digits(number);
        text(PAYLOAD);
        values(device, number);
        bytes[length++] = '}';
    }

    /// Makes a WebSocket frame of the change of state that goes with the report of that number.
    void stateFrame(int device, long number, boolean again) {
        length = 0;
        text(STATE);
        text(run);
        digits(number);
        bytes[length++] = STATE_CHANGE_MARK;
        bytes[length++] = '"';
        bytes[length++] = ',';
        stateMember(device, again);
    }

    private void stateMember(int device, boolean again) {
        if (!again) {
            states[device] ^= 1;
        }
        text(STATE_MEMBER);
        text(STATES[states[device]]);
    }

    /// Does a change of state go with this report?
    boolean changesState(long number) {
        return (mixed(number + 0x5157_0000_0000L) >>> 11) * 0x1.0p-53 < content.stateShare();
    }

    private void values(int device, long number) {
        var noise = mixed(number);
        var time = (int) ((number / devices + device * 37L) % DAY);
        var swing = SINE[time];
        text(TEMPERATURE);
        decimal(2_000 + swing * 800 / 1_000 + (int) (noise & 63) - 32, 100);
        text(HUMIDITY);
        decimal(550 - swing * 150 / 1_000 + (int) (noise >>> 8 & 31) - 16, 10);
        text(BATTERY);
        digits(100 - number / devices / 500 % 90);
        bytes[length++] = '}';
    }

    /// The finishing step of SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number
    /// generators", 2014).
    private long mixed(long number) {
        var z = content.seed() + number * 0x9E3779B97F4A7C15L;
        z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }

    private void text(byte[] text) {
        System.arraycopy(text, 0, bytes, length, text.length);
        length += text.length;
    }

    /// A value in parts (100: hundredths) as a decimal number.
    private void decimal(int value, int parts) {
        var rest = value;
        if (rest < 0) {
            bytes[length++] = '-';
            rest = -rest;
        }
        digits(rest / parts);
        bytes[length++] = '.';
        for (int place = parts / 10; place > 0; place /= 10) {
            bytes[length++] = (byte) ('0' + rest / place % 10);
        }
    }

    private void digits(long value) {
        var end = length + 1;
        for (long rest = value / 10; rest > 0; rest /= 10) {
            end++;
        }
        length = end;
        var rest = value;
        do {
            bytes[--end] = (byte) ('0' + rest % 10);
            rest /= 10;
        } while (rest > 0);
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
