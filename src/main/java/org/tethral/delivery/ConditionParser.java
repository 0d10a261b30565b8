package org.tethral.delivery;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.tethral.kernel.Value;

/// Reads a [Condition] from left to right, one method per line of its grammar.
final class ConditionParser {

    private static final Pattern NUMBER =
            Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?");
    private static final int INDEX_DIGITS_MAX = 6;

    private final String text;
    private int at;
    private int depth;

    ConditionParser(String text) {
        this.text = text;
    }

    Condition whole() {
        if (text.length() > Condition.LENGTH_MAX) {
            throw wrong(
                    "a condition has " + Condition.LENGTH_MAX + " characters at most",
                    Condition.LENGTH_MAX);
        }
        var condition = condition();
        if (!atEnd()) {
            throw wrong("expected 'and', 'or' or the end", at);
        }
        return condition;
    }

    private Condition condition() {
        if (++depth > Condition.DEPTH_MAX) {
            throw wrong("more than " + Condition.DEPTH_MAX + " levels", at);
        }
        var parts = new ArrayList<>(List.of(all()));
        while (word("or")) {
            parts.add(all());
        }
        depth--;
        return parts.size() == 1 ? parts.getFirst() : new Condition.Any(parts);
    }

    private Condition all() {
        var parts = new ArrayList<>(List.of(one()));
        while (word("and")) {
            parts.add(one());
        }
        return parts.size() == 1 ? parts.getFirst() : new Condition.All(parts);
    }

    private Condition one() {
        var negations = 0;
        while (word("not")) {
            negations++;
        }
        var condition = plain();
        return negations % 2 == 0 ? condition : new Condition.Not(condition);
    }

    private Condition plain() {
        if (symbol("(")) {
            var inner = condition();
            expect(")");
            return inner;
        }
        if (word("exists")) {
            return new Condition.Exists(path());
        }
        var path = path();
        if (word("in")) {
            return new Condition.In(path, values());
        }
        return new Condition.Compare(path, operator(), value());
    }

    private List<Value> values() {
        expect("(");
        var values = new ArrayList<>(List.of(value()));
        while (symbol(",")) {
            values.add(value());
        }
        expect(")");
        return values;
    }

    private Condition.Operator operator() {
        if (symbol("<=")) {
            return Condition.Operator.AT_MOST;
        } else if (symbol(">=")) {
            return Condition.Operator.AT_LEAST;
        } else if (symbol("!=")) {
            return Condition.Operator.UNEQUAL;
        } else if (symbol("=")) {
            return Condition.Operator.EQUAL;
        } else if (symbol("<")) {
            return Condition.Operator.LESS;
        } else if (symbol(">")) {
            return Condition.Operator.MORE;
        } else if (word("contains")) {
            return Condition.Operator.CONTAINS;
        } else if (word("starts")) {
            return Condition.Operator.STARTS;
        }
        throw wrong("expected = != < <= > >= contains, starts or in", at);
    }

    private Condition.Path path() {
        var steps = new ArrayList<Object>();
        steps.add(name());
        while (at < text.length()) {
            if (text.charAt(at) == '.') {
                at++;
                steps.add(name());
            } else if (text.charAt(at) == '[') {
                at++;
                steps.add(index());
            } else {
                break;
            }
        }
        return new Condition.Path(steps);
    }

    private String name() {
        skipBlanks();
        var start = at;
        if (at < text.length() && text.charAt(at) == '`') {
            return quoted();
        }
        while (at < text.length() && isOfName(text.charAt(at), at == start)) {
            at++;
        }
        if (at == start) {
            throw wrong("expected the name of a value", at);
        }
        return text.substring(start, at);
    }

    private static boolean isOfName(char c, boolean first) {
        return Character.isLetter(c) || c == '_' || !first && (Character.isDigit(c) || c == '-');
    }

    private Integer index() {
        var start = at;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        if (at == start || at - start > INDEX_DIGITS_MAX) {
            throw wrong("expected the place in a list: a number from 0", start);
        }
        var index = Integer.valueOf(text.substring(start, at));
        expect("]");
        return index;
    }

    private Value value() {
        skipBlanks();
        if (at < text.length() && (text.charAt(at) == '\'' || text.charAt(at) == '"')) {
            return Value.of(quoted());
        }
        if (word("true")) {
            return Value.Bool.TRUE;
        } else if (word("false")) {
            return Value.Bool.FALSE;
        } else if (word("null")) {
            return Value.Null.NULL;
        }
        var number = NUMBER.matcher(text).region(at, text.length());
        if (!number.lookingAt()) {
            throw wrong("expected a number, a text in quotes, true, false or null", at);
        }
        var start = at;
        at = number.end();
        if (at < text.length() && (isOfName(text.charAt(at), false) || text.charAt(at) == '.')) {
            throw wrong("this is no number", start);
        }
        return number(number.group(), start);
    }

    private Value number(String digits, int start) {
        try {
            return digits.matches("-?[0-9]{1,18}")
                    ? Value.of(Long.parseLong(digits))
                    : Value.of(Double.parseDouble(digits));
        } catch (IllegalArgumentException e) {
            throw wrong("this number is too large", start);
        }
    }

    /// What stands between quotes; a doubled quote is one of the text.
    private String quoted() {
        var start = at;
        var quote = text.charAt(at++);
        var content = new StringBuilder();
        while (at < text.length()) {
            var c = text.charAt(at++);
            if (c != quote) {
                content.append(c);
            } else if (at < text.length() && text.charAt(at) == quote) {
                content.append(quote);
                at++;
            } else {
                return content.toString();
            }
        }
        throw wrong("this quote is never closed", start);
    }

    private boolean symbol(String symbol) {
        skipBlanks();
        if (!text.startsWith(symbol, at)) {
            return false;
        }
        at += symbol.length();
        return true;
    }

    private void expect(String symbol) {
        if (!symbol(symbol)) {
            throw wrong("expected '" + symbol + "'", at);
        }
    }

    /// A word of the language, in small or capital letters, that does not go on.
    private boolean word(String word) {
        skipBlanks();
        var end = at + word.length();
        if (end > text.length()
                || !text.substring(at, end).toLowerCase(Locale.ROOT).equals(word)
                || end < text.length() && isOfName(text.charAt(end), false)) {
            return false;
        }
        at = end;
        return true;
    }

    private void skipBlanks() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
    }

    private boolean atEnd() {
        skipBlanks();
        return at >= text.length();
    }

    private static Condition.Malformed wrong(String what, int position) {
        return new Condition.Malformed(what, position);
    }
}
