package org.tethral;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Properties;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.tethral.cli.Failure;
import org.tethral.cli.Given;
import org.tethral.cli.Setting;
import org.tethral.kernel.TlsFiles;
import org.tethral.payload.TopicMaps;
import org.tethral.retention.Policy;
import org.tethral.sql.DatabaseUrl;

/// How the program is set up, checked. A flag wins over the environment, the environment over the
/// file of `--config`, and that over the default.
///
/// @param database `sqlite:FILE` or `postgresql://…`
/// @param httpPort empty: no such listener; 0: a free port. So with every port; those with TLS are
///   empty without a certificate
/// @param node the name of this process among those that share the database; empty: made once and
///   kept in the home
/// @param secretsKey where the key is that encrypts kept secrets; null: in the home
/// @param messageBytesMax the largest message of a device
/// @param selfRegistrationProfile its devices need not be registered where others speak for them;
///   null: none
/// @param outsideBroker null: none
/// @param writers lanes of the ingest pipeline; 0: what suits the database
/// @param inForce every setting, as text, with its origin
public record Config(
        Path home,
        String database,
        String bind,
        OptionalInt httpPort,
        OptionalInt httpsPort,
        OptionalInt mqttPort,
        OptionalInt mqttsPort,
        OptionalInt mqttWebsocketPort,
        OptionalInt coapPort,
        OptionalInt coapsPort,
        String node,
        @Nullable Path secretsKey,
        @Nullable TlsFiles tls,
        int messageBytesMax,
        boolean openRegistration,
        boolean privateTargets,
        @Nullable String selfRegistrationProfile,
        TopicMaps topicMaps,
        boolean mqttOpenTopics,
        @Nullable OutsideBroker outsideBroker,
        LorawanSettings lorawan,
        Fetching.Settings fetching,
        int writers,
        Policy retention,
        LogLevel logLevel,
        LogFormat logFormat,
        List<Setting.InForce> inForce) {

    public enum LogLevel {
        ERROR,
        WARN,
        INFO,
        DEBUG
    }

    public enum LogFormat {
        TEXT,
        JSON
    }

    private static final int MESSAGE_BYTES_LEAST = 1_024;
    private static final int MESSAGE_BYTES_MOST = 16 * 1024 * 1024;
    private static final int WRITERS_MOST = 64;
    static final Pattern LOOPBACK = Pattern.compile("127\\.\\d+\\.\\d+\\.\\d+|::1|localhost");

    /// Variables that begin like ours and are not settings: those of the commands, of the launcher
    /// and the tests, and those that Kubernetes and Docker make for a service that is called like
    /// us.
    private static final Pattern FOREIGN_VARIABLE =
            Pattern.compile(
                    "TETHRAL_(SERVER|API_KEY|JAVA_OPTS|EXTENSIONS|TEST_.*|(.*_)?(SERVICE_HOST|SERVICE_PORT(_.*)?|PORT_\\d+_(TCP|UDP).*)|PORT)");

    /// @throws Failure names the setting, its origin and what is wrong
    public static Config resolve(Given given) {
        var values = new Values(given);
        var home = Path.of(values.text("home"));
        var database = values.database("sqlite:" + home.resolve("tethral.db"));
        var tls = values.tls();
        var tlsOnly = tls == null ? "off" : null;
        return new Config(
                home,
                database,
                values.text("bind"),
                values.port("http-port", null),
                values.port("https-port", tlsOnly),
                values.port("mqtt-port", null),
                values.port("mqtts-port", tlsOnly),
                values.port("mqtt-websocket-port", null),
                values.port("coap-port", null),
                values.port("coaps-port", null),
                values.node(),
                values.file("secrets-key"),
                tls,
                values.number("message-bytes-max", MESSAGE_BYTES_LEAST, MESSAGE_BYTES_MOST),
                values.truth("open-registration"),
                values.truth("private-targets"),
                values.isSet("self-registration-profile")
                        ? values.text("self-registration-profile")
                        : null,
                values.topicMaps(),
                values.openTopics(),
                OutsideBroker.of(values),
                LorawanSettings.of(values),
                Fetching.Settings.of(
                        values.text("thingspeak-url"),
                        values.number("thingspeak-calls-per-minute", 1, 100_000)),
                values.isSet("writers") ? values.number("writers", 1, WRITERS_MOST) : 0,
                RetentionSettings.policy(values::text, values::wrong),
                values.word("log-level", LogLevel.class),
                values.word("log-format", LogFormat.class),
                values.inForce());
    }

    /// Settings as text, each with who set it.
    private static final class Values implements SettingValues {
        private final Map<String, String> values = new HashMap<>();
        private final Map<String, String> origins = new HashMap<>();

        Values(Given given) {
            for (var setting : AllSettings.LIST) {
                if (setting.standard() != null) {
                    values.put(setting.name(), setting.standard());
                }
            }
            if (given.file() != null) {
                read(given.file());
            }
            readVariables(given.environment());
            given.flags().forEach((name, value) -> set(name, value, "--" + name, "--%s"));
        }

        private void read(Path file) {
            var properties = new Properties();
            try (var reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
                properties.load(reader);
            } catch (IOException | IllegalArgumentException e) {
                throw Failure.misused("cannot read the settings in " + file + ": " + reason(e));
            }
            properties.stringPropertyNames().stream()
                    .sorted()
                    .forEach(name ->
                            set(
                                    name,
                                    properties.getProperty(name).strip(),
                                    file.toString(),
                                    "%s in " + file));
        }

        private void readVariables(Map<String, String> environment) {
            var url = environment.get("DATABASE_URL");
            if (url != null && !url.isBlank()) {
                set("database", url, "DATABASE_URL", "DATABASE_URL");
            }
            for (var name : environment.keySet().stream().sorted().toList()) {
                if (name.startsWith(Setting.ENVIRONMENT_PREFIX)
                        && !FOREIGN_VARIABLE.matcher(name).matches()) {
                    var setting =
                            name.substring(Setting.ENVIRONMENT_PREFIX.length())
                                    .toLowerCase(Locale.ROOT)
                                    .replace('_', '-');
                    set(
                            setting,
                            String.valueOf(environment.get(name)),
                            name,
                            Setting.ENVIRONMENT_PREFIX + "%s");
                }
            }
        }

        /// @param form how a name looks where it was given
        private void set(String name, String value, String origin, String form) {
            if (!AllSettings.NAMES.contains(name)) {
                throw Failure.misused(
                        "unknown setting "
                                + written(form, name)
                                + ": did you mean "
                                + written(form, Spelling.nearest(name, AllSettings.NAMES))
                                + "?");
            }
            values.put(name, value);
            origins.put(name, origin);
        }

        private static String written(String form, String name) {
            var upper = form.startsWith(Setting.ENVIRONMENT_PREFIX);
            return form.replace(
                    "%s", upper ? name.toUpperCase(Locale.ROOT).replace('-', '_') : name);
        }

        @Override
        public boolean isSet(String name) {
            return values.containsKey(name);
        }

        @Override
        public String text(String name) {
            var value = values.get(name);
            if (value == null || value.isBlank()) {
                throw wrong(name, "must not be empty");
            }
            return value;
        }

        OptionalInt port(String name, @Nullable String instead) {
            var value = instead == null ? text(name) : instead;
            if (value.equals("off")) {
                return OptionalInt.empty();
            }
            try {
                var port = Integer.parseInt(value);
                if (port >= 0 && port <= 65_535) {
                    return OptionalInt.of(port);
                }
            } catch (NumberFormatException e) {
                // told below
            }
            throw wrong(name, "is no port: 0 to 65535, or off");
        }

        int number(String name, int least, int most) {
            try {
                var number = Integer.parseInt(text(name));
                if (number >= least && number <= most) {
                    return number;
                }
            } catch (NumberFormatException e) {
                // told below
            }
            throw wrong(name, "must be a number from " + least + " to " + most);
        }

        boolean truth(String name) {
            return switch (text(name)) {
                case "true" -> true;
                case "false" -> false;
                default -> throw wrong(name, "must be true or false");
            };
        }

        /// Whoever reaches the port may use them, so the port must not be reached from elsewhere.
        boolean openTopics() {
            var open = truth("mqtt-open-topics");
            if (open && !LOOPBACK.matcher(text("bind")).matches()) {
                throw wrong(
                        "mqtt-open-topics",
                        "needs bind to be a loopback address, not " + text("bind"));
            }
            return open;
        }

        <E extends Enum<E>> E word(String name, Class<E> words) {
            var value = text(name);
            for (var word : words.getEnumConstants()) {
                if (word.name().toLowerCase(Locale.ROOT).equals(value)) {
                    return word;
                }
            }
            var all =
                    String.join(
                            ", ",
                            List.of(words.getEnumConstants()).stream().map(Enum::name).toList());
            throw wrong(name, "must be one of " + all.toLowerCase(Locale.ROOT));
        }

        String database(String standard) {
            if (!isSet("database")) {
                values.put("database", standard);
                return standard;
            }
            var url = text("database");
            try {
                DatabaseUrl.parse(url);
            } catch (IllegalArgumentException e) {
                throw wrong("database", "cannot be used: " + e.getMessage());
            }
            return url;
        }

        TopicMaps topicMaps() {
            try {
                return TopicMaps.parse(values.getOrDefault("topic-maps", ""));
            } catch (IllegalArgumentException e) {
                throw wrong("topic-maps", "cannot be used: " + e.getMessage());
            }
        }

        String node() {
            var name = values.getOrDefault("node", "");
            if (!name.matches("[A-Za-z0-9._-]{0,64}")) {
                throw wrong("node", "must have 1 to 64 letters, digits, . _ and -");
            }
            return name;
        }

        @Nullable TlsFiles tls() {
            var certificate = file("tls-certificate");
            var key = file("tls-key");
            var clients = file("tls-client-ca");
            if (certificate == null && key == null && clients == null) {
                return null;
            }
            if (certificate == null || key == null) {
                throw Failure.misused("TLS needs both tls-certificate and tls-key");
            }
            return new TlsFiles(certificate, key, clients);
        }

        @Override
        public @Nullable Path file(String name) {
            if (!isSet(name)) {
                return null;
            }
            var file = Path.of(text(name));
            if (!Files.isReadable(file)) {
                throw wrong(name, "is not a file that can be read");
            }
            return file;
        }

        @Override
        public Failure wrong(String name, String what) {
            var origin = origins.getOrDefault(name, name);
            var value = masked(values.getOrDefault(name, ""));
            return Failure.misused(origin + " = '" + value + "' " + what);
        }

        List<Setting.InForce> inForce() {
            var all = new ArrayList<Setting.InForce>();
            for (var setting : AllSettings.LIST) {
                var value = values.get(setting.name());
                all.add(
                        new Setting.InForce(
                                setting,
                                value == null ? null : masked(value),
                                origins.getOrDefault(setting.name(), "default")));
            }
            return List.copyOf(all);
        }
    }

    /// A URL without its password.
    static String masked(String text) {
        return text.replaceFirst("^(\\w+://[^/@:]*):[^/]*@", "$1:…@")
                .replaceAll("(?i)(password=)[^&]*", "$1…");
    }

    /// What is wrong with a file, in words: the exceptions of files often have only its name as
    /// message.
    static String reason(Exception e) {
        return switch (e) {
            case NoSuchFileException _ -> "there is no such file";
            case AccessDeniedException _ -> "permission denied";
            case FileAlreadyExistsException _ -> "there is a file of that name";
            case FileSystemException file when file.getReason() != null -> file.getReason();
            default -> String.valueOf(e.getMessage());
        };
    }
}
