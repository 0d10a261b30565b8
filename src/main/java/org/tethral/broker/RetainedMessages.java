package org.tethral.broker;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The last message of each topic whose publisher wanted it retained. Bounded. Not thread-safe.
public final class RetainedMessages {

    public static final int MESSAGES_MAX = 50_000;
    public static final long BYTES_MAX = 32L * 1024 * 1024;

    private static final class Node {
        private @Nullable Map<String, Node> children;
        private @Nullable BrokerMessage message;
    }

    private final Node root = new Node();
    private int size;
    private long bytes;

    public int size() {
        return size;
    }

    /// False: there is no room; the one before stays.
    public boolean set(BrokerMessage message) {
        var before = find(message.topic());
        var bytesAfter = bytes + message.bytes() - (before == null ? 0 : before.bytes());
        if (before == null && size >= MESSAGES_MAX || bytesAfter > BYTES_MAX) {
            return false;
        }
        var node = root;
        for (var level : message.topic().levels()) {
            if (node.children == null) {
                node.children = new HashMap<>(2);
            }
            node = node.children.computeIfAbsent(level, _ -> new Node());
        }
        node.message = message;
        size += before == null ? 1 : 0;
        bytes = bytesAfter;
        return true;
    }

    /// False when there was none.
    public boolean clear(TopicName topic) {
        return clear(root, topic, 0);
    }

    private boolean clear(Node node, TopicName topic, int depth) {
        if (depth == topic.levels().size()) {
            if (node.message == null) {
                return false;
            }
            size--;
            bytes -= node.message.bytes();
            node.message = null;
            return true;
        }
        var level = topic.levels().get(depth);
        var child = node.children == null ? null : node.children.get(level);
        if (child == null || node.children == null || !clear(child, topic, depth + 1)) {
            return false;
        }
        if (child.message == null && child.children == null) {
            node.children.remove(level);
            node.children = node.children.isEmpty() ? null : node.children;
        }
        return true;
    }

    public @Nullable BrokerMessage find(TopicName topic) {
        var node = root;
        for (var level : topic.levels()) {
            var child = node.children == null ? null : node.children.get(level);
            if (child == null) {
                return null;
            }
            node = child;
        }
        return node.message;
    }

    /// Those of matching topics that are still worth something.
    public List<BrokerMessage> matching(TopicFilter filter, Instant now) {
        var found = new ArrayList<BrokerMessage>();
        collect(root, filter, 0, found);
        found.removeIf(message -> message.expiredAt(now));
        return found;
    }

    /// Those that are worth nothing any more.
    public List<TopicName> expiredAt(Instant now) {
        var found = new ArrayList<BrokerMessage>();
        collectAll(root, found);
        return found.stream()
                .filter(message -> message.expiredAt(now))
                .map(BrokerMessage::topic)
                .toList();
    }

    private static void collect(
            Node node, TopicFilter filter, int depth, List<BrokerMessage> found) {
        if (depth == filter.levels().size()) {
            add(node, found);
            return;
        }
        var level = filter.levels().get(depth);
        if (level.equals(TopicFilter.REST)) {
            if (depth > 0) {
                add(node, found);
            }
            eachChild(node, depth, child -> collectAll(child, found));
        } else if (level.equals(TopicFilter.ONE)) {
            eachChild(node, depth, child -> collect(child, filter, depth + 1, found));
        } else {
            var child = node.children == null ? null : node.children.get(level);
            if (child != null) {
                collect(child, filter, depth + 1, found);
            }
        }
    }

    /// Without what is the server's own, where a wildcard begins a filter.
    private static void eachChild(
            Node node, int depth, java.util.function.Consumer<Node> consumer) {
        if (node.children != null) {
            node.children.forEach((name, child) -> {
                if (depth > 0 || !name.startsWith("$")) {
                    consumer.accept(child);
                }
            });
        }
    }

    private static void collectAll(Node node, List<BrokerMessage> found) {
        add(node, found);
        eachChild(node, 1, child -> collectAll(child, found));
    }

    private static void add(Node node, List<BrokerMessage> found) {
        if (node.message != null) {
            found.add(node.message);
        }
    }
}
