package org.tethral.alert;

public enum Operator {
    ABOVE(">"),
    AT_LEAST(">="),
    BELOW("<"),
    AT_MOST("<="),
    EQUAL("="),
    DIFFERENT("!=");

    private final String sign;

    Operator(String sign) {
        this.sign = sign;
    }

    public String sign() {
        return sign;
    }

    public boolean holds(double value, double threshold) {
        return switch (this) {
            case ABOVE -> value > threshold;
            case AT_LEAST -> value >= threshold;
            case BELOW -> value < threshold;
            case AT_MOST -> value <= threshold;
            case EQUAL -> value == threshold;
            case DIFFERENT -> value != threshold;
        };
    }

    /// Whether an alert may stay open until the value passes `clear`: it lies on the side of the
    /// threshold where the condition does not hold, or is the threshold itself.
    boolean allowsClear(double threshold, double clear) {
        return switch (this) {
            case ABOVE, AT_LEAST -> clear <= threshold;
            case BELOW, AT_MOST -> clear >= threshold;
            case EQUAL, DIFFERENT -> clear == threshold;
        };
    }

    public static Operator parse(String sign) {
        for (var operator : values()) {
            if (operator.sign.equals(sign)) {
                return operator;
            }
        }
        throw new IllegalArgumentException("no operator '" + sign + "': > >= < <= = or !=");
    }
}
