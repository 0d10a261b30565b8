package org.tethral.http;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;
import org.tethral.device.Device;
import org.tethral.device.ProfileId;
import org.tethral.device.Protocol;
import org.tethral.device.Status;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// Devices as the API shows and takes them.
final class DeviceJson {

    private DeviceJson() {}

    static Document document(Device device) {
        return fields(device).document();
    }

    static Fields fields(Device device) {
        var presence = device.presence();
        var fields = new Fields().word("id", device.id()).word("device_id", device.deviceId());
        addAbout(fields, device.about());
        return fields.text("lifecycle", device.lifecycle().word())
                .truth("enabled", device.enabled())
                .text("status", presence.status().word())
                .truth("is_online", presence.status() == Status.ONLINE)
                .number("health_score", presence.healthScore())
                .time("last_heartbeat", presence.lastHeartbeat())
                .time("last_seen_at", presence.lastSeenAt())
                .time("connected_at", presence.connectedAt())
                .time("created_at", device.createdAt())
                .time("updated_at", device.updatedAt())
                .number("version", device.version());
    }

    private static void addAbout(Fields fields, Device.About about) {
        fields.text("name", about.name())
                .text("device_type", about.deviceType())
                .word("profile_id", about.profile())
                .text("protocol", about.protocol() == null ? null : about.protocol().word())
                .text("manufacturer", about.manufacturer())
                .text("model", about.model())
                .text("firmware_version", about.firmwareVersion())
                .list("capabilities", about.capabilities(), Value::of)
                .value("metadata", about.metadata())
                .value("location", about.location())
                .word("community_id", about.community())
                .word("distributor_id", about.distributor())
                .word("customer_id", about.customer());
    }

    /// What the document says; what it leaves out or has as null is not known.
    ///
    /// @throws Refusal a field cannot be understood
    static Device.About about(String nameByDefault, Document given) {
        return new Device.About(
                given.text("name").orElse(nameByDefault),
                text(given, "device_type"),
                parsed(given, "profile_id", ProfileId::parse),
                parsed(given, "protocol", Protocol::parse),
                text(given, "manufacturer"),
                text(given, "model"),
                text(given, "firmware_version"),
                capabilities(given),
                object(given, "metadata"),
                object(given, "location"),
                parsed(given, "community_id", CommunityId::parse),
                parsed(given, "distributor_id", UUID::fromString),
                parsed(given, "customer_id", UUID::fromString));
    }

    /// The same, changed by a merge patch.
    static Device.About patched(Device.About about, Document patch) {
        var fields = new Fields();
        addAbout(fields, about);
        return about(about.name(), fields.document().merged(patch));
    }

    private static @Nullable String text(Document given, String name) {
        return given.text(name).orElse(null);
    }

    private static <T> @Nullable T parsed(Document given, String name, Function<String, T> parse) {
        var text = given.text(name);
        return text.isEmpty() ? null : ApiRequest.parsed(name, text.get(), parse);
    }

    private static Document object(Document given, String name) {
        return given.find(name).orElse(Document.EMPTY) instanceof Document document
                ? document
                : Document.EMPTY;
    }

    private static List<String> capabilities(Document given) {
        var capabilities = new ArrayList<String>();
        if (given.find("capabilities").orElse(Value.Null.NULL) instanceof Value.Array(var items)) {
            for (var item : items) {
                if (item instanceof Value.Text(var text)) {
                    capabilities.add(text);
                }
            }
        }
        return capabilities;
    }
}
