package org.tethral.lorawan;

import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tethral.codec.Codec;
import org.tethral.codec.CodecFailed;
import org.tethral.codec.Encoding;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// What a command's payload becomes on its way to a LoRaWAN device: values for the device's codec,
/// or, with the port beside them, `{"fport": 10, "hex": "01FF"}` and `{"fport": 10, "data": …}`,
/// where `data` is the bytes in base64 or values for the codec.
sealed interface CommandPayload {

    /// @param port 1 to 223
    /// @param bytes not copied
    @SuppressWarnings("ArrayRecordComponent")
    record Ready(int port, byte[] bytes) implements CommandPayload {}

    /// The device will never get it so.
    record Unfit(String reason) implements CommandPayload {}

    /// It may be tried again.
    record NotNow(String reason) implements CommandPayload {}

    /// LoRaWAN's ports of applications (TS001, "Port field").
    int PORT_MAX = 223;

    String PORT = "fport";

    /// @param variables of the device, for its codec
    static CommandPayload of(Value payload, Optional<Codec> codec, Document variables) {
        if (!(payload instanceof Document values)) {
            return new Unfit("the payload of a command to a LoRaWAN device is an object");
        }
        var content = content(values);
        if (content == null) {
            return encoded(values, codec, variables, null);
        }
        if (!(content.port() instanceof Value.Numeric(var number))
                || number.doubleValue() != Math.rint(number.doubleValue())
                || number.intValue() < 1
                || number.intValue() > PORT_MAX) {
            return new Unfit("'fport' is a number from 1 to " + PORT_MAX);
        }
        var port = number.intValue();
        return switch (content.what()) {
            case Document data when !content.hex() -> encoded(data, codec, variables, port);
            case Value.Text(var text) -> bytes(text, content.hex(), port);
            default -> new Unfit("'hex' is a text, 'data' one in base64 or values for the codec");
        };
    }

    /// @param hex else base64, or values
    record Content(Value port, Value what, boolean hex) {}

    /// Null: the payload as a whole is for the codec.
    private static @Nullable Content content(Document values) {
        var port = values.find(PORT);
        if (port.isEmpty() || values.values().size() != 2) {
            return null;
        }
        var hex = values.find("hex");
        var what = hex.or(() -> values.find("data"));
        return what.map(found -> new Content(port.get(), found, hex.isPresent())).orElse(null);
    }

    private static CommandPayload bytes(String text, boolean hex, int port) {
        try {
            return new Ready(
                    port, hex ? HexFormat.of().parseHex(text) : Base64.getDecoder().decode(text));
        } catch (IllegalArgumentException e) {
            return new Unfit(hex ? "'hex' has no bytes in hex" : "'data' is no base64");
        }
    }

    /// @param port null: the codec names it
    private static CommandPayload encoded(
            Document values, Optional<Codec> codec, Document variables, @Nullable Integer port) {
        if (codec.isEmpty()) {
            return new Unfit(
                    "the device has no codec; without one, a payload is {\"fport\": …, \"hex\": …}");
        }
        return switch (codec.get().encode(values, variables)) {
            case CodecFailed failed when failed.reason() == CodecFailed.Reason.BUSY ->
                    new NotNow("the codec is busy");
            case CodecFailed failed -> new Unfit("the codec failed: " + failed);
            case Encoding.Encoded(var bytes, var named, _) -> {
                var to = port == null ? named.orElse(0) : port;
                yield to < 1 || to > PORT_MAX
                        ? new Unfit(
                                "the codec names no fPort from 1 to "
                                        + PORT_MAX
                                        + "; a payload {\"fport\": …, \"data\": {…}} does")
                        : new Ready(to, bytes);
            }
        };
    }
}
