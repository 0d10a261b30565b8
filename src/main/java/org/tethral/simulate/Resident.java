package org.tethral.simulate;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
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

    public Resident {
        metrics = List.copyOf(metrics);
        states = List.copyOf(states);
    }

    private static final Duration SECOND = Duration.ofSeconds(1);

    /// A dozen of them.
    static List<Resident> all() {
        return List.of(
                new Resident(
                        "river-gauge-1",
                        "River gauge, mill bridge",
                        "gauge",
                        "Aquawatch",
                        "RG-20",
                        Wire.MQTT,
                        SECOND.multipliedBy(3),
                        List.of(
                                Metric.of("level_m", 2.4, 0.6, 0.02, 900).decimals(2),
                                Metric.of("flow_m3s", 14, 5, 0.3, 900)),
                        List.of(),
                        null),
                new Resident(
                        "pump-7",
                        "Pump 7, waterworks",
                        "pump",
                        "Hydra",
                        "P-300",
                        Wire.MQTT,
                        SECOND,
                        List.of(
                                Metric.of("power_w", 740, 120, 15, 120).decimals(0),
                                Metric.of("pressure_bar", 4.2, 0.4, 0.05, 120).decimals(2)),
                        List.of("idle", "busy", "busy", "error"),
                        null),
                new Resident(
                        "cold-store",
                        "Cold store",
                        "sensor",
                        "Nordcool",
                        "C4",
                        Wire.MQTT,
                        SECOND.multipliedBy(2),
                        List.of(
                                Metric.of("temperature", -18, 1.5, 0.1, 600),
                                Metric.of("humidity", 62, 5, 0.5, 600)),
                        List.of("idle", "idle", "defrosting"),
                        null),
                new Resident(
                        "parking-12",
                        "Parking place 12",
                        "parking_sensor",
                        "Loriot",
                        "PS-1",
                        Wire.MQTT,
                        SECOND.multipliedBy(5),
                        List.of(
                                Metric.of("battery", 88, 4, 0.2, 3_600).decimals(0),
                                Metric.of("rssi", -71, 6, 2, 300).decimals(0)),
                        List.of("free", "occupied"),
                        null),
                new Resident(
                        "gateway-north",
                        "Gateway, north roof",
                        "gateway",
                        "Kerlink",
                        "iStation",
                        Wire.MQTT,
                        SECOND.multipliedBy(4),
                        List.of(
                                Metric.of("cpu", 31, 18, 4, 240),
                                Metric.of("packets_per_minute", 140, 60, 9, 300).decimals(0)),
                        List.of(),
                        null),
                new Resident(
                        "van-3",
                        "Van 3",
                        "tracker",
                        "Queclink",
                        "GV57",
                        Wire.MQTT,
                        SECOND.multipliedBy(2),
                        List.of(
                                Metric.of("speed_kmh", 34, 30, 3, 90).decimals(0),
                                Metric.of("battery", 71, 9, 0.3, 3_600).decimals(0)),
                        List.of("idle", "driving"),
                        SECOND.multipliedBy(75)),
                new Resident(
                        "weather-roof",
                        "Weather station",
                        "sensor",
                        "Davis",
                        "Vantage",
                        Wire.HTTP,
                        SECOND.multipliedBy(5),
                        List.of(
                                Metric.of("temperature", 17, 7, 0.15, 1_800),
                                Metric.of("humidity", 58, 16, 0.8, 1_800),
                                Metric.of("wind_ms", 4, 2.5, 0.7, 200)),
                        List.of(),
                        null),
                new Resident(
                        "meter-main",
                        "Electricity meter",
                        "meter",
                        "Iskra",
                        "MT-175",
                        Wire.HTTP,
                        SECOND.multipliedBy(3),
                        List.of(
                                Metric.of("power_w", 5_200, 2_100, 140, 700).decimals(0),
                                Metric.of("voltage", 231, 2, 0.4, 400)),
                        List.of(),
                        null),
                new Resident(
                        "greenhouse-2",
                        "Greenhouse 2",
                        "ESP32",
                        "Espressif",
                        "ESP32-S3",
                        Wire.WEBSOCKET,
                        SECOND.multipliedBy(2),
                        List.of(
                                Metric.of("temperature", 24, 5, 0.2, 800),
                                Metric.of("humidity", 71, 9, 0.6, 800),
                                Metric.of("soil_moisture", 44, 8, 0.3, 1_500)),
                        List.of(),
                        null),
                new Resident(
                        "meeting-room-a",
                        "Meeting room A",
                        "ESP32",
                        "Espressif",
                        "ESP32-C3",
                        Wire.WEBSOCKET,
                        SECOND.multipliedBy(4),
                        List.of(
                                Metric.of("co2_ppm", 720, 230, 12, 900).decimals(0),
                                Metric.of("temperature", 21.5, 1.2, 0.1, 900)),
                        List.of("free", "occupied"),
                        null),
                new Resident(
                        "display-lobby",
                        "Display in the lobby",
                        "display",
                        "Kuando",
                        "Busylight",
                        Wire.WEBSOCKET,
                        SECOND.multipliedBy(5),
                        List.of(Metric.of("brightness", 60, 30, 2, 600).decimals(0)),
                        List.of("idle", "busy"),
                        null),
                new Resident(
                        "lab-board-5",
                        "Lab board 5",
                        "ESP32",
                        "Espressif",
                        "ESP32",
                        Wire.WEBSOCKET,
                        SECOND,
                        List.of(
                                Metric.of("temperature", 22, 2, 0.3, 300),
                                Metric.of("vibration", 0.8, 0.5, 0.2, 30).decimals(2)),
                        List.of("idle", "busy", "error"),
                        SECOND.multipliedBy(50)));
    }
}
