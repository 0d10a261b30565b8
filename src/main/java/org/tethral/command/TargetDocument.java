package org.tethral.command;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tethral.device.DeviceFilter;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// What a command was meant for, as [CommandLog#target] has it.
public final class TargetDocument {

    /// Of a longer list, the number alone: which they are stands in `command_dispatches`.
    private static final int DEVICES_NAMED_MAX = 100;

    private TargetDocument() {}

    /// Else it holds but their number.
    public static boolean namesItsDevices(Target target) {
        return !(target instanceof Target.Listed(var devices))
                || devices.size() <= DEVICES_NAMED_MAX;
    }

    public static Document of(Target target) {
        return switch (target) {
            case Target.One(var device) -> Document.of("device_id", Value.of(device.value()));
            case Target.Listed(var devices) when devices.size() > DEVICES_NAMED_MAX ->
                    Document.of("device_count", Value.of(devices.size()));
            case Target.Listed(var devices) ->
                    Document.of(
                            "device_ids",
                            new Value.Array(
                                    devices.stream()
                                            .<Value>map(device -> Value.of(device.value()))
                                            .toList()));
            case Target.OfType(var type) -> Document.of("device_type", Value.of(type));
            case Target.OfProfile(var profile) ->
                    Document.of("profile_id", Value.of(profile.toString()));
            case Target.Matching(var filter) -> Document.of("filter", filter(filter));
        };
    }

    private static Document filter(DeviceFilter filter) {
        var values = new LinkedHashMap<String, Value>();
        put(values, "community_id", filter.community());
        put(values, "status", filter.status() == null ? null : filter.status().word());
        put(values, "protocol", filter.protocol() == null ? null : filter.protocol().word());
        put(values, "lifecycle", filter.lifecycle() == null ? null : filter.lifecycle().word());
        put(values, "manufacturer", filter.manufacturer());
        put(values, "model", filter.model());
        put(values, "device_type", filter.deviceType());
        put(values, "capability", filter.capability());
        put(values, "profile_id", filter.profile());
        put(values, "metadata_key", filter.metadataKey());
        put(values, "metadata_value", filter.metadataValue());
        put(values, "search", filter.search());
        return new Document(values);
    }

    private static void put(Map<String, Value> values, String name, @Nullable Object value) {
        if (value != null) {
            values.put(name, Value.of(value.toString()));
        }
    }
}
