package org.tethral;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tethral.cli.Failure;
import org.tethral.cli.Setting;
import org.tethral.kernel.Secret;
import org.tethral.lorawan.Lorawan;

/// The network servers of LoRaWAN devices, as they are configured. Null: it is not spoken to that
/// way.
record LorawanSettings(
        Lorawan.@Nullable ChirpStackBroker chirpStack,
        Lorawan.@Nullable ChirpStackApi chirpStackApi,
        Lorawan.@Nullable ThingsStackApi thingsStack,
        Lorawan.@Nullable ThingsStackBroker thingsStackBroker) {

    private static final String BROKER = "chirpstack";
    private static final String AUTHORITY = "chirpstack-ca";
    private static final String GROUP = "chirpstack-group";
    private static final String GRPC = "chirpstack-grpc";
    private static final String GRPC_KEY = "chirpstack-key";
    private static final String THINGS = "tts";
    private static final String THINGS_WEBHOOK = "tts-webhook";
    private static final String THINGS_KEY = "tts-key";
    private static final String THINGS_BROKER = "tts-mqtt";
    private static final String THINGS_AUTHORITY = "tts-mqtt-ca";

    static final List<Setting> LIST =
            List.of(
                    new Setting(
                            BROKER,
                            "URL",
                            null,
                            "the broker of a ChirpStack: mqtt://USER:PASSWORD@HOST:1883, with TLS mqtts://"),
                    new Setting(
                            AUTHORITY,
                            "FILE",
                            null,
                            "who signs that broker's certificate, PEM; else who this machine trusts"),
                    new Setting(
                            GROUP,
                            "NAME",
                            "off",
                            "of a shared subscription there, the same on all nodes; off: each node takes every event"),
                    new Setting(
                            GRPC,
                            "URL",
                            null,
                            "the API of a ChirpStack, http://HOST:8080: downlinks go there instead"),
                    new Setting(GRPC_KEY, "FILE", null, "where the API key for it is"),
                    new Setting(
                            THINGS,
                            "URL",
                            null,
                            "a Things Stack for downlinks, such as https://eu1.cloud.thethings.network"),
                    new Setting(
                            THINGS_WEBHOOK,
                            "ID",
                            "tethral",
                            "the webhook there, the same in each application"),
                    new Setting(THINGS_KEY, "FILE", null, "where the API key for it is"),
                    new Setting(
                            THINGS_BROKER,
                            "URL",
                            null,
                            "the MQTT server of a Things Stack: mqtts://APPLICATION%40TENANT:KEY@HOST:8883"),
                    new Setting(
                            THINGS_AUTHORITY,
                            "FILE",
                            null,
                            "who signs that server's certificate, PEM; else who this machine trusts"));

    /// @throws Failure names the setting and what is wrong
    static LorawanSettings of(SettingValues values) {
        return new LorawanSettings(
                values.isSet(BROKER)
                        ? new Lorawan.ChirpStackBroker(
                                OutsideBroker.address(values, BROKER),
                                values.file(AUTHORITY),
                                OutsideBroker.group(values, GROUP))
                        : null,
                values.isSet(GRPC)
                        ? new Lorawan.ChirpStackApi(
                                server(values, GRPC), secret(values, GRPC, GRPC_KEY))
                        : null,
                values.isSet(THINGS)
                        ? new Lorawan.ThingsStackApi(
                                server(values, THINGS),
                                values.text(THINGS_WEBHOOK),
                                secret(values, THINGS, THINGS_KEY))
                        : null,
                values.isSet(THINGS_BROKER) ? thingsStackBroker(values) : null);
    }

    private static Lorawan.ThingsStackBroker thingsStackBroker(SettingValues values) {
        var address = OutsideBroker.address(values, THINGS_BROKER);
        if (address.user() == null) {
            throw values.wrong(THINGS_BROKER, "needs a user, APPLICATION%40TENANT");
        }
        return new Lorawan.ThingsStackBroker(address, values.file(THINGS_AUTHORITY));
    }

    private static URI server(SettingValues values, String name) {
        var text = values.text(name);
        if (!text.matches("https?://[^/@?#\\s]+/?")) {
            throw values.wrong(name, "must be http://HOST or https://HOST");
        }
        return URI.create(text);
    }

    private static Secret secret(SettingValues values, String needing, String name) {
        var file = values.file(name);
        if (file == null) {
            throw Failure.misused(needing + " needs " + name + ", too");
        }
        return secret(values, name, file);
    }

    private static Secret secret(SettingValues values, String name, Path file) {
        try {
            return new Secret(Files.readString(file).strip());
        } catch (IOException | IllegalArgumentException e) {
            throw values.wrong(name, "has no secret: " + Config.reason(e));
        }
    }
}
