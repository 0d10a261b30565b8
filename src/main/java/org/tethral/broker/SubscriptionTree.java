package org.tethral.broker;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Who subscribed to what: a tree of filter levels, so that a message costs by the levels of its
/// topic and by who gets it, not by all who subscribed. Not thread-safe.
///
/// @param <S> who subscribes; compared by `equals`
public final class SubscriptionTree<S> {

    /// Who gets a message, and by which of its subscriptions.
    public record Match<S>(S subscriber, List<Subscription> subscriptions) {}

    private static final class Node<S> {
        private @Nullable Map<String, Node<S>> children;
        private @Nullable Map<S, Subscription> plain;
        private @Nullable Map<String, Group<S>> groups;

        boolean empty() {
            return children == null && plain == null && groups == null;
        }
    }

    /// The members of a shared subscription, who take turns.
    private static final class Group<S> {
        private final Map<S, Subscription> members = new LinkedHashMap<>();
        private int turn;

        /// The next one who is present; where nobody is, the next one.
        Match<S> next(Predicate<S> present) {
            var all = new ArrayList<>(members.keySet());
            turn = (turn + 1) % all.size();
            var chosen = all.get(turn);
            for (int i = 0; i < all.size(); i++) {
                var candidate = all.get((turn + i) % all.size());
                if (present.test(candidate)) {
                    turn = (turn + i) % all.size();
                    chosen = candidate;
                    break;
                }
            }
            return new Match<>(chosen, List.of(members.get(chosen)));
        }
    }

    private final Node<S> root = new Node<>();
    private int size;

    /// In place of one with the same filter.
    public void subscribe(S subscriber, Subscription subscription) {
        var filter = subscription.filter();
        var node = root;
        for (var level : filter.levels()) {
            if (node.children == null) {
                node.children = new HashMap<>(2);
            }
            node = node.children.computeIfAbsent(level, _ -> new Node<>());
        }
        Subscription before;
        if (filter.group() == null) {
            if (node.plain == null) {
                node.plain = new LinkedHashMap<>(2);
            }
            before = node.plain.put(subscriber, subscription);
        } else {
            if (node.groups == null) {
                node.groups = new LinkedHashMap<>(2);
            }
            before =
                    node.groups
                            .computeIfAbsent(filter.group(), _ -> new Group<>())
                            .members
                            .put(subscriber, subscription);
        }
        size += before == null ? 1 : 0;
    }

    /// Nothing happens when there is none.
    public void unsubscribe(S subscriber, TopicFilter filter) {
        remove(root, subscriber, filter, 0);
    }

    private void remove(Node<S> node, S subscriber, TopicFilter filter, int depth) {
        if (depth == filter.levels().size()) {
            removeHere(node, subscriber, filter.group());
            return;
        }
        var child = node.children == null ? null : node.children.get(filter.levels().get(depth));
        if (child == null || node.children == null) {
            return;
        }
        remove(child, subscriber, filter, depth + 1);
        if (child.empty()) {
            node.children.remove(filter.levels().get(depth));
            if (node.children.isEmpty()) {
                node.children = null;
            }
        }
    }

    private void removeHere(Node<S> node, S subscriber, @Nullable String groupName) {
        if (groupName == null) {
            if (node.plain != null && node.plain.remove(subscriber) != null) {
                size--;
                node.plain = node.plain.isEmpty() ? null : node.plain;
            }
            return;
        }
        var group = node.groups == null ? null : node.groups.get(groupName);
        if (group == null || node.groups == null || group.members.remove(subscriber) == null) {
            return;
        }
        size--;
        if (group.members.isEmpty()) {
            node.groups.remove(groupName);
            node.groups = node.groups.isEmpty() ? null : node.groups;
        }
    }

    public int size() {
        return size;
    }

    /// Who gets a message of that topic: each subscriber once for all of its own subscriptions that
    /// match, and once more for each turn of a shared one that falls to it.
    ///
    /// @param present who of a shared subscription is asked first
    public List<Match<S>> match(TopicName topic, Predicate<S> present) {
        if (size == 0) {
            return List.of();
        }
        var found = new ArrayList<Node<S>>();
        collect(root, topic, 0, found);
        var plain = new LinkedHashMap<S, List<Subscription>>();
        var turns = new ArrayList<Match<S>>();
        for (var node : found) {
            if (node.plain != null) {
                node.plain.forEach((subscriber, subscription) ->
                        plain.computeIfAbsent(subscriber, _ -> new ArrayList<>(1))
                                .add(subscription));
            }
            if (node.groups != null) {
                node.groups.values().forEach(group -> turns.add(group.next(present)));
            }
        }
        var matches = new ArrayList<Match<S>>(plain.size() + turns.size());
        plain.forEach(
                (subscriber, subscriptions) -> matches.add(new Match<>(subscriber, subscriptions)));
        matches.addAll(turns);
        return matches;
    }

    /// Whether anybody gets messages of that topic.
    public boolean matches(TopicName topic) {
        var found = new ArrayList<Node<S>>();
        if (size > 0) {
            collect(root, topic, 0, found);
        }
        return found.stream().anyMatch(node -> node.plain != null || node.groups != null);
    }

    private static <S> void collect(Node<S> node, TopicName topic, int depth, List<Node<S>> found) {
        var levels = topic.levels();
        if (depth == levels.size()) {
            found.add(node);
        }
        if (node.children == null) {
            return;
        }
        var wildcards = depth > 0 || !topic.hidden();
        var rest = wildcards ? node.children.get(TopicFilter.REST) : null;
        if (rest != null) {
            found.add(rest);
        }
        if (depth == levels.size()) {
            return;
        }
        var exact = node.children.get(levels.get(depth));
        if (exact != null) {
            collect(exact, topic, depth + 1, found);
        }
        var one = wildcards ? node.children.get(TopicFilter.ONE) : null;
        if (one != null) {
            collect(one, topic, depth + 1, found);
        }
    }
}
