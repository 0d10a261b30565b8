package org.tethral;

import java.util.List;
import java.util.stream.Stream;
import org.tethral.cli.Setting;
import org.tethral.polling.Terms;
import org.tethral.thingspeak.ThingSpeak;

/// Everything that can be set, in the order in which it is listed.
final class AllSettings {

    private AllSettings() {}

    private static final List<Setting> PROGRAM =
            List.of(
                    new Setting("home", "DIR", "data", "where this process keeps what is its own"),
                    new Setting(
                            "database",
                            "URL",
                            null,
                            "sqlite:FILE or postgresql://HOST/NAME; else tethral.db in the home; also DATABASE_URL"),
                    new Setting(
                            "bind",
                            "ADDRESS",
                            "127.0.0.1",
                            "the address on which every listener listens"),
                    new Setting(
                            "http-port",
                            "PORT",
                            "8080",
                            "HTTP and WebSocket; 0 takes a free one, off none"),
                    new Setting(
                            "https-port",
                            "PORT",
                            "8443",
                            "the same with TLS, where there is a certificate"),
                    new Setting("mqtt-port", "PORT", "1883", "MQTT"),
                    new Setting(
                            "mqtts-port",
                            "PORT",
                            "8883",
                            "MQTT with TLS, where there is a certificate"),
                    new Setting(
                            "mqtt-websocket-port",
                            "PORT",
                            "8083",
                            "MQTT over WebSocket, path /mqtt"),
                    new Setting("coap-port", "PORT", "5683", "CoAP, over UDP"),
                    new Setting(
                            "coaps-port",
                            "PORT",
                            "5684",
                            "CoAP over DTLS: shared keys, and certificates where the server has one"),
                    new Setting(
                            "node",
                            "NAME",
                            null,
                            "the name of this process among those of one database; else made once, and kept"),
                    new Setting(
                            "secrets-key",
                            "FILE",
                            null,
                            "the key that encrypts kept secrets, 32 bytes in Base64; else made once, in the home"),
                    new Setting("tls-certificate", "FILE", null, "certificate chain, PEM"),
                    new Setting("tls-key", "FILE", null, "its private key, PKCS #8 PEM"),
                    new Setting(
                            "tls-client-ca",
                            "FILE",
                            null,
                            "who signs the certificates of devices, PEM"),
                    new Setting(
                            "message-bytes-max",
                            "BYTES",
                            "262144",
                            "the largest message of a device"),
                    new Setting(
                            "open-registration",
                            "true|false",
                            "false",
                            "let unknown devices register themselves; for demonstrations"),
                    new Setting(
                            "bridge",
                            "URL",
                            null,
                            "an outside broker to subscribe on: mqtt://USER:PASSWORD@HOST:1883, with TLS mqtts://"),
                    new Setting(
                            "bridge-ca",
                            "FILE",
                            null,
                            "who signs that broker's certificate, PEM; else who this machine trusts"),
                    new Setting(
                            "bridge-group",
                            "NAME",
                            "tethral",
                            "of the shared subscriptions there: the same on all nodes"),
                    new Setting(
                            "bridge-topics",
                            "LIST",
                            null,
                            "further topic filters there, with commas between them"),
                    new Setting(
                            "self-registration-profile",
                            "NAME",
                            null,
                            "unknown devices behind gateways, on mapped topics and on the outside broker become devices of this profile"),
                    new Setting(
                            "topic-maps",
                            "LIST",
                            null,
                            "tasmota, zigbee2mqtt, homie, shelly, and PATTERN=KIND, with commas between them"),
                    new Setting(
                            "mqtt-open-topics",
                            "true|false",
                            "false",
                            "let MQTT clients use general topics without log-in, on loopback only"),
                    new Setting(
                            "private-targets",
                            "true|false",
                            "false",
                            "let webhooks and Kafka sinks go to this machine and to private networks"),
                    new Setting(
                            "thingspeak-url",
                            "URL",
                            ThingSpeak.SERVER.toString(),
                            "where channels of ThingSpeak are read"),
                    new Setting(
                            "thingspeak-calls-per-minute",
                            "N",
                            Integer.toString(Terms.CALLS_PER_MINUTE_DEFAULT),
                            "calls there of one account"),
                    OtherProtocols.SETTING,
                    new Setting(
                            "writers",
                            "N",
                            null,
                            "writers to the database; else 1 on SQLite, 2 on PostgreSQL"),
                    new Setting("log-level", "LEVEL", "info", "error, warn, info or debug"),
                    new Setting("log-format", "FORMAT", "text", "text or json"));

    static final List<Setting> LIST =
            Stream.of(
                            PROGRAM,
                            LorawanSettings.LIST,
                            IdentityProviderSettings.SETTINGS,
                            RetentionSettings.LIST)
                    .flatMap(List::stream)
                    .toList();

    static final List<String> NAMES = LIST.stream().map(Setting::name).toList();
}
