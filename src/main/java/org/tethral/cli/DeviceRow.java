package org.tethral.cli;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;
import org.tethral.device.Device;
import org.tethral.device.DeviceId;
import org.tethral.device.Lifecycle;
import org.tethral.device.ProfileId;
import org.tethral.device.Protocol;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// A device as a JSON object with the names of the API and the tables, as commands print and files
/// hold it.
final class DeviceRow {

    private DeviceRow() {}

    static Document of(Device device) {
        var about = device.about();
        var presence = device.presence();
        return Document.of("device_id", Value.of(device.deviceId().value()))
                .with("name", Value.of(about.name()))
                .with("device_type", Lines.orNull(about.deviceType()))
                .with("profile_id", word(about.profile()))
                .with(
                        "protocol",
                        about.protocol() == null
                                ? Value.Null.NULL
                                : Value.of(about.protocol().word()))
                .with("manufacturer", Lines.orNull(about.manufacturer()))
                .with("model", Lines.orNull(about.model()))
                .with("firmware_version", Lines.orNull(about.firmwareVersion()))
                .with(
                        "capabilities",
                        new Value.Array(about.capabilities().stream().map(Value::of).toList()))
                .with("metadata", about.metadata())
                .with("location", about.location())
                .with("community_id", word(about.community()))
                .with("distributor_id", word(about.distributor()))
                .with("customer_id", word(about.customer()))
                .with("lifecycle", Value.of(device.lifecycle().word()))
                .with("enabled", Value.of(device.enabled()))
                .with("status", Value.of(presence.status().word()))
                .with("last_seen_at", word(presence.lastSeenAt()))
                .with("connected_at", word(presence.connectedAt()))
                .with("created_at", Value.of(device.createdAt().toString()))
                .with("updated_at", Value.of(device.updatedAt().toString()))
                .with("version", Value.of(device.version()));
    }

    private static Value word(@Nullable Object value) {
        return value == null ? Value.Null.NULL : Value.of(value.toString());
    }

    /// A new device; what the platform alone knows (status, times, version) is left aside.
    ///
    /// @throws IllegalArgumentException says which value cannot be used
    static Device parse(Document row, UUID id, Instant now) {
        var deviceId =
                new DeviceId(
                        row.text("device_id")
                                .orElseThrow(() ->
                                        new IllegalArgumentException("device_id is missing")));
        var profile = text(row, "profile_id");
        var protocol = text(row, "protocol");
        var community = text(row, "community_id");
        var lifecycle = text(row, "lifecycle");
        var name = text(row, "name");
        var about =
                new Device.About(
                        name == null ? deviceId.value() : name,
                        text(row, "device_type"),
                        profile == null ? null : ProfileId.parse(profile),
                        protocol == null ? null : Protocol.parse(protocol),
                        text(row, "manufacturer"),
                        text(row, "model"),
                        text(row, "firmware_version"),
                        texts(row, "capabilities"),
                        object(row, "metadata"),
                        object(row, "location"),
                        community == null ? CommunityId.DEFAULT : CommunityId.parse(community),
                        uuid(text(row, "distributor_id")),
                        uuid(text(row, "customer_id")));
        var enabled = row.find("enabled").orElse(Value.Bool.TRUE) != Value.Bool.FALSE;
        return new Device(
                id,
                deviceId,
                about,
                lifecycle == null ? Lifecycle.ACTIVE : Lifecycle.parse(lifecycle),
                enabled,
                Device.Presence.NEVER_SEEN,
                now,
                now,
                1);
    }

    private static @Nullable UUID uuid(@Nullable String text) {
        return text == null ? null : UUID.fromString(text);
    }

    private static @Nullable String text(Document row, String name) {
        return switch (row.find(name).orElse(Value.Null.NULL)) {
            case Value.Null _ -> null;
            case Value.Text(var text) -> text.isEmpty() ? null : text;
            case Value.Numeric _, Value.Bool _, Value.Array _, Document _ ->
                    throw new IllegalArgumentException(name + " must be a text");
        };
    }

    private static List<String> texts(Document row, String name) {
        return switch (row.find(name).orElse(Value.Null.NULL)) {
            case Value.Null _ -> List.of();
            case Value.Array(var items) -> {
                var texts = new ArrayList<String>();
                for (var item : items) {
                    if (!(item instanceof Value.Text(var text))) {
                        throw new IllegalArgumentException(name + " must be a list of texts");
                    }
                    texts.add(text);
                }
                yield texts;
            }
            case Value.Text _, Value.Numeric _, Value.Bool _, Document _ ->
                    throw new IllegalArgumentException(name + " must be a list of texts");
        };
    }

    private static Document object(Document row, String name) {
        return switch (row.find(name).orElse(Value.Null.NULL)) {
            case Value.Null _ -> Document.EMPTY;
            case Document object -> object;
            case Value.Text _, Value.Numeric _, Value.Bool _, Value.Array _ ->
                    throw new IllegalArgumentException(name + " must be an object");
        };
    }
}
