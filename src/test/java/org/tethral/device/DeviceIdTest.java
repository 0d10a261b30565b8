package org.tethral.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DeviceIdTest {

    @ParameterizedTest
    @ValueSource(
            strings = {"pump-7", "24:6F:28:AA:BB:CC", "Device A", "温度-1", "a.b_c@site~1", "🌡"})
    void takesWhatPeopleCallTheirDevices(String id) {
        assertThat(new DeviceId(id).value()).isEqualTo(id);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", "a/b", "a+", "#", "what?", "100%", " a", "a ", "a\nb", "\u0000", ".", "..",
                "\ud83c", "\udf21a"
            })
    void refusesWhatWouldMeanSomethingElseInATopicOrAPath(String id) {
        assertThatIllegalArgumentException().isThrownBy(() -> new DeviceId(id));
    }

    @Test
    void isAtMost255Long() {
        assertThat(new DeviceId("x".repeat(255)).value()).hasSize(255);
        assertThatIllegalArgumentException().isThrownBy(() -> new DeviceId("x".repeat(256)));
    }
}
