package org.tethral.sql;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.tethral.broker.MessageProperties;
import org.tethral.broker.TopicName;
import org.tethral.broker.Will;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// What tables of the broker hold as JSON.
final class BrokerJson {

    private BrokerJson() {}

    /// `{"text": true, "content_type", "response_topic", "correlation_data": base64, "user":
    /// [[name, value], …]}`, without what is not there.
    static Document properties(MessageProperties properties) {
        var document = Document.EMPTY;
        if (properties.text()) {
            document = document.with("text", Value.of(true));
        }
        if (properties.contentType() != null) {
            document = document.with("content_type", Value.of(properties.contentType()));
        }
        if (properties.responseTopic() != null) {
            document = document.with("response_topic", Value.of(properties.responseTopic()));
        }
        if (properties.correlationData() != null) {
            document =
                    document.with(
                            "correlation_data",
                            Value.of(
                                    Base64.getEncoder()
                                            .encodeToString(properties.correlationData())));
        }
        if (!properties.user().isEmpty()) {
            var user =
                    properties.user().stream()
                            .<Value>map(one ->
                                    new Value.Array(
                                            List.of(Value.of(one.name()), Value.of(one.value()))))
                            .toList();
            document = document.with("user", new Value.Array(user));
        }
        return document;
    }

    static MessageProperties properties(Document document) {
        if (document.isEmpty()) {
            return MessageProperties.NONE;
        }
        var user = new ArrayList<MessageProperties.User>();
        if (document.find("user").orElse(null) instanceof Value.Array(var pairs)) {
            for (var pair : pairs) {
                if (pair instanceof Value.Array(var parts)
                        && parts.get(0) instanceof Value.Text(var name)
                        && parts.get(1) instanceof Value.Text(var value)) {
                    user.add(new MessageProperties.User(name, value));
                }
            }
        }
        return new MessageProperties(
                document.find("text").isPresent(),
                document.text("content_type").orElse(null),
                document.text("response_topic").orElse(null),
                document.text("correlation_data")
                        .map(text -> Base64.getDecoder().decode(text))
                        .orElse(null),
                user);
    }

    /// All but its topic and payload.
    static Document will(Will will) {
        return Document.of("qos", Value.of(will.qos()))
                .with("retain", Value.of(will.retain()))
                .with("delay_s", Value.of(will.delaySeconds()))
                .with("expiry_s", Value.of(will.expirySeconds()))
                .with("properties", properties(will.properties()));
    }

    static Will will(String topic, byte[] payload, Document rest) {
        return new Will(
                new TopicName(topic),
                payload,
                (int) number(rest, "qos"),
                rest.find("retain").orElse(null) == Value.Bool.TRUE,
                rest.find("properties").orElse(null) instanceof Document properties
                        ? properties(properties)
                        : MessageProperties.NONE,
                number(rest, "delay_s"),
                number(rest, "expiry_s"));
    }

    private static long number(Document document, String name) {
        return document.find(name).orElse(null) instanceof Value.Numeric number
                ? (long) number.asDouble()
                : 0;
    }

    static Value numbers(List<Integer> numbers) {
        return new Value.Array(
                numbers.stream().<Value>map(number -> Value.of(number.longValue())).toList());
    }

    static List<Integer> numbers(Value value) {
        return value instanceof Value.Array(var items)
                ? items.stream()
                        .filter(Value.Numeric.class::isInstance)
                        .map(item -> (int) ((Value.Numeric) item).asDouble())
                        .toList()
                : List.of();
    }
}
