package org.tethral.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ValueTest {

    @Test
    void comparesNumbersByValueNotByTheWayTheyAreWritten() {
        assertThat(Value.of(10)).isEqualTo(Value.of(10.0)).hasSameHashCodeAs(Value.of(10.0));
        assertThat(Value.of(0.0)).isEqualTo(Value.of(-0.0)).hasSameHashCodeAs(Value.of(-0.0));
        assertThat(Value.of(10)).isNotEqualTo(Value.of(10.5)).isNotEqualTo(Value.of("10"));
    }

    @Test
    void tellsLargeWholeNumbersApartThatADoubleDoesNot() {
        assertThat(Value.of(9_007_199_254_740_993L))
                .isNotEqualTo(Value.of(9_007_199_254_740_992L))
                .isNotEqualTo(Value.of(9_007_199_254_740_992.0));
    }

    @Test
    void refusesNumbersThatJsonCannotWrite() {
        assertThatThrownBy(() -> Value.of(Double.NaN)).hasMessage("a number must be finite");
        assertThatThrownBy(() -> Value.of(Double.POSITIVE_INFINITY))
                .hasMessage("a number must be finite");
    }
}
