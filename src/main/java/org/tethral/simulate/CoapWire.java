package org.tethral.simulate;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// The few CoAP messages that a device needs (RFC 7252, 3): confirmable requests to the device API,
/// and what comes back.
final class CoapWire {

    static final int CON = 0;
    static final int ACK = 2;
    static final int RESET = 3;

    private static final int GET = 1;
    private static final int POST = 2;
    private static final int TOKEN_BYTES = 4;
    private static final int URI_PATH = 11;
    private static final int URI_QUERY = 15;
    private static final int PAYLOAD_FOLLOWS = 0xFF;

    private CoapWire() {}

    /// The options of a post to `/device/v1/{resource}`, and the mark before its payload.
    static byte[] options(String resource, Plan.Identity identity) {
        return options(resource, identity, List.of(), true);
    }

    /// @param query `name=value`, beside who it is
    /// @param payload one follows
    static byte[] options(
            String resource, Plan.Identity identity, List<String> query, boolean payload) {
        var out = Unpooled.buffer();
        var last = 0;
        for (var segment : ("device/v1/" + resource).split("/", -1)) {
            option(out, URI_PATH - last, segment);
            last = URI_PATH;
        }
        option(out, URI_QUERY - last, "token=" + identity.token());
        option(out, 0, "device=" + identity.device());
        query.forEach(one -> option(out, 0, one));
        if (payload) {
            out.writeByte(PAYLOAD_FOLLOWS);
        }
        var bytes = new byte[out.readableBytes()];
        out.readBytes(bytes);
        return bytes;
    }

    private static void option(ByteBuf out, int delta, String text) {
        var value = text.getBytes(StandardCharsets.UTF_8);
        if (value.length < 13) {
            out.writeByte(delta << 4 | value.length);
        } else if (value.length < 269) {
            out.writeByte(delta << 4 | 13).writeByte(value.length - 13);
        } else {
            out.writeByte(delta << 4 | 14).writeShort(value.length - 269);
        }
        out.writeBytes(value);
    }

    /// The beginning of a confirmable post, up to its options.
    static void post(ByteBuf out, int messageId, int token) {
        request(out, POST, messageId, token);
    }

    static void get(ByteBuf out, int messageId, int token) {
        request(out, GET, messageId, token);
    }

    private static void request(ByteBuf out, int method, int messageId, int token) {
        out.writeByte(0x40 | CON << 4 | TOKEN_BYTES).writeByte(method);
        out.writeShort(messageId).writeInt(token);
    }

    static void ping(ByteBuf out, int messageId) {
        out.writeByte(0x40 | CON << 4).writeByte(0).writeShort(messageId);
    }

    static void acknowledgement(ByteBuf out, int messageId) {
        out.writeByte(0x40 | ACK << 4).writeByte(0).writeShort(messageId);
    }

    /// @param code 2.04 is 204; 0: none, it is an acknowledgement or a reset and no more
    /// @param token 0: none of ours
    /// @param text the payload where there is one
    record Received(int type, int code, int messageId, int token, String text) {}

    static Received read(ByteBuf in) {
        if (in.readableBytes() < 4) {
            return new Received(RESET, 0, -1, 0, "");
        }
        var head = in.readUnsignedByte();
        var code = in.readUnsignedByte();
        var messageId = in.readUnsignedShort();
        var token =
                (head & 15) == TOKEN_BYTES && in.readableBytes() >= TOKEN_BYTES ? in.readInt() : 0;
        var number = (code >> 5) * 100 + (code & 31);
        return new Received(head >> 4 & 3, number, messageId, token, text(in));
    }

    /// Behind the options, which are passed over.
    private static String text(ByteBuf in) {
        while (in.isReadable()) {
            var head = in.readUnsignedByte();
            if (head == PAYLOAD_FOLLOWS) {
                return in.toString(StandardCharsets.UTF_8);
            }
            number(in, head >> 4);
            in.skipBytes(Math.min(number(in, head & 15), in.readableBytes()));
        }
        return "";
    }

    /// The difference of an option's number to the one before, or the length of its value.
    private static int number(ByteBuf in, int nibble) {
        return switch (nibble) {
            case 13 -> in.isReadable() ? 13 + in.readUnsignedByte() : 0;
            case 14 -> in.readableBytes() > 1 ? 269 + in.readUnsignedShort() : 0;
            default -> nibble;
        };
    }
}
