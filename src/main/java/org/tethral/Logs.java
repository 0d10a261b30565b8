package org.tethral;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ConfiguratorRank;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.EncoderBase;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.slf4j.LoggerFactory;
import org.slf4j.event.KeyValuePair;
import org.tethral.json.Json;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// The logs: one line per fact on the error output, its values as `name=value` or as JSON. Set up
/// here and not in an XML file, because reading one takes a tenth of a second at each start; a file
/// named by `logback.configurationFile` is still honoured.
@ConfiguratorRank(ConfiguratorRank.CUSTOM_HIGH_PRIORITY)
public final class Logs extends ContextAwareBase implements Configurator {

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        if (System.getProperty("logback.configurationFile") != null) {
            return ExecutionStatus.INVOKE_NEXT_IF_ANY;
        }
        var encoder = new LineEncoder();
        encoder.setContext(context);
        encoder.start();
        var appender = new ConsoleAppender<ILoggingEvent>();
        appender.setContext(context);
        appender.setTarget("System.err");
        appender.setEncoder(encoder);
        appender.setName("stderr");
        appender.start();
        var root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.WARN);
        root.addAppender(appender);
        // its warnings quote messages, tokens included, as often as a stranger likes
        context.getLogger("org.eclipse.californium").setLevel(Level.ERROR);
        // one warning for each attempt to reach a broker that is away; the subscription says it too
        context.getLogger("org.apache.kafka").setLevel(Level.ERROR);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    /// From now on. Libraries say no more than warnings, except at `debug`, where they inform.
    static void apply(Config config) {
        level(config.logLevel());
        LineEncoder.format = config.logFormat();
    }

    static void level(Config.LogLevel level) {
        if (!(LoggerFactory.getILoggerFactory() instanceof LoggerContext context)) {
            return;
        }
        var ours = Level.toLevel(level.name());
        context.getLogger("org.tethral").setLevel(ours);
        context.getLogger(Logger.ROOT_LOGGER_NAME)
                .setLevel(
                        switch (level) {
                            case ERROR -> Level.ERROR;
                            case WARN, INFO -> Level.WARN;
                            case DEBUG -> Level.INFO;
                        });
    }

    static final class LineEncoder extends EncoderBase<ILoggingEvent> {

        static volatile Config.LogFormat format = Config.LogFormat.TEXT;

        @Override
        public byte[] encode(ILoggingEvent event) {
            var line =
                    switch (format) {
                        case TEXT -> text(event);
                        case JSON -> json(event) + "\n";
                    };
            return line.getBytes(StandardCharsets.UTF_8);
        }

        private static String text(ILoggingEvent event) {
            var line = new StringBuilder(160);
            line.append(event.getInstant())
                    .append(' ')
                    .append(String.format("%-5s", event.getLevel()))
                    .append(' ');
            var logger = event.getLoggerName();
            line.append(logger.substring(logger.lastIndexOf('.') + 1)).append(": ");
            line.append(oneLine(event.getFormattedMessage()));
            for (var pair : pairs(event)) {
                line.append(' ')
                        .append(pair.key)
                        .append('=')
                        .append(quoted(String.valueOf(pair.value)));
            }
            line.append('\n');
            if (event.getThrowableProxy() != null) {
                line.append(ThrowableProxyUtil.asString(event.getThrowableProxy()));
            }
            return line.toString();
        }

        private static String json(ILoggingEvent event) {
            var line =
                    Document.of("time", Value.of(event.getInstant().toString()))
                            .with("level", Value.of(event.getLevel().toString()))
                            .with("logger", Value.of(event.getLoggerName()))
                            .with("message", Value.of(event.getFormattedMessage()));
            for (var pair : pairs(event)) {
                line = line.with(pair.key, value(pair.value));
            }
            if (event.getThrowableProxy() != null) {
                line =
                        line.with(
                                "error",
                                Value.of(ThrowableProxyUtil.asString(event.getThrowableProxy())));
            }
            return Json.write(line);
        }

        private static Value value(@org.jspecify.annotations.Nullable Object value) {
            return switch (value) {
                case null -> Value.Null.NULL;
                case Integer number -> Value.of(number.longValue());
                case Long number -> Value.of(number);
                case Double number when Double.isFinite(number) -> Value.of(number);
                case Boolean truth -> Value.of(truth);
                default -> Value.of(String.valueOf(value));
            };
        }

        private static List<KeyValuePair> pairs(ILoggingEvent event) {
            var pairs = event.getKeyValuePairs();
            return pairs == null ? List.of() : pairs;
        }

        private static String quoted(String value) {
            var plain = oneLine(value);
            return plain.isEmpty() || plain.indexOf(' ') >= 0 || plain.indexOf('"') >= 0
                    ? '"' + plain.replace("\"", "\\\"") + '"'
                    : plain;
        }

        /// What a device sends must not look like a line of ours.
        private static String oneLine(String text) {
            return text.codePoints().noneMatch(Character::isISOControl)
                    ? text
                    : text.replaceAll("\\p{Cntrl}", "?");
        }

        @Override
        public byte[] headerBytes() {
            return new byte[0];
        }

        @Override
        public byte[] footerBytes() {
            return new byte[0];
        }
    }
}
