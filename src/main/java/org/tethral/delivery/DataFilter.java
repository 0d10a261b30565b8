package org.tethral.delivery;

/// A condition on the data of events, as it was written and as it was understood.
///
/// @param text empty: any data will do
public record DataFilter(String text, Condition condition) {

    public static final DataFilter NONE = new DataFilter("", Condition.ALWAYS);

    /// @throws Condition.Malformed says what is wrong and where
    public static DataFilter parse(String text) {
        return new DataFilter(text, Condition.parse(text));
    }
}
