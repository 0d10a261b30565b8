package org.tethral.simulate;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.tethral.json.Json;
import org.tethral.json.MalformedJson;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;
import org.tethral.simulate.Plan.Wire;

/// One device of the demonstration, and how it lives.
///
/// @param every how often it reports, roughly
/// @param states those between which it changes; empty: it has none of its own
/// @param awake how long it stays connected before it goes away for a while; null: always
public record Resident(
        String id,
        String name,
        String type,
        String manufacturer,
        String model,
        Wire wire,
        Duration every,
        List<Metric> metrics,
        List<String> states,
        @Nullable Duration awake) {

    private static final String FILE = "/demo-devices.json";

    public Resident {
        metrics = List.copyOf(metrics);
        states = List.copyOf(states);
    }

    static List<Resident> all() {
        try (var in = Objects.requireNonNull(Resident.class.getResourceAsStream(FILE), FILE)) {
            var devices = items(Json.parseObject(in.readAllBytes()), "devices");
            return devices.stream().map(device -> parsed((Document) device)).toList();
        } catch (IOException e) {
            throw new UncheckedIOException("read " + FILE, e);
        } catch (MalformedJson e) {
            throw new IllegalStateException(FILE + " is part of the program", e);
        }
    }

    private static Resident parsed(Document device) {
        var awake = number(device, "awake_s");
        return new Resident(
                text(device, "id"),
                text(device, "name"),
                text(device, "type"),
                text(device, "manufacturer"),
                text(device, "model"),
                Wire.valueOf(text(device, "wire").toUpperCase(Locale.ROOT)),
                Duration.ofSeconds((long) number(device, "every_s")),
                items(device, "metrics").stream().map(metric -> metric((Document) metric)).toList(),
                items(device, "states").stream()
                        .map(state -> ((Value.Text) state).value())
                        .toList(),
                awake == 0 ? null : Duration.ofSeconds((long) awake));
    }

    private static Metric metric(Document metric) {
        return new Metric(
                text(metric, "name"),
                number(metric, "middle"),
                number(metric, "swing"),
                number(metric, "noise"),
                (int) number(metric, "period_s"),
                (int) number(metric, "decimals"));
    }

    private static String text(Document from, String name) {
        return from.text(name).orElseThrow();
    }

    /// 0 where there is none.
    private static double number(Document from, String name) {
        return from.find(name).orElse(Value.Null.NULL) instanceof Value.Numeric number
                ? number.asDouble()
                : 0;
    }

    private static List<Value> items(Document from, String name) {
        return from.find(name).orElse(Value.Null.NULL) instanceof Value.Array(var items)
                ? items
                : List.of();
    }
}
