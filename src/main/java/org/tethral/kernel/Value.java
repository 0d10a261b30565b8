package org.tethral.kernel;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// A JSON value (RFC 8259). Immutable; equality is by content.
public sealed interface Value
        permits Value.Text, Value.Numeric, Value.Bool, Value.Null, Value.Array, Document {

    record Text(String value) implements Value {}

    /// A finite number: [Long] when it was written without fraction or exponent and fits, else
    /// [Double].
    record Numeric(Number value) implements Value {
        public Numeric {
            if (value instanceof Double d && !Double.isFinite(d)) {
                throw new IllegalArgumentException("a number must be finite");
            }
        }

        public double asDouble() {
            return value.doubleValue();
        }

        /// By value: `10.0` is `10`, as a store may write the one as the other.
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Numeric(var theirs)
                    && asDouble() == theirs.doubleValue()
                    && value.longValue() == theirs.longValue();
        }

        @Override
        public int hashCode() {
            return Double.hashCode(asDouble() + 0.0); // -0.0 is 0.0
        }
    }

    enum Bool implements Value {
        FALSE,
        TRUE;

        public static Bool of(boolean value) {
            return value ? TRUE : FALSE;
        }
    }

    enum Null implements Value {
        NULL
    }

    record Array(List<Value> items) implements Value {
        public Array {
            items = List.copyOf(items);
        }
    }

    static Value of(String value) {
        return new Text(value);
    }

    static Value of(long value) {
        return new Numeric(value);
    }

    static Value of(double value) {
        return new Numeric(value);
    }

    static Value of(boolean value) {
        return Bool.of(value);
    }
}
