package org.tethral.payload;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.tethral.account.Actor;
import org.tethral.device.ConnectingDevice;
import org.tethral.ingest.Inbound;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// The bodies of the device API, `/device/v1/…`, in whatever protocol they come: one message of
/// [NativePayload], or an array of them.
public final class DeviceMessages {

    /// States or events in one body. Each is stored by itself, so an answer that tells of a fault
    /// in one may leave the ones before it stored.
    public static final int MESSAGES_MAX = 100;

    private DeviceMessages() {}

    /// All measurements of a body are one message, stored together or not at all.
    public static List<Inbound> report(
            byte[] body, Encoding encoding, ConnectingDevice device, Instant now) throws Malformed {
        return List.of(
                new Inbound.Report(device, now, NativePayload.report(encoding.parse(body), now)));
    }

    public static List<Inbound> states(
            byte[] body, Encoding encoding, ConnectingDevice device, Instant now) throws Malformed {
        if (encoding == Encoding.JSON && !startsArray(body)) {
            return List.of(state(NativePayload.state(body), device, now)); // may be a bare word
        }
        var messages = new ArrayList<Inbound>();
        for (var item : items(encoding.parse(body))) {
            messages.add(state(NativePayload.state(item), device, now));
        }
        return messages;
    }

    public static List<Inbound> events(
            byte[] body,
            Encoding encoding,
            ConnectingDevice device,
            Instant now,
            RandomGenerator random)
            throws Malformed {
        var messages = new ArrayList<Inbound>();
        for (var item : items(encoding.parse(body))) {
            if (!(item instanceof Document document)) {
                throw new Malformed("an event is an object with a type");
            }
            messages.add(
                    new Inbound.EventReport(
                            device, now, NativePayload.event(document, device, now, random)));
        }
        return messages;
    }

    private static Inbound state(
            NativePayload.StateMessage message, ConnectingDevice device, Instant now) {
        return new Inbound.StateReport(
                device, now, message.state(), message.reason(), Actor.device(device.id().value()));
    }

    private static List<Value> items(Value body) throws Malformed {
        if (!(body instanceof Value.Array(var items))) {
            return List.of(body);
        }
        if (items.isEmpty() || items.size() > MESSAGES_MAX) {
            throw new Malformed("an array of messages has 1 to " + MESSAGES_MAX + " items");
        }
        return items;
    }

    private static boolean startsArray(byte[] body) {
        for (var character : body) {
            if (!Character.isWhitespace(character)) {
                return character == '[';
            }
        }
        return false;
    }
}
