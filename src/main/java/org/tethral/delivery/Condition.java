package org.tethral.delivery;

import java.util.List;
import java.util.Optional;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// A condition on the `data` of an event, as people write it:
///
/// ```
/// temperature >= 30 and not (unit = 'F') and exists sensor.serial
/// ```
///
/// ```
/// condition  = all { "or" all }
/// all        = one { "and" one }
/// one        = "not" one | "(" condition ")" | "exists" path | path operator value
///            | path "in" "(" value { "," value } ")"
/// operator   = "=" | "!=" | "<" | "<=" | ">" | ">=" | "contains" | "starts"
/// path       = name { "." name | "[" number "]" }
/// name       = a letter or _, then letters, digits, _ and -  |  any text between back-quotes
/// value      = a JSON number | 'text' | "text" | true | false | null
/// ```
///
/// In a text a quote is doubled (`'it''s'`). A comparison with a value that is not there, or of
/// another kind, is false, `!=` too: ask for it with `exists`. Numbers and texts have an order;
/// `contains` looks into texts and lists, `starts` at the beginning of texts.
public sealed interface Condition {

    int LENGTH_MAX = 2_000;
    int DEPTH_MAX = 32;

    Condition ALWAYS = new All(List.of());

    /// @throws Malformed says what is wrong and where
    static Condition parse(String text) {
        return text.isBlank() ? ALWAYS : new ConditionParser(text).whole();
    }

    boolean holds(Document data);

    record All(List<Condition> parts) implements Condition {
        public All {
            parts = List.copyOf(parts);
        }

        @Override
        public boolean holds(Document data) {
            return parts.stream().allMatch(part -> part.holds(data));
        }
    }

    record Any(List<Condition> parts) implements Condition {
        public Any {
            parts = List.copyOf(parts);
        }

        @Override
        public boolean holds(Document data) {
            return parts.stream().anyMatch(part -> part.holds(data));
        }
    }

    record Not(Condition part) implements Condition {
        @Override
        public boolean holds(Document data) {
            return !part.holds(data);
        }
    }

    record Exists(Path path) implements Condition {
        @Override
        public boolean holds(Document data) {
            return path.in(data).isPresent();
        }
    }

    record Compare(Path path, Operator operator, Value value) implements Condition {
        @Override
        public boolean holds(Document data) {
            return path.in(data).filter(actual -> operator.holds(actual, value)).isPresent();
        }
    }

    record In(Path path, List<Value> values) implements Condition {
        public In {
            values = List.copyOf(values);
        }

        @Override
        public boolean holds(Document data) {
            return path.in(data).filter(values::contains).isPresent();
        }
    }

    /// Names and list indexes, from the outside in.
    record Path(List<Object> steps) {
        public Path {
            steps = List.copyOf(steps);
        }

        Optional<Value> in(Document data) {
            Value at = data;
            for (var step : steps) {
                var next =
                        switch (at) {
                            case Document document when step instanceof String name ->
                                    document.find(name);
                            case Value.Array(var items)
                                    when step instanceof Integer index && index < items.size() ->
                                    Optional.of(items.get(index));
                            case Document _,
                                    Value.Array _,
                                    Value.Text _,
                                    Value.Numeric _,
                                    Value.Bool _,
                                    Value.Null _ ->
                                    Optional.<Value>empty();
                        };
                if (next.isEmpty()) {
                    return Optional.empty();
                }
                at = next.get();
            }
            return Optional.of(at);
        }
    }

    enum Operator {
        EQUAL,
        UNEQUAL,
        LESS,
        AT_MOST,
        MORE,
        AT_LEAST,
        CONTAINS,
        STARTS;

        boolean holds(Value actual, Value asked) {
            return switch (this) {
                case EQUAL -> actual.equals(asked);
                case UNEQUAL -> alike(actual, asked) && !actual.equals(asked);
                case LESS -> ordered(actual, asked) && compared(actual, asked) < 0;
                case AT_MOST -> ordered(actual, asked) && compared(actual, asked) <= 0;
                case MORE -> ordered(actual, asked) && compared(actual, asked) > 0;
                case AT_LEAST -> ordered(actual, asked) && compared(actual, asked) >= 0;
                case CONTAINS ->
                        actual instanceof Value.Array(var items)
                                ? items.contains(asked)
                                : actual instanceof Value.Text(var text)
                                        && asked instanceof Value.Text(var part)
                                        && text.contains(part);
                case STARTS ->
                        actual instanceof Value.Text(var text)
                                && asked instanceof Value.Text(var part)
                                && text.startsWith(part);
            };
        }

        private static boolean alike(Value one, Value other) {
            return one.getClass() == other.getClass();
        }

        private static boolean ordered(Value one, Value other) {
            return alike(one, other) && (one instanceof Value.Numeric || one instanceof Value.Text);
        }

        private static int compared(Value one, Value other) {
            return one instanceof Value.Numeric left && other instanceof Value.Numeric right
                    ? compared(left.value(), right.value())
                    : one instanceof Value.Text(var left) && other instanceof Value.Text(var right)
                            ? left.compareTo(right)
                            : 0;
        }

        /// Whole numbers beyond 2^53 keep their difference.
        private static int compared(Number left, Number right) {
            return left instanceof Long whole && right instanceof Long other
                    ? whole.compareTo(other)
                    : Double.compare(left.doubleValue() + 0.0, right.doubleValue() + 0.0);
        }
    }

    /// A condition that cannot be understood.
    final class Malformed extends IllegalArgumentException {
        private static final long serialVersionUID = 1L;

        private final int position;

        Malformed(String what, int position) {
            super(what + ", at character " + (position + 1));
            this.position = position;
        }

        /// From 0.
        public int position() {
            return position;
        }
    }
}
