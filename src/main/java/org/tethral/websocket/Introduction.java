package org.tethral.websocket;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tethral.device.Device;
import org.tethral.device.Protocol;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;
import org.tethral.payload.Malformed;

/// What a device says of itself in its `register` frame. What it leaves out stays as it is in the
/// registry.
record Introduction(
        @Nullable String deviceType,
        @Nullable String manufacturer,
        @Nullable String model,
        @Nullable String firmwareVersion,
        @Nullable List<String> capabilities,
        Document metadata) {

    static final int TEXT_LENGTH_MAX = 255;
    static final int CAPABILITIES_MAX = 100;

    static Introduction parse(Document frame) throws Malformed {
        return new Introduction(
                text(frame, "device_type"),
                text(frame, "manufacturer"),
                text(frame, "model"),
                text(frame, "firmware_version"),
                capabilities(frame),
                metadata(frame));
    }

    /// Metadata are merged, everything else is replaced. A device without a protocol is one of
    /// WebSocket from now on.
    Device.About appliedTo(Device.About known) {
        return new Device.About(
                known.name(),
                deviceType == null ? known.deviceType() : deviceType,
                known.profile(),
                known.protocol() == null ? Protocol.WEBSOCKET : known.protocol(),
                manufacturer == null ? known.manufacturer() : manufacturer,
                model == null ? known.model() : model,
                firmwareVersion == null ? known.firmwareVersion() : firmwareVersion,
                capabilities == null ? known.capabilities() : capabilities,
                known.metadata().merged(metadata),
                known.location(),
                known.community(),
                known.distributor(),
                known.customer());
    }

    private static @Nullable String text(Document frame, String name) throws Malformed {
        return switch (frame.find(name).orElse(Value.Null.NULL)) {
            case Value.Text(var text) when !text.isBlank() && text.length() <= TEXT_LENGTH_MAX ->
                    text;
            case Value.Null _ -> null;
            case Value.Text _, Value.Numeric _, Value.Bool _, Value.Array _, Document _ ->
                    throw new Malformed(
                            name + " is a text of 1 to " + TEXT_LENGTH_MAX + " characters");
        };
    }

    private static @Nullable List<String> capabilities(Document frame) throws Malformed {
        return switch (frame.find("capabilities").orElse(Value.Null.NULL)) {
            case Value.Null _ -> null;
            case Value.Array(var items)
                    when items.size() <= CAPABILITIES_MAX
                            && items.stream().allMatch(Introduction::isCapability) ->
                    items.stream().map(item -> ((Value.Text) item).value()).distinct().toList();
            case Value.Array _, Value.Text _, Value.Numeric _, Value.Bool _, Document _ ->
                    throw new Malformed(
                            "capabilities is an array of up to "
                                    + CAPABILITIES_MAX
                                    + " texts of 1 to "
                                    + TEXT_LENGTH_MAX
                                    + " characters");
        };
    }

    private static boolean isCapability(Value item) {
        return item instanceof Value.Text(var text)
                && !text.isBlank()
                && text.length() <= TEXT_LENGTH_MAX;
    }

    private static Document metadata(Document frame) throws Malformed {
        return switch (frame.find("metadata").orElse(Value.Null.NULL)) {
            case Document metadata -> metadata;
            case Value.Null _ -> Document.EMPTY;
            case Value.Array _, Value.Text _, Value.Numeric _, Value.Bool _ ->
                    throw new Malformed("metadata is an object");
        };
    }
}
